"""Every format of the table, read into the canonical columns that a reader of the specification would expect."""

import pytest

from auditor.load.formats import FORMAT_NAMES
from tests.load.desk import found, only, rows

COLUMNS = ("text", "prompt", "response", "turns")


def message(role, content, **more):
    return {"role": role, "content": content, **more}


def turn(sender, value):
    return {"from": sender, "value": value}


def chat(*messages, **more):
    return {"messages": list(messages), **more}


U, A, S = message("user", "ask"), message("assistant", "say"), message("system", "rule")

SHAPES = {
    "chat": ({"messages": [U, A]}, ("ask\nsay", "ask", "say", "ua")),
    "sharegpt": (
        {"conversations": [turn("human", "ask"), turn("gpt", "say")]},
        ("ask\nsay", "ask", "say", "ua"),
    ),
    "kto": ({"prompt": "ask", "completion": "say", "label": True}, ("ask\nsay", "ask", "say", "ua")),
    "preference": ({"prompt": "ask", "chosen": "say", "rejected": "no"}, ("ask\nsay", "ask", "say", "ua")),
    "alpaca": (
        {"instruction": "do", "input": "this", "output": "say"},
        ("do\nthis\nsay", "do\nthis", "say", "ua"),
    ),
    "prompt-completion": ({"prompt": "ask", "completion": "say"}, ("ask\nsay", "ask", "say", "ua")),
    "question-answer": ({"question": "ask", "answer": "say"}, ("ask\nsay", "ask", "say", "ua")),
    "prompt": ({"question": "ask"}, ("ask", "ask", None, "u")),
    "text-label": ({"text": "ask", "label": "x"}, ("ask", "ask", None, "u")),
    "text": ({"text": "say"}, ("say", None, None, "a")),
}


def shown(split, *columns):
    """Rows of the columns that a split has; None for those it does not have."""
    have = [name for name in columns if name in split.columns]
    return [
        tuple(dict(zip(have, row, strict=True)).get(name) for name in columns)
        for row in split.frame.select(have).collect().rows()
    ]


@pytest.mark.parametrize("name", SHAPES)
def test_every_format_is_told_and_read(desk, name):
    record, expected = SHAPES[name]
    loaded = desk.read("a.jsonl", [record] * 3)
    assert only(loaded).format == name
    assert shown(loaded.train, *COLUMNS) == [expected] * 3
    assert found(loaded) == []
    assert loaded.train.frame.collect()["text"].null_count() == 0


def test_no_format_is_left_out():
    assert set(FORMAT_NAMES) == {*SHAPES, "multi-annotator", "multi-annotator-wide"}


@pytest.mark.parametrize("name", SHAPES)
def test_one_record_is_enough(desk, name):
    record, expected = SHAPES[name]
    loaded = desk.read("a.jsonl", [record])
    assert (only(loaded).format, shown(loaded.train, *COLUMNS)) == (name, [expected])


@pytest.mark.parametrize(
    ("messages", "expected", "system"),
    [
        ([U, A], ("ask\nsay", "ask", "say", "ua"), None),
        ([S, U, A], ("ask\nsay", "ask", "say", "sua"), "rule"),
        ([S, message("developer", "more"), U], ("ask", "ask", None, "ssu"), "rule\nmore"),
        ([U, A, U, message("assistant", "end")], ("ask\nsay\nask\nend", "ask\nsay\nask", "end", "uaua"), None),
        ([U, A, U], ("ask\nsay\nask", "ask", "say", "uau"), None),
        ([A], ("say", None, "say", "a"), None),
        ([], ("", None, None, ""), None),
        ([S], ("", None, None, "s"), "rule"),
        ([U, message("assistant", " \n")], ("ask\n \n", "ask", " \n", "uA"), None),
            ([U, message("assistant", "\u3000\u00a0\u2003")], ("ask\n\u3000\u00a0\u2003", "ask", "\u3000\u00a0\u2003", "uA"), None),
        ([U, message("assistant", "éclair")], ("ask\néclair", "ask", "éclair", "ua"), None),
    ([U, message("assistant", None)], ("ask\n", "ask", "", "uA"), None),
        ([message("user", "Größe 😀"), A], ("Größe 😀\nsay", "Größe 😀", "say", "ua"), None),
        ([U, message("assistant", None, tool_calls=[{"id": 1}]), message("tool", "42"), A],
         ("ask\nsay", "ask", "say", "ucta"), None),
        ([U, message("assistant", None, function_call={"name": "f"}), message("function", "42")],
         ("ask", "ask", None, "uct"), None),
        ([U, message("assistant", "bad", weight=0), U, message("assistant", "good", weight=1)],
         ("ask\nbad\nask\ngood", "ask\nbad\nask", "good", "uwua"), None),
        ([U, message("assistant", "good"), U, message("assistant", "bad", weight=0)],
         ("ask\ngood\nask\nbad", "ask", "good", "uauw"), None),
        ([U, message("assistant", "", weight=0)], ("ask\n", "ask", "", "uW"), None),
        ([message("user", [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]), A],
         ("one\ntwo\nsay", "one\ntwo", "say", "ua"), None),
        ([message("User", "ask"), message("ASSISTANT", "say")], ("ask\nsay", "ask", "say", "ua"), None),
        ([message("narrator", "hm"), U, A], ("ask\nsay", "ask", "say", "xua"), None),
        ([message("user", 7), A], ("7\nsay", "7", "say", "ua"), None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("beside", [[], [chat(U, message("assistant", "x", name="n"))]])
def test_chats(desk, messages, expected, system, beside):
    """Also among records with more than a role and a text, which are read in another way."""
    loaded = desk.read("a.jsonl", [chat(S, U, A), chat(*messages), *beside])
    assert only(loaded).format == "chat"
    assert shown(loaded.train, *COLUMNS)[1] == expected
    assert rows(loaded.train, "system")[1] == system
    assert found(loaded) == []


def test_pictures_are_counted_and_left_out(desk):
    parts = [
        {"type": "image_url", "image_url": {"url": "x"}},
        {"type": "text", "text": "what"},
        {"type": "input_audio"},
    ]
    loaded = desk.read("a.jsonl", [chat(U, A), chat(message("user", parts), A)])
    assert rows(loaded.train, "text") == ["ask\nsay", "what\nsay"]
    assert loaded.ledger.select("code", "line", "lost").rows() == [("non-text-part", 2, False)]


def test_long_system_prompts_are_stored_once(desk):
    system = message("system", "rule " * 1_000)
    loaded = desk.read("a.jsonl", [chat(system, U, A)] * 500)
    assert rows(loaded.train, "system") == ["rule " * 1_000] * 500
    assert sum(path.stat().st_size for path in desk.cache.rglob("*.arrow")) < 200_000


@pytest.mark.parametrize(
    ("turns", "expected", "system"),
    [
        ([turn("human", "ask"), turn("gpt", "say")], ("ask\nsay", "ask", "say", "ua"), None),
        ([turn("system", "rule"), turn("user", "ask"), turn("chatgpt", "say")], ("ask\nsay", "ask", "say", "sua"), "rule"),
        ([turn("human", "ask"), turn("function_call", "f()"), turn("observation", "42"), turn("gpt", "say")],
         ("ask\nsay", "ask", "say", "utta"), None),
        ([message("user", "ask"), message("assistant", "say")], ("ask\nsay", "ask", "say", "ua"), None),
    ],
)  # fmt: skip
def test_conversations(desk, turns, expected, system):
    loaded = desk.read("a.jsonl", [{"conversations": turns, "id": "7"}] * 2)
    assert only(loaded).format == "sharegpt"
    assert shown(loaded.train, *COLUMNS, "system", "id") == [(*expected, system, "7")] * 2


def test_a_system_prompt_in_its_own_column(desk):
    loaded = desk.read(
        "a.jsonl", [{"conversations": [turn("human", "q"), turn("gpt", "a")], "system": "rule"}] * 2
    )
    assert rows(loaded.train, "system") == ["rule", "rule"]


@pytest.mark.parametrize(
    ("record", "expected", "rejected"),
    [
        ({"prompt": "ask", "chosen": "yes", "rejected": "no"}, ("ask\nyes", "ask", "yes", "ua"), "no"),
        ({"question": "ask", "chosen": "yes", "rejected": "no"}, ("ask\nyes", "ask", "yes", "ua"), "no"),
        ({"chosen": "yes", "rejected": "no"}, ("yes", None, "yes", "a"), "no"),
        ({"chosen": "\n\nHuman: q\n\nAssistant: yes", "rejected": "\n\nHuman: q\n\nAssistant: no"},
         ("\n\nHuman: q\n\nAssistant:\n yes", "\n\nHuman: q\n\nAssistant:", " yes", "ua"), " no"),
        ({"chosen": "\n\nHuman: q\n\nAssistant: yes", "rejected": "\n\nHuman: p\n\nAssistant: no"},
         ("\n\nHuman: q\n\nAssistant: yes", None, "\n\nHuman: q\n\nAssistant: yes", "a"), "\n\nHuman: p\n\nAssistant: no"),
        ({"prompt": [U], "chosen": [A], "rejected": [message("assistant", "no")]}, ("ask\nsay", "ask", "say", "ua"), "no"),
        ({"chosen": [U, A], "rejected": [U, message("assistant", "no")]}, ("ask\nsay", "ask", "say", "ua"), "no"),
        ({"prompt": "ask", "chosen": [U, A], "rejected": [U, message("assistant", "no")]}, ("ask\nsay", "ask", "say", "ua"), "no"),
        ({"conversations": [turn("human", "ask")], "chosen": turn("gpt", "say"), "rejected": turn("gpt", "no")},
         ("ask\nsay", "ask", "say", "ua"), "no"),
        ({"messages": [S, U], "chosen": A, "rejected": message("assistant", "no")}, ("ask\nsay", "ask", "say", "sua"), "no"),
        ({"instruction": "do", "input": "this", "chosen": "yes", "rejected": "no"},
         ("do\nthis\nyes", "do\nthis", "yes", "ua"), "no"),
        ({"prompt": "ask", "chosen": "", "rejected": "no"}, ("ask\n", "ask", "", "uA"), "no"),
    ],
)  # fmt: skip
def test_preferences(desk, record, expected, rejected):
    loaded = desk.read("a.jsonl", [record] * 2)
    assert only(loaded).format == "preference"
    assert shown(loaded.train, *COLUMNS, "chosen", "rejected") == [(*expected, expected[2], rejected)] * 2


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": "ask", "completion": "say", "label": True},
        {"prompt": [U], "completion": [A], "label": True},
        {"messages": [U, A], "label": True},
        {"conversations": [turn("human", "ask"), turn("gpt", "say")], "label": "True"},
    ],
)
def test_unpaired_preferences(desk, record):
    loaded = desk.read("a.jsonl", [record, record | {"label": False}])
    assert only(loaded).format == "kto"
    assert shown(loaded.train, *COLUMNS, "label") == [
        ("ask\nsay", "ask", "say", "ua", "true"),
        ("ask\nsay", "ask", "say", "ua", "false"),
    ]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"instruction": "do", "output": "say"}, ("do\nsay", "do", "say", "ua")),
        ({"instruction": "do", "input": "", "output": "say"}, ("do\nsay", "do", "say", "ua")),
        ({"instruction": "do", "input": None, "output": ""}, ("do\n", "do", "", "uA")),
        (
            {"question": "ask", "answer": "say", "context": "given"},
            ("given\nask\nsay", "given\nask", "say", "ua"),
        ),
        ({"Question": "ask", "ANSWER": "say"}, ("ask\nsay", "ask", "say", "ua")),
        ({"prompt": "ask", "response": 42}, ("ask\n42", "ask", "42", "ua")),
        ({"input": "ask", "target": "say"}, ("ask\nsay", "ask", "say", "ua")),
    ],
)
def test_prompts_and_answers(desk, record, expected):
    assert shown(desk.read("a.jsonl", [record] * 2).train, *COLUMNS) == [expected] * 2


@pytest.mark.parametrize("text", ["text", "Sentence", "tweet", "utterance", "review"])
@pytest.mark.parametrize("label", ["label", "Category", "intent", "sentiment", "class"])
def test_texts_and_labels_under_their_usual_names(desk, text, label):
    loaded = desk.read("a.jsonl", [{text: "x", label: "one"}, {text: "y", label: 2}])
    assert only(loaded).format == "text-label"
    assert rows(loaded.train, "text", "label") == [("x", "one"), ("y", "2")]


def test_a_label_that_is_often_missing(desk):
    loaded = desk.read("a.jsonl", [{"text": "x"}, {"text": "y", "label": None}, {"text": "z", "label": "a"}])
    assert only(loaded).format == "text-label"
    assert rows(loaded.train, "label") == [None, None, "a"]
    assert found(loaded) == []


def test_what_records_may_have_besides(desk):
    record = {
        "text": "x",
        "label": "a",
        "annotator": "ann",
        "model": "m",
        "created_at": "2026-01-02",
        "uid": 7,
    }
    loaded = desk.read("a.jsonl", [record] * 2)
    assert rows(loaded.train, "labeler", "source", "time", "id") == [("ann", "m", "2026-01-02", "7")] * 2
    assert loaded.labels.collect().rows() == [
        ("train", 0, "ann", "a", "2026-01-02"),
        ("train", 1, "ann", "a", "2026-01-02"),
    ]


def test_odd_values_besides_do_not_cost_the_record(desk):
    loaded = desk.read("a.jsonl", [{"text": "x", "source": "web"}, {"text": "y", "source": {"url": "z"}}])
    assert rows(loaded.train, "text", "source") == [("x", "web"), ("y", None)]
    assert loaded.ledger.select("code", "line", "path", "lost").rows() == [
        ("wrong-type-ignored", 2, "$.source", False)
    ]


def test_columns_of_no_use_are_stated(desk):
    assert only(desk.read("a.jsonl", [{"text": "x", "n": 1, "m": []}])).facts == ("columns not used: n, m",)


def test_what_a_format_can_never_offer(desk):
    def impossible(record):
        return desk.read("a.jsonl", [record]).impossible

    assert impossible(chat(U, A)) == {"train.label", "train.chosen", "train.rejected"}
    assert {"train.response", "train.chosen"} <= impossible({"text": "x", "label": "y"})
    assert "train.label" not in impossible({"text": "x", "label": "y"})
    assert not {"train.labeler", "train.source", "train.system"} & impossible(chat(U, A))


def test_flags_of_unpaired_preferences_written_as_numbers(desk):
    flags = [True, False, "TRUE", 1, 0, True, False]
    records = [{"prompt": f"p{n}", "completion": "c", "label": flag} for n, flag in enumerate(flags)]
    loaded = desk.read("a.jsonl", records)
    assert only(loaded).format == "kto"
    assert rows(loaded.train, "label") == ["true", "false", "true", "true", "false", "true", "false"]
