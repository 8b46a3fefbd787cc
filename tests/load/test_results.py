"""Result files: what is read, which example it is about, and what is refused."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from auditor.errors import DataError
from auditor.load.results import load_results, read_results
from checks.contract import RESULTS, Split
from tests import helpers

EVAL = ["what is one", "what is two", "what is three", "what is four"]


def evals(ids=("a", "b", "c", "d")) -> Split:
    columns = {"text": EVAL[: len(ids)]} if ids else {"text": EVAL}
    return helpers.stored("eval", columns | ({"id": ids} if ids else {}))


def lines(path: Path, *records, name="run.jsonl") -> str:
    (path / name).write_text("".join(json.dumps(one) + "\n" for one in records), "utf-8")
    return str(path / name)


def scored(*scores, ids="abcd"):
    return [{"id": name, "score": score} for name, score in zip(ids, scores, strict=False)]


def scores(frame: pl.DataFrame, run="baseline") -> dict[int, float | None]:
    return dict(frame.filter(run=run).select("example", "score").rows())


def refused(files, *split, **settings) -> str:
    with pytest.raises(DataError) as error:
        load_results(files, *(split or (evals(),)), **settings)
    return str(error.value)


def test_plain_records_are_read_as_they_stand(tmp_path):
    path = lines(
        tmp_path,
        {"id": "b", "score": 0.5, "output": "two?", "failure_type": "tone", "latency_ms": 1500, "cost": 0.02, "valid": False},
        {"id": "a", "score": 1, "output": {"n": 1}, "failure_type": "", "latency_ms": 500, "cost": "$0.01", "valid": "true"},
    )  # fmt: skip
    found = load_results({"baseline": path}, evals())
    assert found.schema == RESULTS
    assert found.rows() == [
        ("baseline", 0, "a", 1.0, '{"n":1}', None, True, 0.5, 0.01, path, 2),
        ("baseline", 1, "b", 0.5, "two?", "tone", False, 1.5, 0.02, path, 1),
    ]


@pytest.mark.parametrize(
    "kind", ["jsonl", "json", "csv", "tsv", "parquet", "gz", "bom", "utf-16", "pretty", "wrapped"]
)
def test_every_kind_of_file_says_the_same(tmp_path, kind):
    records = scored(1, 0, True, 0.25)
    frame = pl.DataFrame({"id": list("abcd"), "score": [1.0, 0.0, 1.0, 0.25]})
    path = tmp_path / f"run.{kind}"
    text = "".join(json.dumps(one) + "\n" for one in records)
    {
        "jsonl": lambda: path.write_text(text, "utf-8"),
        "json": lambda: path.write_text(json.dumps(records), "utf-8"),
        "csv": lambda: frame.write_csv(path),
        "tsv": lambda: frame.write_csv(path, separator="\t"),
        "parquet": lambda: frame.write_parquet(path),
        "gz": lambda: path.write_bytes(gzip.compress(text.encode())),
        "bom": lambda: path.write_bytes(b"\xef\xbb\xbf" + text.encode()),
        "utf-16": lambda: path.write_text(text, "utf-16"),
        "pretty": lambda: path.write_text(json.dumps(records, indent=2), "utf-8"),
        "wrapped": lambda: path.write_text(json.dumps({"model": "x", "examples": records}), "utf-8"),
    }[kind]()
    assert scores(load_results({"baseline": str(path)}, evals())) == {0: 1, 1: 0, 2: 1, 3: 0.25}


@pytest.mark.parametrize(
    "column", ["score", "Correct", "isCorrect", "exact-match", "passed", "Accuracy", "F1"]
)
def test_usual_names_of_scores(tmp_path, column):
    path = lines(tmp_path, {"id": "a", column: True}, {"id": "b", column: False})
    assert scores(load_results({"poc": path}, evals()), "poc") == {0: 1, 1: 0}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("correct", 1), ("Wrong", 0), ("TRUE", 1), ("no", 0), ("0.25", 0.25), (" 1 ", 1), ("1e-1", 0.1), (None, None), ("", None)],
)  # fmt: skip
def test_words_and_numbers(tmp_path, written, meant):
    path = lines(tmp_path, {"id": "a", "score": written}, {"id": "b", "score": 1})
    assert scores(load_results({"baseline": path}, evals())) == {0: meant, 1: 1}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(("7", "8"), (7, 8)), (("7", "8"), ("7.0", " 8 ")), ((" 7", "8.0"), (7, 8)), (("7.5", "x"), (7.5, "x")), (("-1", "0"), (-1.0, 0))],
)  # fmt: skip
def test_ids_are_alike_as_numbers_and_texts(tmp_path, ours, theirs):
    path = lines(tmp_path, *({"id": name, "score": n} for n, name in enumerate(theirs)))
    assert scores(load_results({"baseline": path}, evals(ours))) == {0: 0, 1: 1}


def test_ids_that_only_look_alike_stay_two(tmp_path):
    path = lines(tmp_path, *scored(1, 0, ids=["007", "7"]))
    assert scores(load_results({"baseline": path}, evals(("7", "007")))) == {0: 0, 1: 1}


def test_without_ids_the_order_counts(tmp_path):
    path = lines(tmp_path, *({"score": one} for one in (1, 0, 1, 1)))
    assert scores(load_results({"baseline": path}, evals(None))) == {0: 1, 1: 0, 2: 1, 3: 1}


@pytest.mark.parametrize("first", [0, 1])
def test_row_numbers_may_begin_at_0_or_1(tmp_path, first):
    numbers = [first + n for n in (3, 1, 0)]
    path = lines(
        tmp_path, *({"index": n, "score": score} for n, score in zip(numbers, (1, 0, 0.5), strict=True))
    )
    assert scores(load_results({"baseline": path}, evals(None))) == {0: 0.5, 1: 0, 3: 1}


def test_missing_examples_are_missing_and_not_wrong(tmp_path):
    path = lines(tmp_path, *scored(1, None, 0)[::-1])
    assert scores(load_results({"baseline": path}, evals())) == {0: 1, 1: None, 2: 0}


def test_runs_come_in_their_order_and_examples_by_row(tmp_path):
    poc = lines(tmp_path, *scored(1, 1, 1, 0)[::-1], name="poc.jsonl")
    base = lines(tmp_path, *scored(1, 0), name="base.jsonl")
    found = load_results({"poc": poc, "baseline": base}, evals())
    assert found.select("run", "example").rows() == [
        ("baseline", 0), ("baseline", 1), ("poc", 0), ("poc", 1), ("poc", 2), ("poc", 3),
    ]  # fmt: skip


def test_related_runs_are_matched_with_each_other(tmp_path):
    before = lines(tmp_path, *scored(1, 0, 1, ids="xyz"), name="before.jsonl")
    after = lines(tmp_path, *scored(0, 1, ids="zx"), name="after.jsonl")
    found = load_results({"related-after": after, "related-before": before}, evals())
    assert scores(found, "related-before") == {0: 1, 1: 0, 2: 1}
    assert scores(found, "related-after") == {0: 1, 2: 0}
    more = {"related-before": lines(tmp_path, {"score": 1}, {"score": 0}, name="b.jsonl"),
            "related-after": lines(tmp_path, {"score": 0}, {"score": 0}, name="a.jsonl")}  # fmt: skip
    assert scores(load_results(more, None), "related-before") == {0: 1, 1: 0}


def test_without_an_eval_set_that_may_be_seen_runs_are_matched_with_each_other(tmp_path):
    base = lines(tmp_path, *scored(1, 0, 1), name="base.jsonl")
    poc = lines(tmp_path, *scored(0, 1, ids="cd"), name="poc.jsonl")
    found = load_results({"baseline": base, "poc": poc}, None)
    assert scores(found, "poc") == {2: 0, 3: 1}


def test_no_files_are_no_results():
    assert load_results({}, evals()).equals(pl.DataFrame(schema=RESULTS))


def test_what_was_read_is_told(tmp_path):
    path = lines(tmp_path, *scored(1, 0))
    (file,) = read_results({"rag": path}, evals()).files
    assert (file.run, file.path, file.format, file.metric, file.rows) == ("rag", path, "records", "score", 2)
    assert len(file.sha256) == 64


def test_one_of_several_metrics_is_chosen(tmp_path):
    path = lines(
        tmp_path,
        {"id": "a", "acc": 1, "f1": 0.5, "BLEU": 0.3},
        {"id": "b", "acc": 0, "f1": 0.25, "BLEU": 0.1},
    )
    told = refused({"poc": path})
    assert "2 metrics that differ: acc, f1" in told
    assert "--metric RUN=acc" in told
    assert scores(load_results({"poc": path}, evals(), metrics={"poc": "f1"}), "poc") == {0: 0.5, 1: 0.25}
    assert scores(load_results({"poc": path}, evals(), metrics={"": "bleu"}), "poc") == {0: 0.3, 1: 0.1}
    assert "did you mean 'acc'" in refused({"poc": path}, evals(), metrics={"poc": "ac"})


def test_metrics_that_say_the_same_are_one(tmp_path):
    path = lines(
        tmp_path, {"id": "a", "score": 1, "correct": True}, {"id": "b", "score": 0.0, "correct": "false"}
    )
    assert scores(load_results({"poc": path}, evals()), "poc") == {0: 1, 1: 0}


def test_valid_outputs_by_a_schema(tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text(
        '{"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}', "utf-8"
    )
    outputs = ['{"n": 1}', '{"n": "1"}', "one", None]
    path = lines(
        tmp_path, *(one | {"output": output} for one, output in zip(scored(1, 1, 0, 0), outputs, strict=True))
    )
    found = load_results({"poc": path}, evals(), schema=str(schema))
    assert found["valid"].to_list() == [True, False, False, None]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "is empty"),
        ([{"id": "a", "text": "hi"}], "has no column with scores (score, correct, accuracy, ...); its columns are id, text"),
        (scored(1, "good"), "line 2: the score 'good' is no number"),
        (scored(1, [1]), "line 2: the score a list is no score"),
        (scored(1, 4, 5), "line 2: scores must lie between 0 (wrong) and 1 (right), but score goes from 1 to 5; write (score"),
        (scored(10, 85), "score goes from 10 to 85; divide by 100"),
        (scored(1, -1), "score goes from -1 to 1"),
        (scored(1, 0, 1, ids="aba"), "the id 'a' comes twice (lines 1 and 3)"),
        (scored(1, 0, ids="ax"), "1 of 2 ids stand in no row of the eval set: 'x' (line 2)"),
        ([{"id": "a", "score": 1}, {"score": 1}], "line 2: 1 of 2 results have no id"),
        (scored(None, None), "2 results, and score is empty in all of them"),
        ([{"id": "a", "score": 1, "seconds": "fast"}], "line 1: the latency 'fast' is no number"),
        ([{"id": "a", "score": 1, "latency_ms": -1}], "line 1: the latency '-1' must not be below 0"),
        ([{"id": "a", "score": 1, "latency_ms": "-2.50"}], "line 1: the latency '-2.50' must not be below 0"),
        ([{"id": "a", "score": 1, "cost": -2}], "line 1: the cost '-2' must not be below 0"),
        ([{"id": "a", "score": 1, "valid": "perhaps"}], "line 1: the valid 'perhaps' is no number"),
        ([{"score": 1}] * 3, "3 results for 4 eval rows, and the results have none"),
        ([{"index": 9, "score": 1}, {"index": 0, "score": 1}], "line 1: it is about example 9, and the eval set has 4 rows"),
        ([{"index": 2, "score": 1}, {"index": 1, "score": 1}], "cannot be told whether the first one is 0 or 1"),
        ([{"index": 0, "score": 1}, {"index": 0, "score": 1}], "the example '0' comes twice (lines 1 and 2)"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path, records, message):
    path = lines(tmp_path, *records)
    told = refused({"baseline": path})
    assert message in told
    assert told.startswith(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"id": "a", "score": 1}\n{"id": "b", "sco\n', "line 2: ends before the record does"),
        (b'{"id": "a", "score": 1}\n{"id": "b", "score": NaN}\n', "line 2: NaN is not JSON"),
        (b'{"id": "a", "score": 1}\n[1]\n', "line 2: no object but [1]"),
        (b'{"id": "a", "score": 1}\n{"id": "b\0", "score": 1}\n', "line 2: NUL byte"),
        (b'{"id": "a", "score": 1}\n{"id": "\xff", "score": 1}\n', "line 2: byte 0xFF is not UTF-8"),
        (b'{"id": "a",\n "score": 1,\n "x": }\n', "line 3: "),
        (b'[{"id": "a", "score": 1}, 7]', "record 2: no object but 7"),
        (b'[{"id": "a", "score": 1}', "ends before the record does"),
        (b'{"x": ' + b"[" * 100_000, "nested more deeply"),
        (b"id,score\na,1\nb\n", "line 3: 1 cells where the header has 2"),
        (b"PAR1", "is no sound Parquet file"),
        (b"PK\x03\x04broken", "is a damaged archive"),
        (b"\x1f\x8b\x08", "copy or download the file again"),
        (b" \n\n", "is empty"),
        (b"<!DOCTYPE html>", "is a web page"),
        (b"id,score\n", "holds no result"),
        (b"[]", "holds no result"),
        (b"{}", "no score of any"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(tmp_path, content, message):
    path = tmp_path / "run"
    path.write_bytes(content)
    assert message in refused({"baseline": str(path)})


def test_a_file_that_is_not_there(tmp_path):
    assert "cannot be read: No such file" in refused({"poc": str(tmp_path / "none.jsonl")})


def test_a_file_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("auditor.load.resultfiles.content.LARGEST", 1000)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b"[" + b" " * 10_000 + b"]"))
    assert "more than" in refused({"poc": str(path)})


def test_ids_of_the_eval_set_that_come_twice(tmp_path):
    path = lines(tmp_path, *scored(1, 0))
    told = refused({"baseline": path}, evals(("a", "b", "a", "c")))
    assert "the id 'a' twice (eval0.jsonl, line 1 and eval0.jsonl, line 3)" in told
    assert scores(load_results({"baseline": path}, evals(("a", "b", "z", "z")))) == {0: 1, 1: 0}


def test_a_hint_at_the_id_that_was_meant(tmp_path):
    path = lines(tmp_path, *scored(1, ids=["question-1"]))
    assert "did you mean 'question_1'" in refused({"poc": path}, evals(("question_1", "other")))
    assert "its ids are like 'alpha', 'beta'" in refused({"poc": path}, evals(("alpha", "beta")))


def test_runs_matched_by_order_must_agree_on_ids(tmp_path):
    base = lines(tmp_path, *scored(1, 0, 1, 0), name="base.jsonl")
    poc = lines(tmp_path, *scored(1, 0, 1, 0, ids="abdc"), name="poc.jsonl")
    told = refused({"baseline": base, "poc": poc}, evals(None))
    assert "poc.jsonl, line 3: its id 'd' stands where" in told
    assert load_results({"baseline": base}, evals(None)).height == 4


def test_runs_without_a_common_example(tmp_path):
    base = lines(tmp_path, *scored(1, 0, ids="ab"), name="base.jsonl")
    poc = lines(tmp_path, *scored(1, 0, ids="cd"), name="poc.jsonl")
    assert "have no example in common" in refused({"baseline": base, "poc": poc})


def test_runs_that_do_not_fit_together(tmp_path):
    path = lines(tmp_path, *scored(1, 0))
    assert "related-before needs related-after" in refused({"related-before": path})
    assert "there is no run 'base'; did you mean 'baseline'" in refused({"base": path})
    assert "named as baseline and as poc" in refused({"baseline": path, "poc": path})
    assert "a metric is named for the run 'rag', of which there is no file" in refused(
        {"poc": path}, evals(), metrics={"rag": "acc"}
    )


def test_nothing_of_the_file_is_printed_raw(tmp_path):
    path = lines(tmp_path, *scored(1, ids=["\x1b[31mred"]))
    assert "\x1b" not in refused({"baseline": path})
    other = lines(tmp_path, {"id": "a", "\x1b]0;x": 1}, name="other.jsonl")
    assert "\x1b" not in refused({"baseline": other})
    near = lines(tmp_path, *scored(1, ids=["question-1"]), name="near.jsonl")
    assert "\x1b" not in refused({"baseline": near}, evals(("question_1\x1b[2J", "b")))
    both = lines(tmp_path, {"id": "a", "acc": 1, "em": 0}, name="both.jsonl")
    assert "\x1b" not in refused({"baseline": both}, evals(), metrics={"": "\x1b[2J"})
    word = lines(tmp_path, *scored("\x1b[2J"), name="word.jsonl")
    assert "\x1b" not in refused({"baseline": word})


@pytest.mark.parametrize(
    "records", [[{"score": one} for one in (1, 0, 1, 1)], [{"index": n, "score": 1} for n in range(4)]]
)
def test_order_tells_nothing_where_eval_rows_are_lost_or_merged(tmp_path, records):
    path = lines(tmp_path, *records)
    assert load_results({"poc": path}, evals(None)).height == 4
    assert "2 of its records cannot be used" in refused({"poc": path}, evals(None), lost=2)
    merged = replace(evals(None), merged=3)
    assert "3 of its records are further judgements" in refused({"poc": path}, merged)
    assert (
        load_results({"poc": lines(tmp_path, *scored(1, 0))}, replace(evals(), merged=3), lost=2).height == 2
    )


def test_ids_that_match_nothing_are_told_even_if_rows_are_numbered(tmp_path):
    path = lines(tmp_path, *({"id": f"x{n}", "index": n, "score": 1} for n in range(4)))
    assert "4 of 4 ids stand in no row" in refused({"poc": path})


def test_numbers_beyond_all_bounds(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_text('{"id": "a", "score": 1' + "0" * 400 + "}\n", "utf-8")
    assert "goes from inf to inf" in refused({"poc": str(path)})
    path.write_text('{"id": "a", "score": 1, "cost": 1' + "0" * 400 + "}\n", "utf-8")
    assert "line 1: the cost" in refused({"poc": str(path)})
    path.write_text('{"id": "a", "score": 1' + "0" * 5000 + "}\n", "utf-8")
    assert "score cannot be read: integer value out of range" in refused({"poc": str(path)})


def test_blank_lines_are_passed_over_and_counted(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_bytes(b'\r\n{"id": "a", "score": 1}\r\n\r\n{"id": "b", "score": 0}')
    assert load_results({"poc": str(path)}, evals())["line"].to_list() == [2, 4]


@pytest.mark.parametrize("ids", [(), None])
def test_an_empty_eval_set_is_told_as_such(tmp_path, ids):
    path = lines(tmp_path, *scored(1, 0))
    columns = {"text": []} | ({"id": []} if ids is not None else {})
    told = refused({"baseline": path}, helpers.stored("eval", columns))
    assert told.startswith(f"the eval set is empty, so the results of {path} are about none of its rows")


def test_a_model_is_chosen_in_a_file_that_names_none(tmp_path):
    path = lines(tmp_path, *scored(1, 0))
    told = refused({"rag": path}, variants={"rag": "gpt"})
    assert (
        told == f"{path} names no model or prompt, so --model cannot choose 'gpt'; leave --model out for it"
    )
