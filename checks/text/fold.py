"""The fold table: which characters count as the same, which are dropped, which stand alone.

Comparison works on folded text: compatibility decomposition (NFKD) and case folding, combining marks and format
characters dropped, runs of letters and digits are words, each Han, kana, Thai or Lao character is a word of its own.
The table ships with the package, so that a hash is the same under every Python and its Unicode version.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SEPARATOR, DROPPED = 0, 1
ALONE, EXPANDS, CODE = 1 << 31, 1 << 30, (1 << 21) - 1
LIMIT = 0x30000
"""The table covers the planes that fold at all; `checks.text.words` handles what lies above."""

_FILE = Path(__file__).with_name("fold.npz")
_ALONE = (
    (0x0E00, 0x0EFF),
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)


class FoldTable(NamedTuple):
    """Arrays for the kernels.

    `codes` (uint32, one entry per code point below `LIMIT`): `SEPARATOR`, `DROPPED`, a folded code point (with
    `ALONE` if it is a word of its own), or `EXPANDS` and a number i; then the fold is
    `expansions[starts[i]:starts[i + 1]]`.
    """

    codes: NDArray[np.uint32]
    starts: NDArray[np.int32]
    expansions: NDArray[np.uint32]


def fold_character(character: str) -> list[int]:
    """Entries of the fold of one character: code points, `ALONE` set where due, 0 for a separator."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept = [c for c in folded if unicodedata.category(c)[0] != "M" and unicodedata.category(c) != "Cf"]
    return [_entry(ord(c)) if c.isalnum() else SEPARATOR for c in kept]


def build() -> FoldTable:
    """Compute the table from this Python's Unicode data."""
    codes = np.zeros(LIMIT, np.uint32)
    starts, expansions = [0], list[int]()
    for code in range(LIMIT):
        if 0xD800 <= code < 0xE000:  # surrogates never stand in UTF-8
            continue
        entries = fold_character(chr(code))
        if len(entries) > 1:
            codes[code] = EXPANDS | (len(starts) - 1)
            expansions += entries
            starts.append(len(expansions))
        else:
            codes[code] = entries[0] if entries else DROPPED
    return FoldTable(codes, np.array(starts, np.int32), np.array(expansions, np.uint32))


def load() -> FoldTable:
    """The table that ships with the package."""
    with np.load(_FILE) as arrays:
        return FoldTable(arrays["codes"], arrays["starts"], arrays["expansions"])


def save() -> None:
    """Write the shipped table anew; run with the newest Python that the project supports."""
    table = build()
    np.savez_compressed(_FILE, codes=table.codes, starts=table.starts, expansions=table.expansions)


def _entry(code: int) -> int:
    return code | ALONE if any(low <= code <= high for low, high in _ALONE) else code
