"""Arrays in one file that is mapped, not read: a line of JSON that says what is where, then the arrays."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditor.load.private import create_private

_ALIGNED = 64
"""Bytes at whose multiples arrays begin, so that kernels may read them in large pieces."""


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    name: str
    dtype: str
    shape: tuple[int, ...]


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a new file that its owner alone can read."""
    entries = [_Entry(name, array.dtype.str, array.shape) for name, array in arrays.items()]
    head = msgspec.json.encode(entries) + b"\n"
    create_private(path)
    with path.open("wb") as file:
        file.write(head.rjust(-(-len(head) // _ALIGNED) * _ALIGNED))
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).data)
            file.write(bytes(-array.nbytes % _ALIGNED))


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file, mapped and read-only.

    Raises:
        ValueError, msgspec.MsgspecError: it is no such file.
        OSError: it cannot be opened.
    """
    with path.open("rb") as file:
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    place = whole.find(b"\n") + 1
    found = {}
    for entry in msgspec.json.decode(whole[:place], type=list[_Entry]):
        dtype, size = np.dtype(entry.dtype), int(np.prod(entry.shape, dtype=np.int64))
        found[entry.name] = np.frombuffer(whole, dtype, size, place).reshape(entry.shape)
        place += -(-size * dtype.itemsize // _ALIGNED) * _ALIGNED
    return found
