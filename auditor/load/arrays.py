"""Python values as Arrow columns of the canonical store."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from auditor.load.ledger import Fault

STRING = pa.large_string()
SHARED = pa.string_view()
"""Type of columns whose values repeat: each distinct string of a batch is stored once."""
NEWLINE = pa.scalar("\n", STRING)
JOINED = " | "
"""What stands between the labels of a row that has several."""

_MAY_BE_SPACE = np.zeros(256, np.bool_)
_MAY_BE_SPACE[[char.encode()[0] for char in map(chr, range(0x3001)) if char.isspace()]] = True
"""First bytes of white space in UTF-8; U+3000 is the last of Unicode's."""

_AS_TEXT: Mapping[type, Callable[[Any], str | None]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: lambda value: None if math.isnan(value) else repr(value),
    type(None): lambda _: None,
    Decimal: str,
    datetime.datetime: datetime.datetime.isoformat,
    datetime.date: datetime.date.isoformat,
    datetime.time: datetime.time.isoformat,
}


def is_scalar(value: object) -> bool:
    """Whether `as_text` takes it."""
    return type(value) in _AS_TEXT


def as_text(value: Any) -> str | None:  # noqa: ANN401  any scalar
    """A scalar as JSON would write it, without quotes; None for what is missing."""
    return _AS_TEXT[type(value)](value)


def texts(values: Sequence[Any] | pa.Array) -> pa.Array:
    """Scalars as a string column; a column stays as it is."""
    if isinstance(values, pa.Array):
        return values
    try:
        return pa.array(values, STRING)
    except (pa.ArrowTypeError, pa.ArrowInvalid):  # numbers or booleans among them
        return pa.array([as_text(value) for value in values], STRING)


def optional_texts(values: Sequence[Any] | pa.Array, column: str) -> tuple[pa.Array, list[tuple[int, Fault]]]:
    """Scalars as a string column, null where they are blank.

    Whatever is no scalar becomes null too, and a fault at its index.
    """
    if isinstance(values, pa.Array):
        return _filled(values), []
    try:
        return _filled(pa.array(values, STRING)), []
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        pass
    wrong = [i for i, value in enumerate(values) if not is_scalar(value)]
    faults = [
        (i, Fault("wrong-type-ignored", f"no text but a {type(values[i]).__name__}", None, f"$.{column}"))
        for i in wrong
    ]
    known = list(values)
    for i in wrong:
        known[i] = None
    return _filled(texts(known)), faults


class LabelLists(NamedTuple):
    """Lists of labels."""

    labels: pa.Array
    """Distinct and sorted; null where nothing is in them."""
    joined: pa.Array
    """The same, each as one string."""
    faults: list[tuple[int, Fault]]


def label_lists(values: Sequence[Any] | pa.Array, column: str) -> LabelLists | None:
    """Lists of labels, if some of the values are lists.

    A label on its own is a list of one; a list with something in it that is no scalar becomes null and a fault.
    """
    if isinstance(values, pa.Array) or list not in set(map(type, values)):
        return None
    lists: list[list[str] | None] = []
    faults: list[tuple[int, Fault]] = []
    for index, value in enumerate(values):
        found = value if isinstance(value, list) else [value]
        wrong = next((one for one in found if not is_scalar(one)), None)
        if wrong is not None:
            what = f"no text but a {type(wrong).__name__}"
            faults.append((index, Fault("wrong-type-ignored", what, None, f"$.{column}")))
        several = {text for one in found if wrong is None and (text := as_text(one)) and not text.isspace()}
        lists.append(sorted(several) or None)
    joined = pa.array([None if found is None else JOINED.join(found) for found in lists], STRING)
    return LabelLists(pa.array(lists, pa.large_list(STRING)), joined, faults)


def listed(values: Sequence[Any] | pa.Array) -> list[str | None]:
    """The strings of a column, or of scalars; None for what is missing."""
    return values.to_pylist() if isinstance(values, pa.Array) else [as_text(value) for value in values]


def _filled(column: pa.Array) -> pa.Array:
    blank = blanks(column)
    if not blank.any():
        return column
    return pc.if_else(pa.array(blank), pa.scalar(None, STRING), column)


def sizes(column: pa.Array) -> NDArray[np.int64]:
    """Bytes of each string of a column that is no slice of another."""
    return np.diff(offsets(column))


def offsets(column: pa.Array) -> NDArray[np.int64]:
    """Where each string of a column begins in its data, and where the last one ends."""
    return np.frombuffer(column.buffers()[1], np.int64, len(column) + 1)


def blanks(column: pa.Array, without: NDArray[np.bool_] | int = 0) -> NDArray[np.bool_]:
    """Which strings are empty or white space; nulls count as blank, and `without` says which lack their first byte.

    Nearly every text begins with a byte that begins no white space, so only the others are looked at one by one.
    """
    starts, data = offsets(column), column.buffers()[2]
    blank: NDArray[np.bool_] = np.diff(starts) == without
    if data is None or not data.size:
        return blank
    first = np.frombuffer(data, np.uint8)[np.minimum(starts[:-1] + without, data.size - 1)]
    doubtful = np.flatnonzero(_MAY_BE_SPACE[first] & ~blank)
    for i in doubtful.tolist():
        blank[i] = column[i].as_py().isspace()
    return blank


def letters(column: pa.Array, letter: str) -> pa.Array:
    """One turn a row: `letter`, as a capital where the text is blank, null where there is none."""
    small, capital = pa.scalar(letter, STRING), pa.scalar(letter.upper(), STRING)
    blank = pa.array(blanks(column), mask=column.is_null().to_numpy(zero_copy_only=False))
    return pc.if_else(blank, capital, small)


def glued(first: pa.Array, second: pa.Array, between: pa.Scalar = NEWLINE) -> pa.Array:
    """Two string columns joined row by row; a null leaves the other one alone."""
    return pc.binary_join_element_wise(first, second, between, null_handling="skip")


def from_parts(codes: NDArray[np.uint8], bounds: NDArray[np.int64]) -> pa.Array:
    """A string column over ASCII bytes: row i is `codes[bounds[i]:bounds[i + 1]]`."""
    return pa.Array.from_buffers(STRING, len(bounds) - 1, [None, pa.py_buffer(bounds), pa.py_buffer(codes)])


def shared(values: Sequence[str], present: NDArray[np.bool_]) -> pa.Array:
    """A column of `SHARED` type with `values` in the rows that `present` marks and null elsewhere.

    Arrow has no kernel that gathers string views, so the 16-byte views of the distinct values are gathered as
    numbers of that size.
    """
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    distinct = pa.array(list(numbers), SHARED)
    _, views, *data = distinct.buffers()
    gathered = np.zeros(len(present), np.complex128)
    if values:
        chosen = np.fromiter(map(numbers.__getitem__, values), np.int64, len(values))
        gathered[present] = np.frombuffer(views, np.complex128, len(numbers))[chosen]
    valid = pa.py_buffer(np.packbits(present, bitorder="little"))
    return pa.Array.from_buffers(SHARED, len(present), [valid, pa.py_buffer(gathered), *data])
