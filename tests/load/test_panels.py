"""Tables with columns for each labeler: what they look like, what becomes of them, and what they are not."""

import csv
import io
import json
from collections import Counter, defaultdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import DataError
from auditor.load.dataset import Request, load
from auditor.load.panels import mapped, matching, told
from auditor.load.work import Work
from tests.helpers import DATA, seeded
from tests.load.desk import found, only, rows

WIDE = "multi-annotator-wide"
TEXTS = [f"text number {n}" for n in range(6)]
VOTES = [
    ("x", "x", None),
    ("x", "y", "y"),
    ("y", "x", None),
    (None, "x", "x"),
    ("y", "y", "y"),
    (None, None, None),
]
"""What three labelers say of six items: one tie, one that nobody judged."""
AGREED = ["x", "y", None, "x", "y", None]
FILES = ["a.jsonl", "a.csv", "a.parquet", "a.json"]


def columns(names, votes=VOTES, **more):
    """Records with a column for each labeler."""
    return [
        {
            "text": text,
            **dict(zip(names, said, strict=True)),
            **{key: values[n] for key, values in more.items()},
        }
        for n, (text, said) in enumerate(zip(TEXTS, votes, strict=True))
    ]


def one_hot(records, names, levels="xy", blank=None):
    """The same with a column for each labeler and level."""
    return [
        {
            "text": record["text"],
            **{f"{name}_kind.{level}": blank if record[name] is None else int(record[name] == level) for name in names for level in levels},
        }
        for record in records
    ]  # fmt: skip


def save(desk, name, records):
    if name.endswith(".jsonl"):
        return desk.write(name, records)
    if name.endswith(".json"):
        return desk.write(name, json.dumps(records))
    path = desk.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(records, infer_schema_length=None)
    frame.write_csv(path) if name.endswith(".csv") else frame.write_parquet(path)
    return str(path)


def judgements(loaded, *wanted):
    return (
        []
        if loaded.labels is None
        else loaded.labels.select(wanted or ("row", "labeler", "label")).collect().rows()
    )


def brute(names, votes):
    """Judgements and labels, one cell after the other."""
    below, labels = [], []
    for row, said in enumerate(votes):
        below += [(row, name, label) for name, label in zip(names, said, strict=True) if label is not None]
        counts = Counter(label for label in said if label is not None).most_common()
        labels.append(counts[0][0] if counts and [n for _, n in counts].count(counts[0][1]) == 1 else None)
    return below, labels


NAMES = [
    ["annotator_1", "annotator_2", "annotator_3"],
    ["Annotator1", "Annotator2", "Annotator10"],
    ["rater_a", "rater_b", "rater_c"],
    ["coderA", "coderB", "coderC"],
    ["judge 1", "judge 2", "judge 3"],
    ["labeler-1", "labeler-2", "labeler-3"],
    ["worker_anna", "worker_bob", "worker_zoë"],
]


@pytest.mark.parametrize("names", NAMES, ids=lambda names: names[0])
@pytest.mark.parametrize("name", FILES)
def test_a_column_for_each_labeler(desk, names, name):
    loaded = desk.load(save(desk, name, columns(names)))
    assert (only(loaded).format, only(loaded).rows, found(loaded)) == (WIDE, 6, [])
    assert rows(loaded.train, "text", "label") == list(zip(TEXTS, AGREED, strict=True))
    assert judgements(loaded) == brute(names, VOTES)[0]
    assert loaded.train.columns == {"row", "file", "line", "text", "prompt", "turns", "label"}
    assert loaded.train.records == loaded.train.rows == 6
    assert "3 labelers have columns of their own" in loaded.notes[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "_label"), ("", ".rating"), ("label_", ""), ("vote by ", ""), ("", "_is_toxic")],
)
def test_names_with_the_question_in_them(desk, before, after):
    names = [f"{before}ann{n}{after}" for n in (1, 2, 3)]
    loaded = desk.read("a.jsonl", columns(names))
    assert only(loaded).format == WIDE
    assert judgements(loaded) == brute(["ann1", "ann2", "ann3"], VOTES)[0]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("blank", [None, 0])
def test_a_column_for_each_labeler_and_level(desk, name, blank):
    names = ["ann1", "ann2", "ann3"]
    loaded = desk.load(save(desk, name, one_hot(columns(names), names, blank=blank)))
    assert (only(loaded).format, found(loaded)) == (WIDE, [])
    assert rows(loaded.train, "label") == AGREED
    assert judgements(loaded) == brute(names, VOTES)[0]
    assert any("no blank cells" in note for note in loaded.notes) == (blank == 0)


@pytest.mark.parametrize("value", [(True, False), ("true", "FALSE"), (1.0, 0.0), ("1", "0")])
def test_ones_and_zeros_may_be_written_in_other_ways(desk, value):
    names = ["ann1", "ann2", "ann3"]
    records = [
        {key: {1: value[0], 0: value[1]}.get(cell, cell) for key, cell in record.items()}
        for record in one_hot(columns(names), names)
    ]
    assert judgements(desk.read("a.jsonl", records)) == brute(names, VOTES)[0]


def test_dummies_without_a_question(desk):
    """As pandas writes them: annotator1_x, annotator1_y."""
    names = ["annotator1", "annotator2", "annotator3"]
    records = [
        {key.replace("_kind.", "_"): value for key, value in record.items()}
        for record in one_hot(columns(names), names)
    ]
    loaded = desk.read("a.jsonl", records)
    assert judgements(loaded) == brute(names, VOTES)[0]


ORDINARY = [
    {"text": "t", "label": "x", "annotator": "ann"},
    {"text": "t", "label": "x", "judge_name": "ann", "judge_id": "7"},
    {"text": "t", "label": "x", "annotator_1": "ann", "annotator_2": "bob"},
    {"text": "t", "label": "x", "annotator_1_id": "w1", "annotator_2_id": "w1"},
    {"text": "t", "label": "x", "worker_country": "de", "worker_language": "de"},
    {"text": "t", "label": "x", "worker_1_country": "de", "worker_2_country": "de"},
    {"text": "t", "label": "x", "annotator1_comment": "fine", "annotator2_comment": "fine"},
    {"text": "t", "label": "x", "annotator_1": "topic a", "annotator_2": "topic a"},
    {"text": "t", "label": "x", "annotator_count": 2, "annotator_agreement": 2},
    {"text": "t", "label": "x", "expertise": "x", "judgement": "x", "workers": "x"},
    {"text": "t", "annotator_1": None, "annotator_2": None},
    {"text": "t", "label": "x", "annotator_1": "x"},
    {
        "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}],
        "rater_1": 5,
        "rater_2": 5,
    },
    {"prompt": "q", "chosen": "a", "rejected": "b", "annotator_1": "a", "annotator_2": "a"},
    {"item": "i", "annotator": "ann", "label": "x"},
]


@pytest.mark.parametrize("record", ORDINARY, ids=lambda record: "-".join(record))
def test_ordinary_files_are_no_panels(desk, record):
    records = [{**record, **({"text": f"t{n}"} if "text" in record else {})} for n in range(30)]
    loaded = desk.read("a.jsonl", records)
    assert only(loaded).format != WIDE
    assert not any("was read" in note for note in loaded.notes)
    if "label" in record and "item" not in record:
        assert set(rows(loaded.train, "label")) == {"x"}


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": "q", "completion": "a"},
        {"question": "q", "answer": "a"},
        {"instruction": "q", "output": "a"},
        {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]},
        {"chosen": "a", "rejected": "b"},
    ],
    ids=lambda record: "-".join(record),
)
def test_answers_that_were_rated_are_answers(desk, record):
    """What people said of them is read where the user asks for it."""
    path = desk.write("a.jsonl", [{**record, "rater_1": 5, "rater_2": n % 2 + 4} for n in range(10)])
    loaded = desk.load(path)
    assert only(loaded).format not in (WIDE, "text")
    assert loaded.labels is None
    assert (
        "2 labelers have columns of their own, which were not read; --map 'rater_*=judgement'"
        in loaded.notes[0]
    )
    asked = desk.load(path, mapping={"rater_*": "judgement"})
    assert only(asked).format == WIDE
    assert asked.labels.collect().height == 20
    if "chosen" not in record:
        assert rows(asked.train, "prompt", "response") == [("q", "a")] * 10


def test_free_answers_of_several_people_are_no_judgements(desk):
    rng = seeded(5)
    records = [
        {"text": t, **{f"annotator_{n}": f"I think {rng.random()}" for n in (1, 2)}} for t in TEXTS * 20
    ]
    assert only(desk.read("a.jsonl", records)).format == "text"


def test_items_that_one_labeler_judged_each(desk):
    """No item has two judgements, but the labelers use the same few labels."""
    records = [{"text": f"t{n}", f"annotator_{1 + n % 2}": "xyz"[n % 3]} for n in range(30)]
    loaded = desk.read("a.jsonl", records)
    assert only(loaded).format == WIDE
    assert rows(loaded.train, "label") == ["xyz"[n % 3] for n in range(30)]
    names = [{"text": f"t{n}", f"annotator_{1 + n % 2}": f"person {n}"} for n in range(30)]
    assert only(desk.read("b.jsonl", names)).format == "text"


def test_columns_that_are_all_blank_are_nobody(desk):
    loaded = desk.read("a.csv", "text,annotator_1,annotator_2,annotator_3\na,,x,x\nb,,y,x\nc,,x,x\n")
    assert judgements(loaded) == [
        (0, "annotator_2", "x"), (0, "annotator_3", "x"), (1, "annotator_2", "y"), (1, "annotator_3", "x"),
        (2, "annotator_2", "x"), (2, "annotator_3", "x"),
    ]  # fmt: skip
    empty = desk.read("b.csv", "text,annotator_1,annotator_2\na,,\nb,,\n")
    assert (only(empty).format, empty.labels) == ("text", None)


MALFORMED = {
    "text": TEXTS[:4],
    "ann1_kind.x": ["1", "1", "0", "1, 1"],
    "ann1_kind.y": ["0", "1", "0", "0, 0"],
    "ann2_kind.x": ["1", "0", None, "maybe"],
    "ann2_kind.y": ["0", "1", None, "1"],
}
CLEAR = {
    "text": [f"more {n}" for n in range(40)],
    **{f"{who}_kind.{level}": [value] * 39 + [None] for who in ("ann1", "ann2") for level, value in (("x", "1"), ("y", "0"))},
}  # fmt: skip


def test_judgements_that_are_none_are_named(desk):
    """Two 1s of one labeler, none at all, and cells that are neither; the records count all the same."""
    table = pl.concat([pl.DataFrame(MALFORMED), pl.DataFrame(CLEAR)])
    for name in ("a.csv", "a.parquet", "a.jsonl"):
        loaded = desk.load(save(desk, name, table.to_dicts()))
        assert judgements(loaded)[:3] == [(0, "ann1", "x"), (0, "ann2", "x"), (1, "ann2", "y")]
        assert len(judgements(loaded)) == 3 + 78
        first = 2 if name == "a.csv" else 1
        said = loaded.ledger.sort("line", maintain_order=True).select("line", "code", "what", "lost").rows()
        assert [one[:2] for one in said] == [(first + n, "unclear-judgement") for n in (1, 2, 3, 3)]
        assert [what for _, _, what, _ in said] == [
            "2 levels of ann1 are 1, not one", "0 levels of ann1 are 1, not one",
            "`ann1_kind.x` is '1, 1', neither 0 nor 1", "`ann2_kind.x` is 'maybe', neither 0 nor 1",
        ]  # fmt: skip
        assert not any(lost for *_, lost in said)
        assert loaded.train.rows == 44


def test_a_judgement_that_is_no_scalar(desk):
    records = columns(["ann_1", "ann_2", "ann_3"])
    records[0]["ann_1"] = {"label": "x"}
    loaded = desk.read("a.jsonl", records)
    assert judgements(loaded) == brute(["ann_1", "ann_2", "ann_3"], VOTES)[0][1:]
    assert loaded.ledger.select("code", "line", "path").rows() == [("wrong-type-ignored", 1, "$.ann_1")]


def test_ragged_rows_of_a_panel(desk):
    loaded = desk.read("a.csv", "text,ann_1,ann_2\na,x,x\nb,x\nc,x,y,z\nd,y,y\n")
    assert rows(loaded.train, "text", "label") == [("a", "x"), ("d", "y")]
    assert found(loaded) == [("ragged-row", 3), ("ragged-row", 4)]
    assert [row for row, *_ in judgements(loaded)] == [0, 0, 1, 1]


SEVERAL = [
    {"text": t, "a1_x": 1, "ann1_tone": tone, "ann2_tone": tone, "ann1_topic": "t", "ann2_topic": "u" if n else "t"}
    for n, (t, tone) in enumerate(zip(TEXTS, "ppnnpp", strict=True))
]  # fmt: skip


def test_of_several_questions_one_is_read_and_the_others_named(desk):
    loaded = desk.read("a.jsonl", SEVERAL)
    assert rows(loaded.train, "label") == list("ppnnpp")
    assert "what they say about tone was read" in loaded.notes[0]
    assert "--map 'ann*_topic=judgement'" in loaded.notes[1]
    other = desk.read("a.jsonl", SEVERAL, mapping={"ann*_topic": "judgement"})
    assert rows(other.train, "label") == ["t"] + [None] * 5
    assert {who for _, who, _ in judgements(other)} == {"ann1", "ann2"}


def test_the_question_that_is_called_label_comes_first(desk):
    records = [
        {"text": f"t{n}", **{f"ann{k}_{q}": q[0] for k in (1, 2) for q in ("hard", "label")}}
        for n in range(5)
    ]
    assert set(rows(desk.read("a.jsonl", records).train, "label")) == {"l"}


@pytest.mark.parametrize("name", FILES)
def test_columns_that_the_user_names(desk, name):
    path = save(desk, name, columns(["anna", "bob", "zoë"]))
    mapping = {"Anna": "judgement", "bob": "judgement", "zoë": "judgement"}
    loaded = desk.load(path, mapping=mapping)
    assert (only(loaded).format, judgements(loaded)) == (WIDE, brute(["anna", "bob", "zoë"], VOTES)[0])
    levels = save(desk, f"hot-{name}", [
        {key.replace("_kind.", " says "): value for key, value in record.items()}
        for record in one_hot(columns(["anna", "bob"], [said[:2] for said in VOTES]), ["anna", "bob"])
    ])  # fmt: skip
    assert (
        judgements(desk.load(levels, mapping={"* says *": "judgement"}))
        == brute(["anna", "bob"], [v[:2] for v in VOTES])[0]
    )


def test_a_pattern_that_fits_nothing_is_an_error(desk):
    with pytest.raises(DataError, match=r"no record has a column 'voter\*'; did you mean"):
        desk.read("a.jsonl", [{"text": "t", "votes_1": "x"}], mapping={"voter*": "judgement"})


def test_a_column_with_another_role_is_no_labelers(desk):
    records = columns(["voter_1", "voter_2", "voter_3"])
    loaded = desk.read("a.jsonl", records, mapping={"voter*": "judgement", "voter_1": "label"})
    assert {who for _, who, _ in judgements(loaded)} == {"voter_2", "voter_3"}
    assert rows(loaded.train, "label") == [said[0] for said in VOTES]
    own = desk.read(
        "b.jsonl", columns(["annotator_1", "annotator_2", "annotator_3"]), mapping={"annotator_2": "label"}
    )
    assert {who for _, who, _ in judgements(own)} == {"annotator_1", "annotator_3"}


def test_named_columns_hold_for_the_files_that_have_them(desk):
    path = desk.write("a.jsonl", columns(["anna", "bob", "zoë"]))
    evals = desk.write("b.jsonl", [{"text": "t", "label": "x"}])
    loaded = desk.load(path, evals=(evals,), mapping={"anna": "judgement", "bob": "judgement"})
    assert [one.format for one in loaded.inputs] == [WIDE, "text-label"]


def test_conversations_that_were_judged(desk):
    chat = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    records = [{"messages": chat, "anna": "x", "bob": "x"}, {"messages": None, "anna": "x", "bob": None}]
    loaded = desk.read("a.jsonl", records, mapping={"anna": "judgement", "bob": "judgement"})
    assert rows(loaded.train, "text", "turns", "label") == [("q\na", "ua", "x"), ("", "", "x")]
    assert "2 labelers have columns" in loaded.notes[0]


def test_a_label_beside_the_judgements_is_the_label(desk):
    records = columns(["ann_1", "ann_2", "ann_3"], label=["y", "y", "x", None, "y", "x"])
    loaded = desk.read("a.jsonl", records)
    assert rows(loaded.train, "label") == ["y", "y", "x", None, "y", "x"]
    assert judgements(loaded) == brute(["ann_1", "ann_2", "ann_3"], VOTES)[0]
    assert any("not what most labelers said" in note for note in loaded.notes)


def test_several_files_both_roles_and_a_split_column(desk):
    names = ["ann_1", "ann_2", "ann_3"]
    a = desk.write("a.jsonl", columns(names, split=["train", "test"] * 3))
    b = desk.write("b.jsonl", columns(names))
    long = desk.write(
        "c.jsonl", [{"item": "i", "annotator": who, "label": "x", "text": "t"} for who in names]
    )
    plain = desk.write("d.jsonl", [{"text": "p", "label": "x", "annotator": "ann_1"}])
    loaded = desk.load(
        a, b, long, plain, evals=(desk.write("e.jsonl", columns(names[:2], [v[:2] for v in VOTES])),)
    )
    assert (loaded.train.rows, loaded.train.records) == (3 + 6 + 1 + 1, 3 + 6 + 3 + 1)
    assert (loaded.eval.rows, loaded.eval.records) == (3 + 6, 9)
    kept = [said for n, said in enumerate(VOTES) if n % 2 == 0]
    shift = [(row + 3, *rest) for row, *rest in brute(names, VOTES)[0]]
    expected = brute(names, kept)[0] + shift + [(9, who, "x") for who in names] + [(10, "ann_1", "x")]
    train = loaded.labels.filter(pl.col("split") == "train").collect().sort("row", maintain_order=True)
    assert train.select("row", "labeler", "label").rows() == expected
    evals = loaded.labels.filter(pl.col("split") == "eval").collect()
    assert evals.height == len(brute(names, [s for n, s in enumerate(VOTES) if n % 2])[0]) + len(
        brute(names[:2], [v[:2] for v in VOTES])[0]
    )


def test_judgements_over_many_blocks(desk):
    rng = seeded(11)
    names = [f"rater_{n}" for n in range(1, 6)]
    votes = [[rng.choice(["x", "y", "z", None]) for _ in names] for _ in range(3_000)]
    records = [
        {"text": f"t{n} " + "filler " * 300, **dict(zip(names, said, strict=True))}
        for n, said in enumerate(votes)
    ]
    loaded = desk.read("a.jsonl", records)
    below, labels = brute(names, votes)
    assert (judgements(loaded), rows(loaded.train, "label")) == (below, labels)


@settings(max_examples=30)
@given(
    st.lists(
        st.lists(st.sampled_from(["x", "y", "Ünï", None]), min_size=3, max_size=3), min_size=1, max_size=12
    )
)
def test_any_panel_is_read_as_cell_by_cell(tmp_path_factory, votes):
    names = ["p", "q", "r"]
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.jsonl").write_text(
        "".join(
            json.dumps({"text": f"t{n}", **dict(zip(names, said, strict=True))}) + "\n"
            for n, said in enumerate(votes)
        )
    )
    request = Request(train=(str(folder / "a.jsonl"),), mapping=dict.fromkeys(names, "judgement"))
    loaded = load(request, Work(cache=folder / "cache"))
    below, labels = brute(names, votes)
    assert (judgements(loaded), rows(loaded.train, "label")) == (below, labels)


def test_patterns():
    columns = ["Annotator1_is.0", "Annotator1_is.1", "Annotator2_is.0", "other", "a*b", "axb"]
    assert [column for column, _ in matching("annotator*_is.*", columns)] == columns[:3]
    assert [column for column, _ in matching("a*b", columns)] == ["a*b"], "a column of that very name"
    assert [column for column, _ in matching("OTHER", columns)] == ["other"]
    panel = mapped(["Annotator*_is.*"], columns, [])
    assert [(cell.labeler, cell.level) for cell in panel.cells] == [
        ("Annotator1", "0"),
        ("Annotator1", "1"),
        ("Annotator2", "0"),
    ]
    assert mapped(["nothing*"], columns, []) is None
    assert told([], columns) is None


CONVABUSE = DATA / "convabuse" / "train_part.csv"


def convabuse():
    """Judgements of the file, cell by cell with the standard library."""
    header, *lines = csv.reader(io.StringIO(CONVABUSE.read_text("utf-8"), newline=""))
    wanted = [(place, *name.split("_is_abuse.")) for place, name in enumerate(header) if "_is_abuse." in name]
    for row, cells in enumerate(lines):
        said = defaultdict(list)
        for place, who, level in wanted:
            if cells[place] == "1":
                said[who].append(level)
        yield from ((row, who, levels[0]) for who, levels in said.items() if len(levels) == 1)


def test_a_public_panel_of_eight(desk):
    loaded = desk.load(str(CONVABUSE), mapping={"user": "text"})
    expected = list(convabuse())
    assert only(loaded).format == WIDE
    assert judgements(loaded) == expected
    assert Counter(who for _, who, _ in expected).keys() == {f"Annotator{n}" for n in range(1, 9)}
    codes = Counter(code for code, _ in found(loaded))
    assert codes["repeated-column"] == 2
    assert codes["unclear-judgement"] > 0, "some hold two judgements in a cell"
    assert "is_abuse was read" in loaded.notes[0]
    sexist = desk.load(str(CONVABUSE), mapping={"user": "text", "Annotator*_sexist": "judgement"})
    assert len(judgements(sexist)) >= len(expected)
    assert rows(sexist.train, "label").count("0") > 0


@pytest.mark.parametrize("name", FILES)
def test_columns_that_first_stand_behind_the_sample_are_told(desk, monkeypatch, name):
    for reader in ("jsonlines", "jsonarray", "delimited"):
        monkeypatch.setattr(f"auditor.load.{reader}.LOOKED_AT", 40)
    names = ("ann_1", "ann_2", "ann_3")
    told = "columns of labelers told from 40 records: one that first stands in another is not read"
    for count, late in ((40, False), (41, True)):
        records = [{"text": f"t{n}", **dict.fromkeys(names, "xy"[n % 2])} for n in range(count)]
        records[-1] |= {"ann_4": "x"} if late and "json" in name else {}
        loaded = desk.load(save(desk, f"{count}/{name}", records))
        assert only(loaded).format == "multi-annotator-wide"
        assert {labeler for _, labeler, _ in judgements(loaded)} == set(names)
        assert (told in only(loaded).facts) == (late and "json" in name), only(loaded).facts
    plain = [{"text": f"t{n}", "label": "xy"[n % 2]} for n in range(60)]
    assert told not in only(desk.load(save(desk, f"plain/{name}", plain))).facts
