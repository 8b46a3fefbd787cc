"""Which format a file has, what the user may say about it, and what is said when none fits."""

import json

import pytest

from auditor.errors import DataError
from tests.load.desk import found, only, rows, trouble

CHAT = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
PAIR = {"prompt": "p", "completion": "c"}


def test_the_format_is_that_of_most_records_not_of_the_first(desk):
    loaded = desk.read("a.jsonl", [{"text": "odd"}, *[CHAT] * 5])
    assert only(loaded).format == "chat"
    assert rows(loaded.train, "text", "line") == [("odd", 1)] + [("q\na", n) for n in range(2, 7)]
    assert loaded.ledger.select("code", "line", "lost", "what").rows() == [
        ("other-format", 1, False, "a text record among chat records")
    ]
    assert loaded.notes == (
        f"{only(loaded).path} mixes formats (5 chat, 1 text); each record was read by its own.",
    )


def test_a_particular_format_does_not_win_over_many_records(desk):
    loaded = desk.read("a.jsonl", [CHAT, *[{"text": "t", "label": "x"}] * 5])
    assert only(loaded).format == "text-label"
    assert found(loaded) == [("other-format", 1)]


def test_what_one_format_of_a_mixture_can_offer_is_not_impossible(desk):
    assert "train.label" in desk.read("a.jsonl", [CHAT] * 3).impossible
    assert "train.label" not in desk.read("b.jsonl", [*[CHAT] * 3, {"question": "only"}]).impossible


def test_a_mixture_keeps_the_order_and_the_columns_of_all(desk):
    loaded = desk.read("a.jsonl", [CHAT, PAIR, CHAT, {"text": "t", "label": "x"}, CHAT, {"question": "only"}])
    assert rows(loaded.train, "text", "response", "label", "turns") == [
        ("q\na", "a", None, "ua"), ("p\nc", "c", None, "ua"), ("q\na", "a", None, "ua"), ("t", None, "x", "u"),
        ("q\na", "a", None, "ua"), ("only", None, None, "u"),
    ]  # fmt: skip
    assert [line for _, line in found(loaded)] == [2, 4, 6]
    assert "mixes formats (3 chat, 1 prompt, 1 prompt-completion, 1 text-label)" in loaded.notes[0]


def test_a_mixture_in_a_csv_is_blank_cells(desk):
    loaded = desk.read("a.csv", "prompt,completion,text\np,c,\np,c,\np,c,\n,,loose\n")
    assert rows(loaded.train, "text") in (["p\nc"] * 3 + ["loose"], ["p\nc"] * 3 + ["\n"])


def test_files_of_different_formats(desk):
    loaded = desk.load(desk.write("a.jsonl", [CHAT]), desk.write("b.jsonl", [PAIR]))
    assert rows(loaded.train, "text") == ["q\na", "p\nc"]
    assert "different formats: chat (" in loaded.notes[0]


def test_a_column_that_begins_late_is_read(desk):
    records = [{"text": f"row {n}"} for n in range(3_000)] + [{"text": "late", "id": "x", "source": "s"}] * 5
    loaded = desk.read("a.jsonl", records)
    assert rows(loaded.train, "id")[-5:] == ["x"] * 5


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_faults_in_fields_that_only_a_closer_look_at_odd_records_shows(desk, name):
    """The fast reader passes over fields of no use; the record is looked at whole once it lacks what it needs."""
    odd = [
        '{"other": "\\ud800"}',
        '{"other": 1e999}',
        '{"messages": null, "other": "\\udc00 and more"}',
        '{"other": 1}',
    ]
    records = [json.dumps(CHAT)] * 3 + odd
    text = "\n".join(records) if name == "a.jsonl" else "[" + ",\n".join(records) + "]"
    loaded = desk.read(name, text)
    assert rows(loaded.train, "line") == [1, 2, 3]
    assert found(loaded) == [
        ("lone-surrogate", 4),
        ("bad-json", 5),
        ("lone-surrogate", 6),
        ("unknown-shape", 7),
    ]


# ---- what the user may say


def test_a_map_gives_columns_their_role(desk):
    loaded = desk.read(
        "a.csv",
        "Tweet text,Class,Who\nx,a,ann\ny,b,bob\n",
        mapping={"Tweet text": "text", "Class": "label", "Who": "labeler"},
    )
    assert only(loaded).format == "text-label"
    assert rows(loaded.train, "text", "label", "labeler") == [("x", "a", "ann"), ("y", "b", "bob")]


def test_a_map_wins_over_usual_names(desk):
    loaded = desk.read(
        "a.jsonl",
        [{"text": "no", "body": "yes", "label": "no", "gold": "yes"}] * 2,
        mapping={"body": "text", "gold": "label"},
    )
    assert rows(loaded.train, "text", "label") == [("yes", "yes")] * 2


def test_a_map_of_messages_and_of_preferences(desk):
    loaded = desk.read("a.jsonl", [{"dialogue": CHAT["messages"]}] * 2, mapping={"dialogue": "messages"})
    assert (only(loaded).format, rows(loaded.train, "response")) == ("chat", ["a", "a"])
    loaded = desk.read(
        "b.jsonl",
        [{"q": "q", "good": "y", "bad": "n"}],
        mapping={"q": "prompt", "good": "chosen", "bad": "rejected"},
    )
    assert (only(loaded).format, rows(loaded.train, "chosen", "rejected")) == ("preference", [("y", "n")])


def test_a_map_of_judgements(desk):
    table = "unit\twho\tanswer\n1\tann\tx\n1\tbob\ty\n2\tann\tx\n"
    loaded = desk.read("a.tsv", table, mapping={"unit": "item", "who": "labeler", "answer": "label"})
    assert only(loaded).format == "multi-annotator"
    assert rows(loaded.train, "label") == [None, "x"]
    assert loaded.labels.collect()["labeler"].n_unique() == 2


def test_a_map_is_spelled_as_the_file_does_or_but_for_case(desk):
    assert rows(desk.read("a.csv", "TWEET\nx\n", mapping={"tweet": "text"}).train, "text") == ["x"]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"Tweet": "txt"}, "there is no role 'txt'; did you mean 'text'?"),
        ({"Tweet": "turns"}, "there is no role 'turns'"),
        ({"Twet": "text"}, "no record has a column 'Twet'; did you mean 'Tweet'?"),
        ({"Tweet": "text", "Class": "text"}, "to several columns (Tweet, Class)"),
    ],
)
def test_maps_that_mean_nothing(desk, mapping, message):
    with pytest.raises(DataError) as error:
        desk.read("a.csv", "Tweet,Class\nx,a\n", mapping=mapping)
    assert message in str(error.value)


def test_an_input_format_is_kept_to(desk):
    record = {"prompt": "p", "completion": "c", "text": "t", "label": "x"}
    assert only(desk.read("a.jsonl", [record])).format == "prompt-completion"
    loaded = desk.read("a.jsonl", [record], input_format="text-label")
    assert rows(loaded.train, "text", "label") == [("t", "x")]


def test_an_input_format_that_does_not_fit(desk):
    message = trouble(desk.read("a.jsonl", [{"zzz": "t"}], input_format="chat"))
    assert "its columns do not make the format chat. Found: zzz (text)" in message


def test_an_input_format_that_is_another_one_is_left_out(desk):
    message = trouble(desk.read("a.jsonl", [{"prompt": "p", "completion": "c"}], input_format="chat"))
    assert (
        "its columns (prompt (text), completion (text)) make the format prompt-completion, not chat"
        in message
    )
    assert "leave out --input-format" in message


def test_columns_without_a_value_cannot_be_mapped(desk):
    message = trouble(desk.read("a.jsonl", [{"text": None, "label": None}] * 3))
    assert "it has the columns text (nothing but null), label (nothing but null), but no value" in message
    assert "--map" not in message


def test_a_slip_in_the_split_column_is_named_and_the_rest_is_routed(desk):
    splits = ["train"] * 6 + ["test"] * 3 + ["weird"]
    loaded = desk.read("a.jsonl", [{"text": f"t{n}", "split": name} for n, name in enumerate(splits)])
    assert (loaded.train.rows, loaded.eval.rows) == (6, 3)
    assert found(loaded) == [("unknown-split", 10)]
    other = desk.read("b.jsonl", [{"text": f"t{n}", "split": f"part {n}"} for n in range(9)])
    assert (other.train.rows, other.eval) == (9, None)


def test_an_input_format_that_does_not_exist(desk):
    with pytest.raises(DataError, match="there is no such format; did you mean 'chat'"):
        desk.read("a.jsonl", [CHAT], input_format="chats")


# ---- unknown shapes


def test_an_unknown_shape_shows_the_columns_and_a_way_out(desk):
    records = [{"Tweet body": f"some longer text {n}", "Group": "ab"[n % 2], "n": n} for n in range(30)]
    message = trouble(desk.read("a.jsonl", records))
    assert "Found: Tweet body (text), Group (text), n (number)" in message
    assert "--map 'Tweet body'=text --map Group=label" in message
    loaded = desk.read("a.jsonl", records, mapping={"Tweet body": "text", "Group": "label"})
    assert loaded.train.rows == 30


def test_what_is_known_of_judgements_is_not_guessed_anew(desk):
    message = trouble(desk.read("a.csv", "item_id,annotator,is_abuse\n1,ann,1\n1,bob,0\n2,ann,1\n"))
    assert "for example --map is_abuse=label (" in message


def test_many_columns_and_wild_names_stay_short_and_printable(desk):
    record = {f"col\x1b[31m {n} " + "x" * 500: n for n in range(60)}
    message = trouble(desk.read("a.jsonl", [record]))
    assert "and 40 more" in message
    assert message.isprintable()
    assert len(message) < 2_500


def test_records_without_anything(desk):
    assert "Found: none" in trouble(desk.read("a.jsonl", [{}, {}]))


def test_a_text_of_nothing_but_null(desk):
    assert "text (nothing but null)" in trouble(desk.read("a.jsonl", [{"text": None}] * 3))


# ---- a split column


def test_a_split_column_serves_both_roles(desk):
    values = ["train", "test", "TRAIN", "validation", "dev"]
    loaded = desk.read("a.jsonl", [{"text": v, "label": "x", "split": v} for v in values])
    assert (rows(loaded.train, "text", "line"), rows(loaded.eval, "text", "line")) == (
        [("train", 1), ("TRAIN", 3)], [("test", 2), ("validation", 4), ("dev", 5)],
    )  # fmt: skip
    assert any("has a split column: 3 of its rows are eval data" in note for note in loaded.notes)
    assert only(loaded).rows == 5


def test_rows_of_no_known_split(desk):
    table = [{"text": str(n), "part": part} for n, part in enumerate(["train", "test", "holdout", None])]
    loaded = desk.read("a.jsonl", table, mapping={"part": "split"})
    assert (loaded.train.rows, loaded.eval.rows) == (1, 1)
    assert found(loaded) == [("unknown-split", 3), ("unknown-split", 4)]


def test_a_split_column_that_means_something_else(desk):
    loaded = desk.read("a.jsonl", [{"text": "x", "split": "banana"}, {"text": "y", "split": "train"}])
    assert (loaded.train.rows, loaded.eval, found(loaded)) == (2, None, [])


def test_a_split_column_beside_eval_files(desk):
    path = desk.write("a.jsonl", [{"text": "a", "split": "train"}, {"text": "b", "split": "test"}])
    loaded = desk.load(path, evals=(desk.write("b.jsonl", [{"text": "c", "split": "train"}]),))
    assert (rows(loaded.train, "text"), rows(loaded.eval, "text")) == (["a"], ["b", "c"])


def test_all_rows_are_eval(desk):
    loaded = desk.read("a.jsonl", json.dumps({"text": "a", "split": "test"}))
    assert (loaded.train.rows, loaded.eval.rows) == (0, 1)


def test_a_column_one_slip_away_from_a_known_name_is_named(desk):
    rows = [
        {"instuction": f"question {n}", "input": f"row {n}", "outptu": "x", "titles": "t", "number": n}
        for n in range(5)
    ]
    loaded = desk.load(desk.write("a.jsonl", rows))
    found = loaded.ledger.filter(code="misspelt-column")
    assert found["what"].str.extract(r"column (\w+) .* looks like (\w+)", 2).to_list() == [
        "instruction",
        "output",
    ]
    assert not found["lost"].any()


def test_known_names_that_a_format_has_no_use_for_are_no_slips(desk):
    rows = [
        {"text": f"message {n}", "label": "ab"[n % 2], "answer": "x", "topic": "y", "texts": "z"}
        for n in range(5)
    ]
    assert desk.load(desk.write("a.jsonl", rows)).ledger.is_empty()


@pytest.mark.parametrize("name", ['te"xt', "te\\xt", "te\nxt"])
@pytest.mark.parametrize("ending", ["jsonl", "json"])
def test_columns_whose_names_cannot_be_read_are_told(desk, name, ending):
    records = [{name: "a b c"}] * 5
    content = records if ending == "jsonl" else json.dumps(records)
    loaded = desk.read(f"a.{ending}", content, mapping={name: "text"})
    assert "a quote, a backslash or a control character in its name" in trouble(loaded)
