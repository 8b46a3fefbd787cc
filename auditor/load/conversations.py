"""Conversations as canonical columns, block by block and without a Python step per message where they are plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from auditor.load.arrays import NEWLINE, STRING, blanks, from_parts, listed, offsets, shared, sizes, texts
from auditor.load.ledger import CODES, Fault
from auditor.load.messages import (
    LETTERS,
    AnyMessage,
    PlainMessage,
    PlainTurn,
    Turn,
    left_out,
    letter_of,
    read_turns,
)

Columns = Mapping[str, Any]
"""Role -> its values, one per record: a list, or where nothing is odd about them a string column or `Flat`."""
Names = Mapping[str, str]
"""Role -> the user's column, for messages."""

_IS_TEXT, _IS_ANSWER = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
_IS_TEXT[[ord(letter) for letter in "uaw"]] = True
_IS_ANSWER[[ord(letter) for letter in "aw"]] = True
_SYSTEM, _UNTRAINED, _CALL = (ord(letter) for letter in "swc")
_CAPITAL = ord("a") - ord("A")


class Made(NamedTuple):
    """Canonical columns of some records, and what was found in them by index."""

    columns: dict[str, pa.Array]
    faults: list[tuple[int, Fault]]

    @property
    def unusable(self) -> set[int]:
        """Indices of the records whose columns mean nothing."""
        return {index for index, fault in self.faults if CODES[fault.code].lost}


class Flat(NamedTuple):
    """The messages of a block one after the other."""

    counts: NDArray[np.int64]
    """Messages of each record."""
    letters: NDArray[np.uint8]
    text: pa.Array
    """By record, its spoken messages with newlines between them."""
    sizes: NDArray[np.int64]
    """Bytes of each message; 0 where it is not spoken."""
    blank: NDArray[np.bool_]
    """Which messages are blank."""
    systems: pa.Array
    """Contents of the system prompts."""


def spoken(letters: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which messages are part of the text."""
    return _IS_TEXT[letters]


def flat_of(counts: NDArray[np.int64], letters: NDArray[np.uint8], contents: pa.Array) -> Flat:
    """Messages whose contents stand in one column."""
    chosen = spoken(letters)
    pieces = contents if chosen.all() else contents.filter(pa.array(chosen))
    before = _sums(chosen)[_sums(counts)]
    text = pc.binary_join(pa.ListArray.from_arrays(pa.array(before, pa.int32()), pieces), NEWLINE)
    lengths = np.zeros(len(chosen), np.int64)
    lengths[chosen] = sizes(pieces)
    systems = contents.filter(pa.array(letters == _SYSTEM))
    return Flat(counts, letters, text, lengths, blanks(contents), systems)


def flat_parts(
    counts: NDArray[np.int64],
    letters: NDArray[np.uint8],
    pieces: pa.Array,
    glued: NDArray[np.bool_],
    rest: pa.Array,
) -> Flat:
    """Messages whose spoken ones stand one behind the other with newlines in front of those that are `glued`, and whose
    other ones are `rest`."""
    chosen = spoken(letters)
    lengths, blank = np.zeros(len(chosen), np.int64), np.empty(len(chosen), np.bool_)
    lengths[chosen] = sizes(pieces) - glued
    blank[chosen], blank[~chosen] = blanks(pieces, glued), blanks(rest)
    bounds = offsets(pieces)[_sums(chosen)[_sums(counts)]]
    text = pa.Array.from_buffers(STRING, len(counts), [None, pa.py_buffer(bounds), pieces.buffers()[2]])
    is_system = letters[~chosen] == _SYSTEM
    systems = rest if is_system.all() else rest.filter(pa.array(is_system))
    return Flat(counts, letters, text, lengths, blank, systems)


def _sums(values: NDArray[Any]) -> NDArray[np.int64]:
    """How many or how much there is before each value, and in all."""
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(values, dtype=np.int64)))


def chats(columns: Columns, names: Names) -> Made:
    """Canonical columns of chat and ShareGPT records."""
    role = "messages" if "messages" in columns else "conversations"
    values = columns[role]
    if isinstance(values, Flat):
        return Made(chat_columns(values, columns.get("system")), [])
    first = next((messages[0] for messages in values if messages), None)
    if type(first) in (PlainMessage, PlainTurn):
        return Made(chat_columns(_plain(values), columns.get("system")), [])
    turns, faults = read_all(values, names[role])
    return Made(chat_columns(flatten(turns), columns.get("system")), faults)


def read_all(
    values: Sequence[list[AnyMessage]], name: str
) -> tuple[list[list[Turn]], list[tuple[int, Fault]]]:
    """The turns of each conversation in column `name`; none where it is unusable."""
    found: list[list[Turn]] = []
    faults: list[tuple[int, Fault]] = []
    for index, messages in enumerate(values):
        turns = read_turns(messages, f"$.{name}")
        if isinstance(turns, Fault):
            faults.append((index, turns))
            turns = []
        faults += [(index, fault) for fault in left_out(turns, f"$.{name}")]
        found.append(turns)
    return found, faults


def flatten(conversations: Sequence[Sequence[Turn]]) -> Flat:
    """Turns of many conversations as one run."""
    counts = np.fromiter(map(len, conversations), np.int64, len(conversations))
    turns = list(chain.from_iterable(conversations))
    letters = np.array([turn.letter for turn in turns], np.uint8)
    return flat_of(counts, letters, texts([turn.text for turn in turns]))


def _plain(values: Sequence[list[PlainMessage]]) -> Flat:
    counts = np.fromiter(map(len, values), np.int64, len(values))
    messages = list(chain.from_iterable(values))
    try:
        letters = bytes([LETTERS[message.role] for message in messages])
    except KeyError:  # a role in capitals, or an unknown one
        letters = bytes([letter_of(message.role) for message in messages])
    contents = texts([message.content for message in messages])
    return flat_of(counts, np.frombuffer(letters, np.uint8), contents)


def chat_columns(flat: Flat, system: Sequence[Any] | None = None) -> dict[str, pa.Array]:
    """Text, the spans of prompt and response in it, system prompt and turns of each conversation.

    Args:
        flat: the messages.
        system: a system prompt that stands in a column of its own, by record.
    """
    rows = len(flat.counts)
    bounds = _sums(flat.counts)
    length = flat.sizes + spoken(flat.letters)  # of each message, with the newline behind it
    reach = _sums(length)
    answer = _last_answers(flat, rows)
    answered = answer >= 0
    start = reach[answer] - reach[bounds[:-1]]
    whole = reach[bounds[1:]] - reach[bounds[:-1]]
    prompt = np.where(answered, start, whole) - 1
    response = length[answer] - 1 if len(length) else np.zeros(rows, np.int64)
    return {
        "text": flat.text,
        "prompt_bytes": pa.array(prompt, pa.int32(), mask=prompt < 0),
        "response_bytes": pa.array(response, pa.int32(), mask=~answered),
        "system": _systems(flat, bounds, system),
        "turns": from_parts(_capitals(flat), bounds),
    }


def _last_answers(flat: Flat, rows: int) -> NDArray[np.int64]:
    """Index of the message that is each record's response; -1 where there is none."""
    record = np.repeat(np.arange(rows), flat.counts)
    answer = np.full(rows, -1, np.int64)
    candidates = np.flatnonzero(_IS_ANSWER[flat.letters])
    untrained = flat.letters[candidates] == _UNTRAINED
    for chosen in (candidates[untrained], candidates[~untrained]):  # what is trained on wins
        answer[record[chosen]] = chosen  # and the last one of a record stays
    return answer


def _capitals(flat: Flat) -> NDArray[np.uint8]:
    """The letters, as capitals where the message is blank."""
    capitals: NDArray[np.uint8] = flat.letters - np.uint8(_CAPITAL) * (flat.blank & (flat.letters != _CALL))
    return capitals


def _systems(flat: Flat, bounds: NDArray[np.int64], column: Sequence[Any] | None) -> pa.Array:
    each = _sums(flat.letters == _SYSTEM)[bounds]
    found = flat.systems.to_pylist()
    count = np.diff(each)
    if column is None and (not len(count) or count.max() <= 1):
        return shared(found, count > 0)
    own = [None] * len(count) if column is None else listed(column)
    parts = [
        [*([first] if first is not None else []), *found[start:stop]]
        for first, start, stop in zip(own, each[:-1].tolist(), each[1:].tolist(), strict=True)
    ]
    return shared(["\n".join(part) for part in parts if part], np.array([bool(part) for part in parts]))
