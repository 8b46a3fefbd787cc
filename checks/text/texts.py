"""The texts of a split as plain arrays, zero-copy from the store: in row order, or picked by row number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from checks.contract import Data, Split
from checks.text.kernel import Bytes, Numbers, copy_in, kernel, number_at

CHUNK = 8192
"""Pairs of texts judged at a time; they are copied next to each other."""


class TextArrays(NamedTuple):
    """Some texts, as the kernels take them."""

    data: NDArray[np.uint8]
    """UTF-8 bytes."""
    bounds: NDArray[np.int64]
    """Text i is `data[bounds[i]:bounds[i + 1]]`."""
    prompts: NDArray[np.int64]
    """Bytes of the prompt at the beginning of each text; -1 where it has none."""


class Texts:
    """The texts of a split.

    Iterating yields (number of the first row, arrays) batch by batch; `pick` copies the texts of chosen rows. Rows of
    files without texts have blank ones.
    """

    def __init__(self, split: Split) -> None:
        columns = [name for name in ("line", "text", "prompt_bytes") if name in split.stored]
        self._batches = [text_arrays(batch) for _, batch in split.batches(*columns)]
        sizes = [len(batch.prompts) for batch in self._batches]
        self._firsts = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
        self._addresses = np.array(
            [(b.data.ctypes.data, b.bounds.ctypes.data) for b in self._batches], np.int64
        ).reshape(-1, 2)
        self._prompts = np.concatenate([np.zeros(0, np.int64), *(batch.prompts for batch in self._batches)])

    def __len__(self) -> int:
        return int(self._firsts[-1])

    def __iter__(self) -> Iterator[tuple[int, TextArrays]]:
        yield from zip(self._firsts.tolist(), self._batches, strict=False)

    def pick(self, rows: NDArray[np.int64]) -> TextArrays:
        """Copies of the texts of `rows`, in their order."""
        bounds = np.zeros(len(rows) + 1, np.int64)
        batches = np.searchsorted(self._firsts, rows, side="right") - 1
        _measure(self._addresses, self._firsts, rows, batches, bounds)
        data = np.empty(int(bounds[-1]), np.uint8)
        _copy(self._addresses, self._firsts, rows, batches, bounds, data)
        data.flags.writeable = False  # as the texts of the store are, so that one compiled kernel serves both
        return TextArrays(data, bounds, self._prompts[rows])


def train_texts(data: Data) -> Texts:
    """The training texts; use it as `data.once(train_texts)`."""
    return Texts(data.train)


def eval_texts(data: Data) -> Texts | None:
    """The eval texts, None without an eval split; use it as `data.once(eval_texts)`."""
    return None if data.eval is None else Texts(data.eval)


def text_arrays(batch: pa.RecordBatch) -> TextArrays:
    """The texts of stored rows, zero-copy; blank ones where they have none."""
    if "text" not in batch.schema.names:
        none = np.zeros(0, np.uint8)
        none.flags.writeable = False
        return TextArrays(none, np.zeros(len(batch) + 1, np.int64), np.full(len(batch), -1, np.int64))
    column = batch.column("text")
    if column.type != pa.large_string():
        column = column.cast(pa.large_string())
    _, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, np.int64, len(column) + 1, 8 * column.offset)
    text = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    if "prompt_bytes" in batch.schema.names:
        prompts = _or_none(batch.column("prompt_bytes"))
    else:
        prompts = np.full(len(column), -1, np.int64)
    return TextArrays(text, bounds, prompts)


def _or_none(column: pa.Array) -> NDArray[np.int64]:
    """Numbers, -1 where there is none. Asking Arrow for each step takes a fifth of a CPU second a gigabyte."""
    column = column if column.type == pa.int32() else column.cast(pa.int32())
    _, data = column.buffers()
    numbers = np.frombuffer(data, np.int32, len(column), 4 * column.offset).astype(np.int64)
    if column.null_count:
        numbers[column.is_null().to_numpy(zero_copy_only=False)] = -1
    return numbers


@kernel
def _measure(addresses: Numbers, firsts: Numbers, rows: Numbers, batches: Numbers, bounds: Numbers) -> None:
    for i in range(len(rows)):
        batch = batches[i]
        place, table = rows[i] - firsts[batch], addresses[batch, 1]
        bounds[i + 1] = bounds[i] + number_at(table, place + 1) - number_at(table, place)


@kernel
def _copy(
    addresses: Numbers, firsts: Numbers, rows: Numbers, batches: Numbers, bounds: Numbers, out: Bytes
) -> None:
    for i in range(len(rows)):
        batch = batches[i]
        start = addresses[batch, 0] + number_at(addresses[batch, 1], rows[i] - firsts[batch])
        copy_in(out, bounds[i], start, bounds[i + 1] - bounds[i])
