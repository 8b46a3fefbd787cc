"""Room for arrays with an entry for each row: in memory up to a budget, beyond it in files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data

SHARE = 4
"""Such arrays may take one part in so many of the memory; what is worked out from them takes about twice as much."""


class Room:
    """Gives room for arrays.

    Arrays in files are mapped: the system writes their pages to disk where memory is short and reads them when they are
    needed. The files have no name and go away with the arrays.
    """

    def __init__(self, memory: int, folder: str | None) -> None:
        self._left, self._folder = memory // SHARE, folder

    def joined(self, parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """The arrays one behind the other."""
        shape = (sum(map(len, parts)), *parts[0].shape[1:])
        out = self._empty(shape, parts[0].dtype)
        np.concatenate(parts, out=out)
        return out

    def _empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        size = int(np.prod(shape)) * dtype.itemsize
        self._left -= size
        if self._left >= 0 or not size:
            return np.empty(shape, dtype)
        self._left += size
        with tempfile.TemporaryFile(dir=self._folder) as file:
            return np.memmap(file, dtype, "w+", shape=shape)


def room(data: Data) -> Room:
    """The room of an audit; use it as `data.once(room)`."""
    return Room(data.memory or half_of_memory(), data.scratch)


def half_of_memory() -> int:
    """Half of the machine's memory, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
