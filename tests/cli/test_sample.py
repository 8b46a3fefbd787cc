"""`auditor sample`."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from tests.commands import Auditor, labelled_rows, plain_rows, texts, write


def lines(path: str) -> list[bytes]:
    return Path(path).read_bytes().splitlines(keepends=True)


def odd_lines(rows: int = 150) -> list[bytes]:
    """Records as somebody's tool wrote them: spaces, escapes, other keys, numbers that JSON libraries would change."""
    return [
        f'{{ "prompt":{json.dumps(text)},  "response": "\\u00e9 {text[::-1]}", "score": 1.00, "id": {n} }}\n'.encode()
        for n, text in enumerate(texts(rows, 2))
    ]


def test_records_are_those_of_the_file_byte_for_byte(auditor: Auditor) -> None:
    own = odd_lines()
    Path("train.jsonl").write_bytes(b"".join(own))
    done = auditor("sample", "train.jsonl", "--rows", "120", "--to", "poc.jsonl")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("poc.jsonl: 120 rows for a proof of concept\n")
    drawn = lines("poc.jsonl")
    assert len(set(drawn)) == 120
    assert set(drawn) <= set(own)
    assert all(len(line) <= 80 for line in done.out.splitlines()[:8])


def test_row_order_and_compression_change_nothing(auditor: Auditor) -> None:
    own = odd_lines()
    Path("train.jsonl").write_bytes(b"".join(own))
    Path("other.jsonl.gz").write_bytes(gzip.compress(b"".join(reversed(own))))
    Path("part1.jsonl").write_bytes(b"".join(own[70:]))
    Path("part2.jsonl").write_bytes(b"".join(own[:70]).rstrip(b"\n"))
    for name, files in {
        "a": ["train.jsonl"],
        "b": ["other.jsonl.gz"],
        "c": ["part1.jsonl", "part2.jsonl"],
    }.items():
        assert auditor("sample", *files, "--rows", "100", "--seed", "4", "--to", f"{name}.jsonl").code == 0
    assert lines("a.jsonl") == lines("b.jsonl") == lines("c.jsonl")
    assert auditor("sample", "train.jsonl", "--rows", "100", "--seed", "5", "--to", "d.jsonl").code == 0
    assert lines("d.jsonl") != lines("a.jsonl")


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst", ".GZ"])
def test_a_sample_is_compressed_as_its_name_says(auditor: Auditor, ending: str) -> None:
    Path("train.jsonl").write_bytes(b"".join(odd_lines()))
    for name in ("plain.jsonl", f"packed.jsonl{ending}", f"again.jsonl{ending}"):
        assert auditor("sample", "train.jsonl", "--rows", "100", "--to", name).code == 0
    content = Path(f"packed.jsonl{ending}").read_bytes()
    assert content == Path(f"again.jsonl{ending}").read_bytes()
    assert content != Path("plain.jsonl").read_bytes()
    path = str(Path(f"packed.jsonl{ending}").rename(f"read.jsonl{ending.lower()}"))
    found = {
        name: auditor("audit", name, "--format", "json").report["inputs"][0] for name in ("plain.jsonl", path)
    }
    assert found["plain.jsonl"]["rows"] == found[path]["rows"] == 100
    assert found[path]["facts"][0] in ("gzip", "bzip2", "xz", "zstd")


def test_csv_stays_csv(auditor: Auditor) -> None:
    header, body = "Text;kind;note\r\n", []
    for n, text in enumerate(texts(130, 2)):
        body.append(
            f'"{text}\r\nand ""more"" é {n}";{"ab"[n % 2]};x\r\n' if n % 3 else f"{text};{'ab'[n % 2]};\r\n"
        )
    Path("train.csv").write_bytes((header + "".join(body)).encode("cp1252"))
    done = auditor(
        "sample", "train.csv", "--map", "Text=text", "--map", "kind=label", "--rows", "100", "--to", "poc.csv"
    )
    assert done.code == 0, done.err
    content = Path("poc.csv").read_bytes()
    assert content.startswith(header.encode())
    rest = content.decode("cp1252", "strict").removeprefix(header)
    for record in body:
        if record in rest:
            rest = rest.replace(record, "", 1)
    assert rest == "", "nothing but whole records of the file"
    assert len(list(csv.reader(io.StringIO(content.decode("cp1252"), newline=""), delimiter=";"))) == 101
    refused = auditor("sample", "train.csv", "--map", "Text=text", "--rows", "10", "--to", "poc.jsonl")
    assert refused.code == 2
    assert "must end in .csv or .tsv" in refused.err


@pytest.mark.parametrize("indent", [None, 1])
def test_arrays_become_one_record_a_line(auditor: Auditor, indent: int | None) -> None:
    rows = [{"prompt": text, "response": text[::-1], "n": n} for n, text in enumerate(texts(120, 2))]
    Path("train.json").write_text(json.dumps(rows, indent=indent), "utf-8")
    done = auditor("sample", "train.json", "--rows", "110", "--to", "poc.jsonl")
    assert done.code == 0, done.err
    found = [json.loads(line) for line in lines("poc.jsonl")]
    assert len(found) == 110
    assert all(rows[one["n"]] == one for one in found)
    assert ("written anew" in done.out) == (indent is not None)


def test_parquet_becomes_one_record_a_line(auditor: Auditor) -> None:
    rows = [{"prompt": text, "response": text[::-1], "n": n} for n, text in enumerate(texts(120, 2))]
    pl.DataFrame(rows).write_parquet("train.parquet")
    assert auditor("sample", "train.parquet", "--rows", "100", "--to", "poc.jsonl").code == 0
    assert all(rows[one["n"]] == one for one in map(json.loads, lines("poc.jsonl")))


def test_items_of_several_judgements_are_written_once(auditor: Auditor) -> None:
    rows = [
        {"item": n, "text": text, "label": "ab"[n % 2], "annotator": who}
        for n, text in enumerate(texts(120, 2))
        for who in ("ann", "bob")
    ]
    write("train.jsonl", rows)
    done = auditor("sample", "train.jsonl", "--rows", "100", "--to", "poc.jsonl")
    assert "Several records are about each item" in done.out
    found = [json.loads(line) for line in lines("poc.jsonl")]
    assert {tuple(one) for one in found} == {("text", "label")}
    assert len({one["text"] for one in found}) == 100
    ask = ("sample", "train.jsonl", "--rows", "100", "--to")
    assert auditor(*ask, "poc.csv").code == auditor(*ask, "poc.json").code == 0
    with Path("poc.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == found
    assert json.loads(Path("poc.json").read_text("utf-8")) == found
    refused = auditor(*ask, "poc.tsv")
    assert (refused.code, Path("poc.tsv").exists()) == (2, False)
    assert "let it end in .csv, .json, .jsonl or .ndjson" in " ".join(refused.err.split())


def test_odd_items_survive_csv(auditor: Auditor) -> None:
    odd = ['say "yes", then\nno', "one\rtwo three", " =1+1, é", "\ufeffmark of order"]
    rows = [
        {"item": n, "text": f"{text} {odd[n % 4]}", "label": "a", "annotator": who}
        for n, text in enumerate(texts(20, 2))
        for who in ("ann", "bob")
    ]
    write("train.jsonl", rows)
    assert auditor("sample", "train.jsonl", "--rows", "20", "--to", "poc.csv").code == 0
    with Path("poc.csv").open(encoding="utf-8", newline="") as file:
        assert {row["text"] for row in csv.DictReader(file)} == {row["text"] for row in rows}


def test_json_records_go_into_an_array_if_the_ending_says_so(auditor: Auditor) -> None:
    own = odd_lines()
    Path("train.jsonl").write_bytes(b"".join(own))
    assert auditor("sample", "train.jsonl", "--rows", "120", "--to", "poc.json").code == 0
    found = json.loads(Path("poc.json").read_text("utf-8"))
    assert auditor("sample", "train.jsonl", "--rows", "120", "--to", "poc.jsonl").code == 0
    assert found == [json.loads(line) for line in lines("poc.jsonl")]
    assert {line.removesuffix(b",") for line in Path("poc.json").read_bytes().splitlines()[1:-1]} <= {
        line.strip() for line in own
    }


def test_reasons_are_listed_where_there_are_any(auditor: Auditor) -> None:
    write("train.jsonl", plain_rows(60, 2))
    out = auditor("sample", "train.jsonl", "--rows", "200", "--to", "poc.jsonl").out
    assert "200 rows were asked for, 60 are there.\n" in out
    Path("empty.csv").write_text("text,label\n", "utf-8")
    done = auditor("sample", "empty.csv", "--rows", "5", "--to", "none.csv")
    assert (done.code, done.err) == (2, "auditor: no row is left to draw: the files hold none\n")


def test_fewer_rows_than_strata_is_said(auditor: Auditor) -> None:
    sizes = [9, 8, 7, 2, 1]
    names = [name for name, size in zip("abcde", sizes, strict=True) for _ in range(size)]
    write(
        "train.jsonl",
        [{"text": text, "label": name} for text, name in zip(texts(27, 2), names, strict=True)],
    )
    out = auditor("sample", "train.jsonl", "--rows", "3", "--to", "few.jsonl").out
    assert "by label, one of each of the 3 largest, none of 2 others:\n  a: 1 of 9\n" in out
    assert "  e: 0 of 1\n" in out
    assert "at least one" not in out
    out = auditor("sample", "train.jsonl", "--rows", "5", "--to", "enough.jsonl").out
    assert "by label, in proportion and at least one of each:\n" in out


def test_too_few_rows_say_which_filter_took_how_many(auditor: Auditor) -> None:
    rows = plain_rows(90, 2)
    write("train.jsonl", [*rows, *rows[:30], {"text": ""}])
    write("eval.jsonl", rows[:10])
    done = auditor("sample", "train.jsonl", "--eval", "eval.jsonl", "--rows", "200", "--to", "poc.jsonl")
    assert done.code == 0
    assert "200 rows were asked for, 80 are there" in done.out
    for said in (
        "1 unusable",
        "20 leaking from eval",
        "20 exact copies",
        "on 100 to 500 real examples; these are 80",
    ):
        assert said in done.out
    assert "No row has a label or an answer yet" in done.out


def test_a_sketch_keeps_leaks_out_as_its_rows_do(auditor: Auditor) -> None:
    rows = plain_rows(90, 2)
    write("train.jsonl", rows)
    write("eval.jsonl", rows[:10])
    Path("key").write_bytes(b"0123456789abcdef")
    assert auditor("sketch", "eval.jsonl", "--key-file", "key", "--to", "eval.sketch").code == 0
    ask = ("sample", "train.jsonl", "--rows", "90", "--to")
    by_rows = auditor(*ask, "a.jsonl", "--eval", "eval.jsonl")
    by_hashes = auditor(*ask, "b.jsonl", "--eval", "eval.sketch", "--key-file", "key")
    assert (by_rows.code, by_hashes.code) == (0, 0)
    assert lines("a.jsonl") == lines("b.jsonl")
    assert len(lines("a.jsonl")) == 80
    assert auditor(*ask, "key", "--eval", "eval.sketch", "--key-file", "key", "--force").code == 2
    assert Path("key").read_bytes() == b"0123456789abcdef"


def test_no_row_left_is_one_line_and_writes_nothing(auditor: Auditor) -> None:
    write("train.jsonl", plain_rows(5, 2))
    write("eval.jsonl", plain_rows(5, 2))
    done = auditor("sample", "train.jsonl", "--eval", "eval.jsonl", "--rows", "5", "--to", "poc.jsonl")
    assert (done.code, done.out) == (2, "")
    assert done.err == "auditor: no row is left to draw: of 5 rows 5 leaking from eval\n"
    assert not Path("poc.jsonl").exists()


def batch(auditor: Auditor, to: str, *more: str) -> str:
    write("train.jsonl", plain_rows(60, 2))
    done = auditor("sample", "train.jsonl", "--purpose", "labeling", "--rows", "40", "--to", to, *more)
    assert (done.code, done.err) == (0, "")
    return done.out


def test_a_filled_batch_is_audited_as_judgements(auditor: Auditor) -> None:
    out = batch(auditor, "batch.csv", "--labelers", "ann,bob,eve", "--overlap", "25%")
    assert out.startswith("batch.csv: 40 items to label, 10 of them by two of 3 labelers, 16 to 17 each\n")
    with Path("batch.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert Counter(Counter(row["item"] for row in rows).values()) == {1: 30, 2: 10}
    assert all(row["label"] == "" for row in rows)
    for row in rows:
        row["label"] = "ab"[len(row["text"]) % 2]
    with Path("filled.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    report = auditor("audit", "filled.csv", "--format", "json").report
    assert report["inputs"][0]["format"] == "multi-annotator"
    measures = {one["name"]: one["value"] for one in report["outcomes"]["labelers"]["measures"]}
    assert (measures["labelers"], measures["overlap_items"]) == (3, 10)


def test_batches_for_labeling_tools(auditor: Auditor) -> None:
    write("known.jsonl", labelled_rows(60, 2))
    names = ("--labelers", "ann,bob", "--overlap", "5", "--rows", "20", "--purpose", "labeling")
    out = auditor("sample", "known.jsonl", *names, "--format", "label-studio", "--to", "tasks.json").out
    assert "judged once more" in out
    tasks = json.loads(Path("tasks.json").read_text("utf-8"))
    assert len(tasks) == 25
    assert set(tasks[0]["data"]) == {"item", "text", "labeler", "file", "line"}, (
        "what they are labelled is not shown"
    )
    config = Path("tasks.config.xml").read_text("utf-8")
    assert all(f'<Choice value="{name}"/>' in config for name in "abc")
    auditor("sample", "known.jsonl", *names, "--format", "argilla", "--to", "records.json")
    found = json.loads(Path("records.json").read_text("utf-8"))
    assert len({one["id"] for one in found}) == 25
    assert {one["metadata"]["labeler"] for one in found} == {"ann", "bob"}
    compile(Path("records.settings.py").read_text("utf-8"), "settings", "exec")
    batch(auditor, "batch.jsonl")
    assert {json.loads(line)["labeler"] for line in lines("batch.jsonl")} == {""}


def test_a_second_opinion_is_that_of_another_labeler(auditor: Auditor) -> None:
    rows = [
        {"text": text, "label": "ab"[n % 2], "annotator": ("ann", "bob")[n % 2]}
        for n, text in enumerate(texts(60, 2))
    ]
    write("known.jsonl", rows)
    first = {row["text"]: row["annotator"] for row in rows}
    ask = ("sample", "known.jsonl", "--purpose", "labeling", "--rows", "40", "--to")
    done = auditor(*ask, "again.jsonl", "--labelers", "ann,bob")
    assert done.code == 0
    found = [json.loads(line) for line in lines("again.jsonl")]
    assert len(found) == 40
    assert all(first[one["text"]] != one["labeler"] for one in found)
    alone = auditor(*ask, "alone.jsonl", "--labelers", "ann")
    assert "20 items go to somebody who judged them before" in alone.out


def test_more_overlap_than_rows_is_all_of_them(auditor: Auditor) -> None:
    out = batch(auditor, "batch.csv", "--labelers", "ann,bob", "--overlap", "200")
    assert "200 items were to be judged by two; there are 40, so all of them are." in out


def test_cells_that_a_spreadsheet_would_compute_are_kept_from_it(auditor: Auditor) -> None:
    write("train.jsonl", [{"text": f"=HYPERLINK({n}) {text}"} for n, text in enumerate(texts(20, 2))])
    auditor(
        "sample",
        "train.jsonl",
        "--purpose",
        "labeling",
        "--rows",
        "20",
        "--to",
        "batch.csv",
        "--labelers",
        "=ann,bob",
    )
    with Path("batch.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["text"].startswith("'=HYPERLINK") for row in rows)
    assert {row["labeler"] for row in rows} == {"'=ann", "bob"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "train.jsonl"), "is one of the inputs"),
        (("--to", "there.jsonl"), "is there already"),
        (("--to", "nowhere/poc.jsonl"), "does not exist"),
        (("--to", "poc.csv"), "must end in .jsonl"),
        (("--to", "poc.jsonl", "--labelers", "ann"), "are for --purpose labeling"),
        (("--to", "b.csv", "--purpose", "labeling", "--labelers", "ann,ann"), "names one twice"),
        (("--to", "b.csv", "--purpose", "labeling", "--labelers", "ann,,bob"), "without a name"),
        (("--to", "b.csv", "--purpose", "labeling", "--labelers", ""), "--labelers '' names nobody"),
        (("--to", "b.csv", "--purpose", "labeling", "--labelers", " , "), "names nobody"),
        (("--to", "poc.jsonl", "--labelers", ""), "are for --purpose labeling"),
        (("--to", "poc.jsonl", "--overlap", ""), "are for --purpose labeling"),
        (
            ("--to", "b.csv", "--purpose", "labeling", "--labelers", "ann", "--overlap", "0.5"),
            "only one is named",
        ),
        (("--to", "b.csv", "--purpose", "labeling", "--overlap", "0.5"), "needs the labelers"),
        (
            ("--to", "b.csv", "--purpose", "labeling", "--labelers", "a,b", "--overlap", "x"),
            "write 200, 0.1 or 10%",
        ),
        (("--to", "b.txt", "--purpose", "labeling"), "does not tell a format"),
        (("--to", "b.json", "--purpose", "labeling", "--format", "argila"), "did you mean 'argilla'"),
        (("--to", "poc.jsonl", "--map", "txt=text"), "no record has a column 'txt'"),
    ],
)
def test_what_does_not_go_together_is_refused(
    auditor: Auditor, arguments: tuple[str, ...], said: str
) -> None:
    write("train.jsonl", plain_rows(20, 2))
    Path("there.jsonl").write_text("mine", "utf-8")
    before = sorted(Path().iterdir())
    done = auditor("sample", "train.jsonl", "--rows", "10", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())
    assert sorted(Path().iterdir()) == before
    assert Path("there.jsonl").read_text("utf-8") == "mine"


def test_force_replaces(auditor: Auditor) -> None:
    write("train.jsonl", plain_rows(20, 2))
    Path("there.jsonl").write_text("mine", "utf-8")
    assert auditor("sample", "train.jsonl", "--rows", "10", "--to", "there.jsonl", "--force").code == 0
    assert len(lines("there.jsonl")) == 10


def test_hostile_strata_do_not_steer_the_terminal(auditor: Auditor) -> None:
    write(
        "train.jsonl",
        [{"text": text, "label": f"\x1b[2J{n % 2}\u202e"} for n, text in enumerate(texts(40, 2))],
    )
    out = auditor("sample", "train.jsonl", "--rows", "10", "--to", "poc.jsonl").out
    assert "\\x1b[2J0" in out
    assert not {"\x1b", "\u202e"} & set(out)


def test_standard_input_cannot_be_read_again(auditor: Auditor, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "".join(json.dumps(row) + "\n" for row in plain_rows(20, 2)).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    done = auditor("sample", "-", "--rows", "10", "--to", "poc.jsonl")
    assert done.code == 2
    assert "save it as a file" in done.err
