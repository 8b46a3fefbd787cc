"""About how many tokens texts have: row by row against a loop, shared out between what is read and what is written."""

from __future__ import annotations

import re

import pytest

from checks.contract import Data
from checks.text.tokens import ERROR, train_tokens
from tests import helpers

TALKS = [
    ("where is it", "on its way to you, it left the house two days ago"),
    ("größe?", "XL"),
    ("x" * 200, "long words weigh by their bytes"),
    ("nothing said", ""),
]
SYSTEM = ["be kind and short", None, "", "be kind"]
REJECTED = ["no idea", "what is that supposed to mean", None, "say again"]


def counted(text: str) -> int:
    return len(re.findall(r"\w+", text))


def expected(row: int, *, beside: tuple[list[str | None], ...]) -> tuple[float, float, float]:
    """Tokens in all, read and written of one row."""
    ask, say = TALKS[row]
    more = [side[row] or "" for side in beside]
    whole = len(f"{ask}\n{say}".encode())
    size = whole + sum(len(one.encode()) for one in more)
    tokens = max((counted(f"{ask} {say}") + sum(map(counted, more))) * 4 / 3, size / 4.5) + 4 * 3
    call = whole + (len((SYSTEM[row] or "").encode()) if SYSTEM in beside else 0)
    written = len(say.encode())
    return tokens, tokens * (call - written) / size, tokens * written / size


def found(**columns) -> Data:
    train = helpers.stored("train", helpers.turns_of(TALKS, turns=["sua"] * 4, **columns))
    return helpers.data(train).once(train_tokens)


@pytest.mark.parametrize(
    ("columns", "beside"),
    [
        ({}, ()),
        ({"system": SYSTEM}, (SYSTEM,)),
        ({"system": SYSTEM, "rejected": REJECTED}, (SYSTEM, REJECTED)),
    ],
    ids=["plain", "system", "preferences"],
)
def test_rows_add_up_and_only_answered_ones_are_calls(columns, beside):
    tokens = found(**columns)
    rows = [expected(row, beside=beside) for row in range(4)]
    assert tokens.all.expected == pytest.approx(sum(all_ for all_, _, _ in rows))
    assert tokens.read.expected == pytest.approx(sum(read for _, read, _ in rows[:3]) / 3)
    assert tokens.written.expected == pytest.approx(sum(written for _, _, written in rows[:3]) / 3)


def test_the_estimate_is_as_far_off_as_it_says():
    whole = found().all
    assert whole.low == pytest.approx(whole.expected * (1 - ERROR))
    assert whole.high * (1 - ERROR) == pytest.approx(whole.expected)


def test_where_nothing_is_answered_there_is_no_call():
    texts = helpers.data(["a text", "another"]).once(train_tokens)
    assert (texts.read, texts.written) == (None, None)
    silent = helpers.stored("train", helpers.turns_of([("ask", ""), ("again", "")]))
    assert helpers.data(silent).once(train_tokens).read is None


def test_no_rows_have_no_tokens():
    assert helpers.data([]).once(train_tokens) is None
    labels = helpers.stored("train", {"label": ["x"]})
    assert helpers.data(labels).once(train_tokens) is None
