"""Where the values of a JSON text begin and end, found without decoding them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_QUOTE, _BACKSLASH, _COMMA, _END_OF_ARRAY = b'"\\,]'
_MARKED, _OPENS, _CLOSES = (np.zeros(256, np.bool_) for _ in range(3))
_MARKED[list(b'"\\[]{},')] = True
_OPENS[list(b"[{")] = True
_CLOSES[list(b"]}")] = True
_STEP = _OPENS.astype(np.int8) - _CLOSES.astype(np.int8)


class Outline(NamedTuple):
    """Complete values of a piece of text, in order."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    commas: NDArray[np.int64]
    """Where the commas between them stand."""
    opened: NDArray[np.int64]
    """Where the brackets stand that open an outermost object or list."""
    closed: int | None
    """Where the bracket stands that closes the list they are in."""

    @property
    def containers(self) -> bool:
        """Whether each value holds exactly one outermost bracket, so that it is one object or one list, or broken."""
        return (
            len(self.opened) == len(self.starts) > 0
            and bool((self.opened >= self.starts).all())
            and bool((self.opened < self.ends).all())
        )


def elements(text: NDArray[np.uint8]) -> Outline:
    """The complete elements of a JSON list, given the text behind its opening bracket."""
    places, codes, depth = _brackets(text)
    over = np.flatnonzero(depth < 0)
    closed = int(places[over[0]]) if len(over) else None
    if closed is not None:
        places, codes, depth = places[: over[0]], codes[: over[0]], depth[: over[0]]
    commas = places[(codes == _COMMA) & (depth == 0)]
    ends = commas if closed is None else np.append(commas, closed)
    starts = np.concatenate((np.zeros(1, np.int64), commas + 1))[: len(ends)]
    opened = places[_OPENS[codes] & (depth == 1)]
    return Outline(
        starts, ends, commas, opened[: np.searchsorted(opened, ends[-1])] if len(ends) else opened, closed
    )


def documents(text: NDArray[np.uint8]) -> Outline:
    """The complete objects (or lists) of a text that holds one after the other."""
    places, codes, depth = _brackets(text)
    broken = np.flatnonzero(depth < 0)
    if len(broken):
        places, codes, depth = places[: broken[0] + 1], codes[: broken[0] + 1], depth[: broken[0] + 1]
    ends = places[_CLOSES[codes] & (depth <= 0)] + 1
    starts = np.concatenate((np.zeros(1, np.int64), ends))[: len(ends)]
    opened = places[_OPENS[codes] & (depth == 1)]
    return Outline(
        starts, ends, ends[:0], opened[: np.searchsorted(opened, ends[-1])] if len(ends) else opened, None
    )


def _brackets(text: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64]]:
    """Place, byte and depth (after it) of every bracket and comma outside strings."""
    places = np.flatnonzero(_MARKED[text])
    codes = text[places]
    quotes = codes == _QUOTE
    escaped = _escaped(places[codes == _BACKSLASH], len(text))
    if escaped is not None:
        quotes &= ~escaped[places]
    outside = (np.cumsum(quotes) & 1 == 0) & (codes != _QUOTE) & (codes != _BACKSLASH)
    places, codes = places[outside], codes[outside]
    return places, codes, np.cumsum(_STEP[codes], dtype=np.int64)


def _escaped(backslashes: NDArray[np.int64], size: int) -> NDArray[np.bool_] | None:
    """Which bytes stand behind an odd run of backslashes; None if there are no backslashes."""
    if not len(backslashes):
        return None
    first = np.concatenate((np.ones(1, np.bool_), np.diff(backslashes) != 1))
    last = np.concatenate((first[1:], np.ones(1, np.bool_)))
    begins, ends = backslashes[first], backslashes[last] + 1
    flags = np.zeros(size + 1, np.bool_)
    flags[ends[(ends - begins) & 1 == 1]] = True
    return flags
