"""Agreement: labelers who agree do not fire; overlap, repeats, levels and doubtful items by hand and on real data."""

import csv
from collections import Counter
from collections.abc import Iterable

import numpy as np
import polars as pl
import pytest

from auditor.gates import Verdict, decide
from auditor.policy import gates_for, load_policy
from checks.agreement import LEAST, Agreement
from checks.contract import Data, Result
from checks.labelers import Labelers
from tests import helpers
from tests.checks.labels import oracle
from tests.tulu import preferences

Rows = list[tuple[int, str | None, str | None]]


def audit(rows: Rows) -> Data:
    items = max((row for row, *_ in rows), default=-1) + 1
    train = helpers.stored("train", {"text": [f"text {n}" for n in range(items)]})
    return Data(train=train, labels=helpers.judgements(rows))


def agreement(rows: Rows, **settings) -> dict[str, float]:
    return helpers.measured(Agreement(**settings), audit(rows))


def crowd(seed=1, *, items=200, labelers="abc", labels="xyz", right=0.95) -> Rows:
    draw = np.random.default_rng(seed)
    truth = draw.integers(0, len(labels), items)
    wrong = draw.random((items, len(labelers))) > right
    guess = draw.integers(0, len(labels), (items, len(labelers)))
    said = np.where(wrong, guess, truth[:, None])
    return [(row, who, labels[said[row, n]]) for row in range(items) for n, who in enumerate(labelers)]


def verdict(rows: Rows, *measures: str) -> Verdict:
    """What the shipped policy rules on some measures of the check."""
    gates = gates_for(
        load_policy(None), task="classification", stage="before-training", require=(), classes=3
    )
    gate = next(one for one in gates if one.id == "label-quality")
    found = decide(gate, {"agreement": Agreement().run(audit(rows))})
    return max(
        one.verdict
        for one in found.rulings
        if one.limit.check == "agreement" and one.limit.measure in measures
    )


def by_item(rows: Rows) -> list[list[str]]:
    units = {}
    for row, _, label in rows:
        units.setdefault(row, []).append(label)
    return list(units.values())


def test_labelers_who_agree_do_not_fire():
    rows = crowd(items=120)
    assert verdict(rows, "alpha", "compared_items", "flawless_items") is Verdict.PASS
    found = agreement(rows)
    assert found["alpha"] == found["alpha_nominal"] == pytest.approx(oracle.alpha(by_item(rows)))
    assert (found["compared_items"], found["flawless_items"]) == (120, 0)
    assert set(found) >= {"class_alpha[x]", "class_alpha[y]", "class_alpha[z]", "fleiss_kappa", "gwet_ac1"}
    assert not {"alpha_ordinal", "alpha_interval", "cohen_kappa"} & set(found)


@pytest.mark.parametrize(
    ("right", "ruled"),
    [(0.97, Verdict.PASS), (0.86, Verdict.WARN), (0.8, Verdict.UNKNOWN), (0.6, Verdict.BLOCK)],
)
def test_who_agrees_less_warns_and_who_guesses_is_stopped(right, ruled):
    """Alpha is the square of the share of judgements that are no guess: .94, .74, .64, .36."""
    assert verdict(crowd(items=600, right=right), "alpha") is ruled


def test_too_little_overlap_cannot_be_told():
    rows = crowd(items=LEAST - 1) + [(row, "a", "x") for row in range(100, 200)]
    result = Agreement().run(audit(rows))
    assert [(m.name, m.value, m.of) for m in result.measures] == [
        ("compared_items", 29, 129), ("flawless_items", 0, 29),
    ]  # fmt: skip
    assert result.notes[0].startswith(
        "29 items were judged by two labelers or more; agreement is not estimated"
    )
    assert verdict(rows, "alpha", "compared_items") is Verdict.UNKNOWN
    assert verdict(crowd(items=LEAST), "compared_items") is Verdict.PASS


@pytest.mark.parametrize(
    "rows", [[(0, "a", "x")], [(n, "a", "xy"[n % 2]) for n in range(50)], [(0, "a", "x")] * 50]
)
def test_one_labeler_compares_with_nobody(rows):
    assert agreement(rows)["compared_items"] == 0


def test_flawless_agreement_over_a_hundred_items_is_suspicious():
    assert agreement(crowd(items=100, right=1))["flawless_items"] == 100
    assert verdict(crowd(items=100, right=1), "flawless_items") is Verdict.WARN
    assert verdict(crowd(items=99, right=1), "flawless_items") is Verdict.PASS
    assert agreement([*crowd(items=100, right=1), (0, "d", "other")])["flawless_items"] == 0


def test_one_class_is_no_alpha():
    result = Agreement().run(audit(crowd(labels="x")))
    assert not [m for m in result.measures if "alpha" in m.name or "kappa" in m.name]
    assert "All labels of the items judged twice are the same" in result.notes[0]
    assert helpers.measured(Agreement(), audit(crowd(labels="x")))["pairwise_agreement"] == 1


def test_repeated_judgements_are_named_and_the_first_counts():
    rows = crowd(right=0.8)
    repeats = [(row, "a", "z") for row in range(0, 30, 10)]
    result = Agreement().run(audit(rows + repeats))
    assert helpers.measured(Agreement(), audit(rows + repeats)) == pytest.approx(agreement(rows))
    table = next(one for one in result.evidence if "repeat" in one.title).table
    first = {(row, who): label for row, who, label in reversed(rows)}
    assert table.select("split", "row", "line", "labeler", "first_label", "label").rows() == [
        ("train", row, row + 1, "a", first[row, "a"], "z") for row in range(0, 30, 10)
    ]
    assert any(note.startswith("3 of 603 judgements repeat") for note in result.notes)


def test_judgements_without_a_name_are_left_out_and_said():
    rows = crowd()
    unnamed = [(row, None, "z") for row in range(50)]
    assert agreement(rows + unnamed) == pytest.approx(agreement(rows))
    assert any(
        "50 of 650 judgements do not name" in one for one in Agreement().run(audit(rows + unnamed)).notes
    )


def test_null_labels_are_no_judgements():
    assert agreement([*crowd(), *((row, "d", None) for row in range(200))]) == pytest.approx(
        agreement(crowd())
    )


@pytest.mark.parametrize("rows", [[], [(0, None, "x")], [(0, "a", None)]])
def test_nothing_judged(rows):
    assert Agreement().run(audit(rows)) == Result(
        (), (), ("No judgement names its labeler and gives a label.",)
    )


def test_judgements_of_eval_do_not_count():
    data = Data(train=helpers.split("train", ["a"]), labels=helpers.judgements(crowd(), role="eval"))
    assert Agreement().run(data).measures == ()


@pytest.mark.parametrize(
    ("level", "chosen"), [("auto", "ordinal"), ("nominal", "nominal"), ("interval", "interval")]
)
def test_grades_are_ordinal_unless_told_otherwise(level, chosen):
    rows = crowd(labels="12345", right=0.7, items=60)
    result, found = Agreement(level=level).run(audit(rows)), agreement(rows, level=level)
    assert found["alpha"] == found[f"alpha_{chosen}"]
    values = {label: float(label) for label in "12345"}
    for name in ("nominal", "ordinal", "interval"):
        assert found[f"alpha_{name}"] == pytest.approx(oracle.alpha(by_item(rows), name, values))
    assert f"Alpha is {chosen}" in result.notes[0]
    assert ('set level = "nominal"' in result.notes[0]) == (level == "auto")


def test_quantities_have_no_classes():
    rows = crowd(labels=[f"{n / 4}" for n in range(20)], right=0.8)
    found = agreement(rows)
    assert found["alpha"] == found["alpha_interval"]
    assert not [name for name in found if "class" in name or name == "alpha_nominal"]


def test_a_level_for_numbers_cannot_be_had_from_text():
    assert Agreement(level="interval").run(audit(crowd())).notes[0] == (
        "level is interval, but not all labels are numbers: alpha is nominal."
    )


def test_spellings_of_one_number_are_one_label():
    rows = crowd(labels="123")
    other = [(row, who, f"{label}.0" if who == "b" else label) for row, who, label in rows]
    assert agreement(other) == pytest.approx(agreement(rows))
    assert any(
        note.startswith("3 labels are other spellings") for note in Agreement().run(audit(other)).notes
    )
    text = [(row, who, label if label != "3" else "x") for row, who, label in other]
    assert agreement(text)["alpha"] < 0.6, "beside text they are different labels"


def test_two_labelers_have_cohens_kappa():
    rows = crowd(labelers="ab", right=0.8)
    units = by_item(rows)
    assert agreement(rows)["cohen_kappa"] == pytest.approx(oracle.cohen(units)[1])


def test_skew_is_a_note():
    rows = [
        (row, who, "y" if row < 8 and who == "ab"[row % 2] else "x") for row in range(400) for who in "ab"
    ]
    assert any(
        "because labels are skewed: one of them makes up 99%" in n for n in Agreement().run(audit(rows)).notes
    )
    assert not any("skewed" in note for note in Agreement().run(audit(crowd())).notes)


def test_items_in_doubt_by_hand():
    """Dan says z to everything; on item 0 he ties with ann, and who is right otherwise outweighs him."""
    rows = crowd(labelers="abc", right=0.97, items=60) + [(row, "dan", "z") for row in range(60)]
    rows = [one for one in rows if one[0] or one[1] in ("a", "dan")]
    rows[0] = (0, "a", "x")
    result = Agreement().run(audit(rows))
    table = next(one for one in result.evidence if one.title == "Items whose majority is in doubt").table
    row = table.filter(pl.col("row") == 0).row(0, named=True)
    assert (row["labels"], row["majority_label"], row["likely_label"]) == ("1 x, 1 z", None, "x")
    assert row["text"] == "text 0"
    measure = next(m for m in result.measures if m.name == "consensus_differs")
    assert (measure.value, measure.of) == (table.height, 60)


def test_the_order_of_judgements_changes_nothing():
    rows = crowd(right=0.7)
    moved = [rows[n] for n in np.random.default_rng(1).permutation(len(rows))]
    for found, expected in zip(
        Agreement().run(audit(moved)).measures, Agreement().run(audit(rows)).measures, strict=True
    ):
        assert (found.name, found.group) == (expected.name, expected.group)
        assert found.value == pytest.approx(expected.value)
        assert found.interval == (None if expected.interval is None else pytest.approx(expected.interval))


def test_labels_in_any_script():
    swap = dict(zip("xyz", ("größe", "我", "👩‍👩‍👧"), strict=True))
    rows = [(row, who, swap[label]) for row, who, label in crowd(right=0.8)]
    found = agreement(rows)
    assert found["alpha"] == pytest.approx(agreement(crowd(right=0.8))["alpha"])
    assert "class_alpha[我]" in found


def test_a_thousand_classes():
    found = agreement(crowd(items=3000, labels=[f"class {n}" for n in range(1000)], right=0.9))
    assert sum(name.startswith("class_alpha") for name in found) > 900
    assert found["alpha"] == pytest.approx(0.81, abs=0.02)


def abuse() -> Rows:
    """Judgements of ConvAbuse."""
    with (helpers.DATA / "convabuse/train_long.csv").open(encoding="utf-8", newline="") as file:
        return numbered((row["item_id"], row["annotator"], row["is_abuse"]) for row in csv.DictReader(file))


def preferred() -> Rows:
    """Preferences between the answers of models."""
    return numbered(preferences().iter_rows())


def numbered(rows: Iterable[tuple[object, str, str]]) -> Rows:
    kept = list(rows)
    number = {name: n for n, name in enumerate(dict.fromkeys(name for name, *_ in kept))}
    return [(number[name], who, label) for name, who, label in kept]


def test_abusive_replies():
    """Graded from 1 to -3: ordinal; three ways of judging levels, by a reference implementation."""
    result = Agreement().run(audit(abuse()))
    found = {m.name: m for m in result.measures if m.group is None}
    known = {"alpha": 0.6450883779480088, "alpha_nominal": 0.42881741680644436, "alpha_ordinal": 0.6450883779480088,
             "alpha_interval": 0.7285511560064861, "pairwise_agreement": 0.794950574405557}  # fmt: skip
    assert {name: found[name].value for name in known} == pytest.approx(known, abs=1e-12)
    assert (found["compared_items"].value, found["compared_items"].of) == (2494, 2501)
    assert verdict(abuse(), "alpha") is Verdict.UNKNOWN, "the interval lies astride .667"


@pytest.mark.parametrize(
    ("read", "known"),
    [
        (abuse, {"labelers": 8, "top_labeler_share": 0.14001944714543688, "effective_labelers": 7.863786533560188,
                                      "overlap_items": 2494, "repeated_judgements": 0}),
        (preferred, {"labelers": 16, "repeated_judgements": 9}),
    ],
)  # fmt: skip
def test_labelers_of_real_crowds(read, known):
    rows = read()
    found = helpers.measured(Labelers(), audit(rows))
    assert {name: found[name] for name in known} == pytest.approx(known)
    counts = Counter(who for _, who in {(row, who) for row, who, _ in rows})
    assert found["top_labeler_share"] == pytest.approx(max(counts.values()) / counts.total())


def test_preferences_count_the_first_judgement():
    """With repeats kept alpha is .395; they are nine, and one labeler agreeing with themselves is no agreement."""
    rows = preferred()
    first = list({(row, who): (row, who, label) for row, who, label in reversed(rows)}.values())
    found = agreement(rows)
    assert found["alpha"] == pytest.approx(oracle.alpha(by_item(first)), abs=1e-12)
    assert verdict(rows, "alpha") is Verdict.BLOCK
