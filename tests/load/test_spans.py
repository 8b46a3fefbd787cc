"""Whatever the kernels find in plain JSON Lines is what msgspec finds, and they never take what it refuses."""

import json
import os
import subprocess
import sys
from functools import cache

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.load.scanner import DEEPEST
from auditor.load.spans import Wanted, find_spans, gather
from tests.helpers import SAMPLES
from tests.load.test_json_suite import EITHER, INVALID, VALID, one_line

CHAT = Wanted(("id", "source"), "messages")
TURNS = Wanted(("id",), "conversations", ("from", "value"))
FLAT = Wanted(("text", "id"))
MESSAGES = Wanted((), "messages")


@cache
def decoder(wanted):
    """Reads one line into values in the order of `wanted`, the messages last."""
    names = [f"key{number}" for number in range(len(wanted.flat))]
    fields = [(name, str | None, None) for name in names]
    rename = dict(zip(names, wanted.flat, strict=True))
    if wanted.messages is not None:
        parts = [("one", str), ("two", str)]
        message = msgspec.defstruct(
            "Message",
            parts,
            rename=dict(zip(("one", "two"), wanted.parts, strict=True)),
            forbid_unknown_fields=True,
        )
        fields.append(("messages", list[message] | None, None))
        rename["messages"] = wanted.messages
    return msgspec.json.Decoder(msgspec.defstruct("Row", fields, rename=rename))


def expected(data, wanted):
    """Values by line; None where msgspec refuses a line."""
    read, found = decoder(wanted), []
    for line in data.split(b"\n")[:-1]:
        try:
            row = msgspec.structs.astuple(read.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if wanted.messages is not None and row[-1] is not None:
            row = (*row[:-1], [msgspec.structs.astuple(message) for message in row[-1]])
        found.append(row)
    return found


def read(data, wanted):
    """The same by way of spans; None where the block is not plain."""
    block = np.frombuffer(data, np.uint8)
    spans = find_spans(block, data.count(b"\n"), wanted)
    if spans is None:
        return None
    columns = [gather(block, spans.flat, key) for key in range(len(wanted.flat))]
    one, two = (gather(block, spans.parts, key) for key in range(2))
    for column in (*columns, one, two):
        column.validate(full=True)
    columns = [column.to_pylist() for column in columns]
    if wanted.messages is not None:
        messages = iter(zip(one.to_pylist(), two.to_pylist(), strict=True))
        columns.append(
            [None if count < 0 else [next(messages) for _ in range(count)] for count in spans.counts.tolist()]
        )
        assert next(messages, None) is None
    else:
        assert (spans.counts == -1).all()
    return list(zip(*columns, strict=True))


def same(data, wanted=CHAT):
    """What both find, after a look that they find the same."""
    found = read(data, wanted)
    assert found is not None
    assert found == expected(data, wanted)
    return found


def message(role, content, **more):
    return {"role": role, "content": content, **more}


def chat(text, **more):
    return {"id": "a", "messages": [message("user", text), message("assistant", "b")], **more}


def written(records, **how):
    return b"".join(json.dumps(record, **how).encode() + b"\n" for record in records)


# What is plain


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("text", SAMPLES)
def test_all_scripts(text, ascii_only):
    ((_, _, messages),) = same(written([chat(text)], ensure_ascii=ascii_only))
    assert messages == [("user", text), ("assistant", "b")]


@pytest.mark.parametrize("size", [*range(20), 63, 64, 65, 127, 128, 129, 1000])
def test_all_sizes(size):
    """Marks are looked up by 64 bytes and copies made of 8."""
    for text in ("x" * size, "x" * size + '"', '\\"' + "x" * size, "é" * size, "\n" * size):
        same(written([chat(text), chat(text[::-1])], ensure_ascii=False))


def test_every_character_of_ascii():
    for code in range(128):
        same(written([chat(f"a{chr(code)}b"), {"id": chr(code) * 9}]))


@pytest.mark.parametrize(
    ("escape", "text"),
    [
        (r"\n\t\"\\\/\b\f\r", '\n\t"\\/\b\f\r'),
        (r"\u0041\u00e9\u20AC\uFFFF\u0000", "Aé€\uffff\0"),
        (r"\uD83D\uDE00\ud800\udc00\uDBFF\uDFFF", "😀\U00010000\U0010ffff"),
        (r"\\u0041\\\\\"", '\\u0041\\\\"'),
        (r"\\", "\\"),
        (r"\u007f\u0080\u07ff\u0800", "\x7f\x80\u07ff\u0800"),
    ],
)
@pytest.mark.parametrize("before", ["", "1234567", "x" * 61, "é" * 9])
def test_escapes(escape, text, before):
    data = f'{{"id":"{before}{escape}","messages":[{{"role":"{escape}{before}","content":"{escape}"}}]}}\n'
    assert same(data.encode()) == [(before + text, None, [(text + before, text)])]


def test_keys_in_any_order_and_others_between():
    first = b'{"x":0,"messages":[{"content":"c","role":"r"},{"role":"s","content":"d"}],"y":[],"id":"i","id2":"j"}\n'
    second = b'{"i":"","source":"s","idx":"n","Id":"n","":"n","mess":1,"messages2":[1]}\n'
    assert same(first + second) == [("i", None, [("r", "c"), ("s", "d")]), (None, "s", None)]


def test_white_space_of_json_everywhere():
    pieces = ["{", '"id"', ":", '"a"', ",", '"messages"', ":", "[", "{", '"role"', ":", '"r"', ",", '"content"', ":",
              '"c"', "}", ",", "{", '"role"', ":", '""', ",", '"content"', ":", '"\\t"', "}", "]", ",", '"x"', ":",
              "[", "1", ",", "null", ",", "{", "}", ",", "[", "]", ",", '""', "]", "}"]  # fmt: skip
    for space in (" ", "\t", "\r", " \t\r  \r"):
        data = (space.join(pieces) + "\n").encode()
        assert same(data) == [("a", None, [("r", "c"), ("", "\t")])]


def test_lines_end_with_or_without_carriage_return():
    plain = written([chat("a"), {}, chat("b\r\n")])
    assert same(plain.replace(b"\n", b"\r\n")) == same(plain)
    assert same(plain + plain.replace(b"\n", b"\r\n")) == 2 * same(plain)


def test_absent_null_and_empty():
    records = [{}, {"id": None, "messages": None}, {"id": "", "messages": []}, {"source": ""}, chat("")]
    assert same(written(records)) == [
        (None, None, None), (None, None, None), ("", None, []), (None, "", None),
        ("a", None, [("user", ""), ("assistant", "b")]),
    ]  # fmt: skip


def test_other_wanted_keys():
    records = [
        {"id": "a", "conversations": [{"from": "human", "value": "q"}], "messages": 1},
        {"text": "t", "id": "é"},
    ]
    assert same(written(records), TURNS) == [("a", [("human", "q")]), ("é", None)]
    assert same(written(records), FLAT) == [(None, "a"), ("t", "é")]
    assert same(written([{"é": "1", "": "2"}], ensure_ascii=False), Wanted(("", "é"))) == [("2", "1")]
    assert same(written([{"messages": "text"}]), Wanted(("messages",))) == [("text",)]


def test_up_to_64_keys_may_be_wanted():
    keys = tuple(f"key {number}" for number in range(64))
    record = dict(zip(keys, map(str, range(64)), strict=True))
    assert same(written([record]), Wanted(keys)) == [tuple(map(str, range(64)))]
    twice = written([record])[:-2] + b',"key 63":null}\n'
    assert read(twice, Wanted(keys)) is None
    same(written([{**record, "messages": [message("r", "c")]}]), Wanted(keys[:63], "messages"))
    assert read(written([record]), Wanted((*keys, "more"))) is None


def test_a_wanted_key_that_json_escapes_is_never_taken_for_another():
    for key in ('a"b', "a\\b", "a\nb", "\0"):
        assert read(written([{key: "x"}]), Wanted((key,))) is None
        assert read(written([{"a": "x", "b": "y"}]), Wanted((key,))) == [(None,)]


@pytest.mark.parametrize("value", [
    "0", "-0", "1", "-1", "10", "1.5", "0.0", "1e5", "1E+5", "1e-05", "0e0", "1e999", "9" * 400, "-0." + "9" * 400,
    "true", "false", "null", '""', '"\\ud83d\\ude00\\n"', '"\x7f"', "[]", "{}", "[{}]", '{"id":"x","id":"y"}',
    '{"\\u0069d":[1,[2,[3,{"messages":[{"role":1}]}]]]}', "[[],[[]],{},0,\"]\"]", '{"":{"":{}}}',
    "[" * DEEPEST + "]" * DEEPEST, '{"a":' * DEEPEST + "0" + "}" * DEEPEST, '[{"a":' * 16 + "0" + "}]" * 16,
])  # fmt: skip
def test_values_that_nobody_asked_for(value):
    for data in (
        f'{{"x":{value},"id":"a"}}\n',
        f'{{"id":"a","x": {value} }}\n',
        f'{{"id":"a","x":{value}}}\r\n',
    ):
        assert same(data.encode()) == [("a", None, None)]


def test_a_part_of_the_strings():
    data = np.frombuffer(written([chat("q1"), chat('q"2')]), np.uint8)
    spans = find_spans(data, 2, CHAT)
    chosen = np.array([False, True, True, False])
    assert gather(data, spans.parts, 1, chosen).to_pylist() == ["b", 'q"2']
    assert gather(data, spans.parts, 1, np.zeros(4, np.bool_)).to_pylist() == []
    assert gather(data, spans.flat, 1, np.array([True, False])).to_pylist() == [None]


def test_the_block_may_be_any_array_of_bytes():
    raw = written([chat("é\n" * 20)] * 3)
    usual = read(raw, CHAT)
    for block in (np.frombuffer(bytearray(raw), np.uint8), np.frombuffer(raw[::-1], np.uint8)[::-1]):
        spans = find_spans(block, 3, CHAT)
        assert gather(block, spans.parts, 1).to_pylist() == [text for row in usual for _, text in row[2]]


# What is not


PLAIN = '{"id":"a","messages":[{"role":"r","content":"c"}]}'


@pytest.mark.parametrize("line", [
    '{"id":1}', '{"id":true}', '{"id":["a"]}', '{"id":{}}', '{"id":nul}', '{"id":nulll}', '{"id":}', '{"id"}',
    '{"id":"a","id":"b"}', '{"id":null,"id":"b"}', '{"id":"a","id":null}', '{"messages":null,"messages":[]}',
    '{"\\u0069d":"a"}', '{"x\\n":1}', '{"id":"\\ud800"}', '{"id":"\\ude00\\ud83d"}', '{"id":"\\ud83dx"}',
    '{"id":"\\ud83d\\u0041"}', '{"id":"\\ud83d\\n"}', '{"x":"\\udc00"}', '{"id":"\\u12"}', '{"id":"\\u12g4"}',
    '{"id":"\\x"}', '{"id":"\\U0041"}', '{"id":"a\tb"}', '{"id":"a\0b"}', '{"id":"\x1f"}', '{"x":"\x01"}',
    '{"messages":{}}', '{"messages":"a"}', '{"messages":[1]}', '{"messages":[null]}', '{"messages":[[]]}',
    '{"messages":[{}]}', '{"messages":[{"role":"r"}]}', '{"messages":[{"content":"c"}]}',
    '{"messages":[{"role":"r","content":null}]}', '{"messages":[{"role":1,"content":"c"}]}',
    '{"messages":[{"role":"r","role":"r"}]}', '{"messages":[{"role":"r","content":"c","x":1}]}',
    '{"messages":[{"role":"r","content":"c","role":"r"}]}', '{"messages":[{"x":1,"role":"r","content":"c"}]}',
    '{"messages":[{"rol\\u0065":"r","content":"c"}]}', '{"messages":[{"role":"r","content":"c"},]}',
    '{"messages":[{"role":"r","content":"c",}]}', '{"messages":[{"role":"r" "content":"c"}]}',
    '{"messages":[{"role":"r","content":"c"}', '{"messages":[{"role":"r","content":"c"]}', '{"messages":[,]}',
    '{"x":' + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1) + "}",
    *('{"x":' + value + "}" for value in (
        "-", "+1", "01", "-01", "1.", ".5", "1.e5", "1e", "1e+", "--1", "0x1", "1_0", "NaN", "Infinity", "-Infinity",
        "True", "tru", "truee", "nul", "[1,]", "[,1]", "[1 2]", '{"a":1,}', '{"a" 1}', "{1:2}", '{"a":1 "b":2}', "{,}",
        "[}", "{]", "[1}", '{"a":1]', "[", "]", "1]", "", "'a'", '"a', "1 1", "\v1", "\u00a01", "\ufeff1", "/**/1",
    )),
    "{", "}", "{}}", "{{}}", "{,}", '{"x":1,}', '{,"x":1}', '{"x":1', '"x"', "[]", "1", "", " ", " {}", "{} ",
    "{}{}", "{}\r\r", "\r{}", "\ufeff{}", '{"x":1}x', '{x:1}', "{'x':1}", '{"x":1;"y":2}', '{"x"::1}',
])  # fmt: skip
def test_whatever_else_is_for_msgspec(line):
    for lines in ([line], [PLAIN, line], [line, PLAIN]):
        assert read(("\n".join(lines) + "\n").encode(), CHAT) is None


def test_as_many_lines_as_were_said():
    block = np.frombuffer(f"{PLAIN}\n{PLAIN}\n".encode(), np.uint8)
    assert [find_spans(block, rows, CHAT) is None for rows in range(4)] == [True, True, False, True]
    assert find_spans(block[:-1], 2, CHAT) is None
    assert find_spans(block[:0], 0, CHAT) is None


# Against msgspec


def agree(data, wanted):
    """Whether the block is plain; if so, msgspec takes every line of it and finds the same values."""
    found = read(data, wanted)
    assert found is None or found == expected(data, wanted), data
    return found is not None


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["", "\\", '"', "\u2028", "😀\n" * 9]
)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
KEY = st.sampled_from(["id", "source", "role", "content", "messages", "i", ""]) | TEXT
ANY = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3), max_leaves=8
)
MESSAGE = st.fixed_dictionaries({"role": TEXT, "content": TEXT})
RECORD = st.fixed_dictionaries(
    {"messages": st.none() | st.lists(MESSAGE, max_size=3)},
    optional={"id": st.none() | TEXT, "source": st.none() | TEXT, "x": ANY, "y": ANY},
).flatmap(lambda record: st.permutations(list(record.items())).map(dict))
HOW = st.fixed_dictionaries({
    "ensure_ascii": st.booleans(), "separators": st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", "\r: ")])
})  # fmt: skip
MANY = settings(max_examples=150)


@MANY
@given(records=st.lists(RECORD, min_size=1, max_size=4), how=HOW, end=st.sampled_from([b"\n", b"\r\n"]))
def test_plain_records_are_taken(records, how, end):
    data = written(records, **how).replace(b"\n", end)
    for wanted in (CHAT, MESSAGES):
        same(data, wanted)


@MANY
@given(
    records=st.lists(ANY.filter(lambda one: isinstance(one, dict)) | RECORD, min_size=1, max_size=3), how=HOW
)
def test_any_records_are_read_alike_or_left(records, how):
    for wanted in (CHAT, FLAT, TURNS, Wanted(("x", "y"))):
        agree(written(records, **how), wanted)


BYTES = [*range(128), *8 * b'"\\{}[],:ue0-. \n']
WORDS = (r"\u00e9", r"\ud83d", r"\ude00", "null", "-1", "1e5", '"id":', '"role":"r"', ',"x":1', "é", '""')
PIECES = st.sampled_from([*(bytes([code]) for code in BYTES), *(word.encode() for word in WORDS)])
CHANGES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 3), PIECES), min_size=1, max_size=3)


@settings(max_examples=600)
@given(records=st.lists(RECORD, min_size=1, max_size=2), how=HOW, changes=CHANGES)
def test_damaged_records_are_read_alike_or_left(records, how, changes):
    """Bytes are put in, left out or replaced; the caller has seen to UTF-8 and whole lines."""
    data = written(records, **how)
    for place, size, piece in changes:
        place %= len(data)
        data = data[:place] + piece + data[place + size :]
    data = data.decode("utf-8", "ignore").encode().rstrip(b"\n") + b"\n"
    for wanted in (CHAT, FLAT):
        agree(data, wanted)


def test_every_byte_left_out_doubled_or_replaced():
    line = '{"id":"é\\u00e9\\n","x":[-1.5e+3,{"a":true}],"messages":[{"role":"r","content":"\\ud83d\\ude00"}]}\n'.encode()
    taken = 0
    for place in range(len(line) - 1):
        for piece in (
            b"",
            2 * line[place : place + 1],
            *(bytes([code]) for code in b' "\\{}[],:0au.-\t\x00'),
        ):
            data = line[:place] + piece + line[place + 1 :]
            try:
                data.decode()
            except UnicodeDecodeError:
                continue
            taken += agree(data, CHAT)
    assert taken > 100  # in strings nearly everything may be


USABLE = [
    case
    for case in one_line(VALID) + one_line(INVALID) + one_line(EITHER)
    if case[1].isascii() or case in VALID
]


@pytest.mark.parametrize("frame", [
    b'{"x":%s}', b'{"id":"a","x":%s,"source":"b"}', b'{"id":%s}', b'{"messages":%s}', b'{"messages":[%s]}',
    b'{"messages":[{"role":"r","content":%s}]}', b'{"messages":[{"role":"r","content":"c","x":%s}]}', b"%s",
])  # fmt: skip
def test_the_torture_suite_is_read_alike_or_left(frame):
    for _, text in USABLE:
        agree(frame % text + b"\n", CHAT)


def test_all_that_is_json_may_stand_where_nobody_looks():
    left = [name for name, text in one_line(VALID) if not agree(b'{"x":%s,"id":"a"}\n' % text, CHAT)]
    assert left == []


# Memory


GUARDED = """
import ctypes, mmap
import numpy as np
from auditor.load.spans import Wanted, find_spans, gather

page = mmap.PAGESIZE
memory = mmap.mmap(-1, 2 * page)
whole = np.frombuffer(memory, np.uint8)
libc = ctypes.CDLL(None, use_errno=True)
assert libc.mprotect(ctypes.c_void_p(whole.ctypes.data + page), ctypes.c_size_t(page), 0) == 0
line = '{"id":"\\u00e9\\\\u00e9\\\\n","x":[-1.5e+3,{"a":true}],"messages":[{"role":"r","content":"\\\\ud83d\\\\ude00"}]}\\r\\n'
data = (line + line.replace("\\\\", "")).encode()
taken = 0
for cut in range(1, len(data) + 1):
    for end in (b"", b"\\n", b'"\\n', b'"}\\n', b"}\\n", b'"}]}\\n'):
        text = data[:cut] + end
        block = whole[page - len(text) : page]
        block[:] = np.frombuffer(text, np.uint8)
        for wanted in (Wanted(("id",), "messages"), Wanted(("x\\n", "id", "i"), "x")):
            spans = find_spans(block, text.count(b"\\n"), wanted)
            assert find_spans(block, text.count(b"\\n") + 1, wanted) is None
            if spans is not None:
                taken += 1
                gather(block, spans.flat, 0), gather(block, spans.parts, 0), gather(block, spans.parts, 1)
assert taken > 2, taken
"""


def test_nothing_behind_the_block_is_read():
    """The page behind it may not be touched: a read there ends the process."""
    done = subprocess.run([sys.executable, "-c", GUARDED], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_no_index_is_out_of_bounds(tmp_path):
    """Compiles anew, with checks."""
    checks = {"NUMBA_BOUNDSCHECK": "1", "AUDITOR_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", GUARDED], capture_output=True, text=True, env={**os.environ, **checks}
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("behind", [b'"', b"\\", b"}", b"\n", b"\0", b"x"])
def test_what_follows_the_block_does_not_matter(behind):
    data = f"{PLAIN}\n".encode()
    for cut in range(1, len(data) + 1):
        for end in (b"", b"\n"):
            text = data[:cut] + end
            block = np.frombuffer(text + 80 * behind, np.uint8)[: len(text)]
            spans = find_spans(block, text.count(b"\n"), CHAT)
            assert (spans is None) == (expected(text, CHAT) is None or not text.endswith(b"}\n"))
