"""Rows with personal data and secrets are counted and placed; no output tells the values."""

import polars as pl

from checks.contract import Data
from checks.private.kinds import NAMES
from checks.sensitive import Sensitive
from tests import helpers
from tests.secrets_of import EXAMPLES, NOTHING, PERSONAL, SECRETS

KEY = SECRETS["GitHub token"][0]


def measured(data):
    return helpers.measured(Sensitive(), data)


# Clean data


def test_clean_rows_hold_nothing():
    result = Sensitive().run(
        helpers.data([*NOTHING, *helpers.column("banking77/train.csv", "text")], NOTHING)
    )
    values = {measure.name: measure.value for measure in result.measures}
    assert values["secret_rows"] == values["personal_rows"] == values["sensitive_rows"] == 0
    assert result.evidence == ()


def test_examples_of_documentation_are_counted_apart():
    values = [value for values in EXAMPLES.values() for value in values]
    found = measured(helpers.data([f"it is {value} here" for value in values]))
    assert found == {"sensitive_rows": 0, "secret_rows": 0, "personal_rows": 0, "examples": len(values)}
    (told, _) = Sensitive().run(helpers.data(["joe@example.com", "a@example.com"])).notes
    assert told == "Examples of documentation do not count: 2 of e-mail address."


# Planted


def test_rows_are_counted_once_and_values_as_often_as_they_stand():
    train = ["nothing", f"a@firm.io and A@Firm.io, {KEY}", "a@firm.io b@firm.io", KEY]
    found = measured(helpers.data(train, ["c@firm.io", "-"]))
    assert found == {
        "sensitive_rows": 4,
        "secret_rows": 2,
        "personal_rows": 3,
        "found[GitHub token]": 2,
        "distinct[GitHub token]": 1,
        "found[e-mail address]": 5,
        "distinct[e-mail address]": 3,
        "examples": 0,
    }


def test_every_kind_is_counted():
    table = {**SECRETS, **PERSONAL}
    found = measured(helpers.data([f"see {value} ok" for values in table.values() for value in values]))
    assert {name: found[f"found[{name}]"] for name in NAMES} == {name: len(table[name]) for name in NAMES}
    assert found["secret_rows"] == sum(map(len, SECRETS.values()))


def test_evidence_tells_the_place_and_no_value():
    result = Sensitive().run(helpers.data(["x", f"jo@firm.io {KEY}"], [f"{KEY} {KEY}"]))
    (evidence,) = result.evidence
    assert evidence.table.columns == ["split", "row", "file", "line", "kind", "value"]
    assert evidence.table.rows() == [
        ("train", 1, "train.jsonl", 2, "GitHub token", "ghp_***"),
        ("eval", 0, "eval.jsonl", 1, "GitHub token", "ghp_***"),
        ("train", 1, "train.jsonl", 2, "e-mail address", "j***.io"),
    ]
    assert evidence.excerpts == ("value",), "--redact leaves it out"


def test_all_columns_of_text_are_looked_at():
    columns = helpers.turns_of([("ask", "say"), ("ask", "say"), ("ask", "say")])
    train = helpers.stored(
        "train",
        {
            **columns,
            "system": ["be jo@firm.io", "be jo@firm.io", None],
            "rejected": ["no", None, "p@firm.io"],
            "label": ["x", "x", None],
            "label:mood": ["x", "y", "q@firm.io"],
        },
        {"text": ["z"]},
    )
    found = measured(Data(train=train))
    assert (found["sensitive_rows"], found["found[e-mail address]"], found["distinct[e-mail address]"]) == (
        3,
        4,
        3,
    )


def test_order_of_rows_and_of_batches_changes_nothing():
    texts = [f"see {value} ok" for values in {**SECRETS, **PERSONAL}.values() for value in values] + NOTHING
    one = measured(helpers.data(texts))
    assert measured(helpers.data(texts[::-1])) == one
    batched = Data(train=helpers.split("train", texts, batch=3))
    assert measured(batched) == one
    places = [Sensitive().run(data).evidence[0].table for data in (helpers.data(texts), batched)]
    assert places[0].equals(places[1])
    assert places[0]["row"].n_unique() == one["sensitive_rows"]


def test_nulls_and_no_rows():
    assert measured(helpers.data([]))["sensitive_rows"] == 0
    train = helpers.stored("train", {"text": [None, "", "a@firm.io"]})
    found = Sensitive().run(Data(train=train))
    assert found.evidence[0].table.select("row", "line").rows() == [(2, 3)]
    assert found.evidence[0].table.schema["value"] == pl.String
