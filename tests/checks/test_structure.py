"""Structure: rows in order do not fire, each planted defect is counted once, with its place."""

from dataclasses import replace

import polars as pl
import pytest

from checks.contract import LEDGER, Data
from checks.faults import FAULTS
from checks.structure import Structure
from tests import helpers

CLEAN = [("How big is it?", "Three metres."), ("Wie groß ist 我?", "Größer als 😀.\tJa.\r\n"), ("{x}", "{}")]


def ledger(*findings: tuple[str, bool, int]) -> pl.DataFrame:
    """Findings of (split, lost, records)."""
    rows = [
        {"split": split, "file": "a.jsonl", "line": n, "code": "bad-json", "lost": lost, "what": "broken", "fix": "mend",
         "records": records}
        for n, (split, lost, records) in enumerate(findings, 1)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=LEDGER)


def audit(train: dict, evals: dict | None = None, **kwargs) -> Data:
    split = None if evals is None else helpers.stored("eval", evals)
    return Data(train=helpers.stored("train", train), eval=split, **kwargs)


def test_rows_in_order_do_not_fire():
    rows = helpers.turns_of(CLEAN, turns=["ua", "sua", "uaua"], label=["x", "y", "x"], rejected=["no"] * 3)
    found = helpers.measured(Structure(), audit(rows, rows))
    assert set(found) == {
        "bad_records",
        "oddities",
        "control_character_rows",
        "label_variants",
        *(fault.name for fault in FAULTS),
    }
    assert set(found.values()) == {0}
    (lengths,) = Structure().run(audit(rows, rows)).evidence
    assert lengths.title == "Lengths of the rows"


def test_planted_defects_are_counted_over_both_splits():
    train = helpers.turns_of(
        [("q", "a"), ("q {{name}}", ""), ("\x00q", "\x1b[0m"), ("q", "a\x7f")],
        turns=["ua", "uA", "uua", "ux"],
    )
    evals = {"text": ["{{a}} {{b}}", "plain"]}
    result = Structure().run(
        audit(train, evals, ledger=ledger(("train", True, 2), ("eval", True, 1), ("train", False, 5)))
    )
    found = {measure.name: (measure.value, measure.of) for measure in result.measures}
    assert found == {
        "bad_records": (3, 9), "oddities": (5, None), "blank_rows": (0, 4), "empty_turns": (1, 4), "unanswered_rows": (1, 4),
        "unknown_role_rows": (1, 4), "role_order_rows": (1, 4), "placeholder_rows": (2, 6), "control_character_rows": (1, 6),
    }  # fmt: skip
    readers, rows, _ = result.evidence
    assert readers.table["lost"].to_list() == [True, True, False], "what was lost comes first"
    assert readers.table["records"].to_list() == [2, None, 5]
    assert rows.table.select("split", "row", "file", "line").unique(maintain_order=True).rows() == [
        ("train", 1, "train0.jsonl", 2), ("train", 3, "train0.jsonl", 4), ("train", 2, "train0.jsonl", 3),
        ("eval", 0, "eval0.jsonl", 1),
    ]  # fmt: skip
    faults = {fault.name: fault.what for fault in FAULTS}
    assert rows.table.filter(pl.col("fault") == faults["placeholder_rows"]).select("split", "row", "text").rows() == [
        ("train", 1, "q {{name}}\n"), ("eval", 0, "{{a}} {{b}}"),
    ]  # fmt: skip


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x1f"])
@pytest.mark.parametrize(
    "text", ["{}", "word {} word and some more words", "我们{}", "我们昨天在北京吃了烤鸭 {} words after it"]
)
def test_control_characters(character, text):
    texts = [text.format(character), text.format("\t"), text.format("\n"), text.format("\r")]
    assert helpers.measured(Structure(), helpers.data(texts))["control_character_rows"] == 1


def test_rows_over_the_limit_by_hand():
    """Tokens: the larger of 4/3 a word and 1 a 4.5 bytes, and 4 a message."""
    rows = {"text": ["a b c d e f", "a" * 27, "a b c d e f", "a" * 28], "turns": ["ua", "ua", "uaa", "ua"]}
    # 6 words: 8 + 8 = 16 tokens; 27 bytes: 6 + 8 = 14; three messages: 8 + 12 = 20; 28 bytes: 6.2 + 8 = 14.2
    for limit, expected in ((13, 4), (14, 3), (15, 2), (16, 1), (20, 0)):
        assert helpers.measured(Structure(max_tokens=limit), audit(rows))["long_rows"] == expected
    plain = {"text": rows["text"]}  # one message each: 12, 10, 12, 10.2
    assert helpers.measured(Structure(max_tokens=10), audit(plain, plain))["long_rows"] == 6
    measure = Structure(max_tokens=10).run(audit(plain)).measures[-1]
    assert (measure.name, measure.of, measure.basis) == ("long_rows", 4, "estimated")


@pytest.mark.parametrize(
    ("limit", "value", "interval"), [(20, 1, (0, 2)), (17, 2, (1, 2)), (13, 3, (2, 3)), (27, 0, (0, 0))]
)
def test_the_interval_of_long_rows_by_hand(limit, value, interval):
    """Tokens of 20.0, 20.4 and 14: over 20 by the estimate is one; two more than 20 * .85 = 17; none over 23.5."""
    # 16 + 4, 16.4 + 4, 10.2 + 4
    rows = {"text": ["a b c d e f g h i j k l", "a" * 74, "a" * 46], "turns": ["u", "u", "u"]}
    measure = Structure(max_tokens=limit).run(audit(rows)).measures[-1]
    assert (measure.name, measure.value, measure.interval) == ("long_rows", value, interval)


def test_rows_are_counted_out_of_rows_and_records_out_of_records():
    """Three items, of which two have three and two judgements, and two plain eval rows."""
    data = audit({"text": ["a {{b}}", "c", "d"]}, {"text": ["e", "f"]}, ledger=ledger(("train", True, 2)))
    data = replace(data, train=replace(data.train, merged=3))
    of = {measure.name: measure.of for measure in Structure(max_tokens=9).run(data).measures}
    assert of == {
        "bad_records": 6 + 2 + 2, "oddities": None, "placeholder_rows": 5, "control_character_rows": 5, "long_rows": 5,
    }  # fmt: skip


@pytest.mark.parametrize("code", ["not-read", "truncated-archive", "bad-archive"])
def test_where_a_reader_gave_up_there_may_be_more_bad_records(code):
    def notes(*findings: tuple[str, str]) -> tuple[str, ...]:
        rows = [
            {"split": "train", "file": file, "code": code, "lost": True, "records": 1}
            for file, code in findings
        ]
        return (
            Structure(max_tokens=9)
            .run(audit({"text": ["a"]}, ledger=pl.DataFrame(rows, schema=LEDGER)))
            .notes[1:]
        )

    assert notes(("a", "bad-json"), ("b", "bad-parquet")) == ()
    (one,) = notes(("a", "bad-json"), ("a", code))
    assert "of 1 file could not be read to its end" in one
    assert "of 2 files could not be read" in notes(("a", code), ("b", "not-read"))[0]


def test_long_rows_count_all_that_a_row_holds():
    rows = {
        "text": ["a" * 9, "a" * 9],
        "system": [None, "s" * 90],
        "rejected": ["r", "r"],
        "prompt_bytes": [1, 1],
        "response_bytes": [7, 7],
    }
    # 10 bytes and 3 words: 4 + 4 tokens; 100 bytes and 4 words: 22.2 + 4
    assert helpers.measured(Structure(max_tokens=10), audit(rows))["long_rows"] == 1


def test_long_rows_count_the_words_of_the_system_message_too():
    rows = {"text": ["a b c", "a b c"], "system": ["a b c d e f", None], "turns": ["sua", "ua"]}
    # 9 words: 12 + 12 = 24 tokens against 4 + 8 = 12
    assert helpers.measured(Structure(max_tokens=20), audit(rows))["long_rows"] == 1


def test_row_lengths_are_only_held_against_a_limit_that_was_set():
    assert "long_rows" not in helpers.measured(Structure(), helpers.data(["a b " * 9999]))
    assert "not held" in Structure().run(helpers.data(["a"])).notes[0]
    assert "estimate" in Structure(max_tokens=9).run(helpers.data(["a"])).notes[0]


def test_all_rows_the_same_fault():
    rows = helpers.turns_of([("q", "a")] * 500, turns=["uX"] * 500)
    result = Structure().run(audit(rows))
    assert {m.name: m.value for m in result.measures if m.value} == {
        "unknown_role_rows": 500,
        "unanswered_rows": 500,
    }
    assert result.evidence[0].table.height == 1000


def test_rows_without_text():
    result = Structure().run(audit({"label": ["x", None]}, {"label": ["x"]}))
    assert {m.name: m.value for m in result.measures} == {
        "bad_records": 0,
        "oddities": 0,
        "unlabeled_rows": 1,
        "label_variants": 0,
    }
    assert result.evidence[0].table.select("row", "text").rows() == [(1, None)]


def test_eval_rows_without_text():
    assert helpers.measured(Structure(), audit({"text": ["a"]}, {"label": ["x"]}))["bad_records"] == 0


def test_one_row():
    assert set(helpers.measured(Structure(), helpers.data(["a"], ["b"])).values()) == {0}


def test_no_eval_rows():
    assert set(helpers.measured(Structure(), helpers.data(["a"], [])).values()) == {0}


def test_no_training_rows_but_lost_ones():
    found = Structure().run(audit({"text": [], "turns": []}, ledger=ledger(("train", True, 3)))).measures
    assert (found[0].name, found[0].value, found[0].of) == ("bad_records", 3, 3)
    assert {measure.value for measure in found[1:]} == {0}


def test_no_training_rows_but_eval_rows():
    assert set(helpers.measured(Structure(), helpers.data([], ["a"])).values()) == {0}
