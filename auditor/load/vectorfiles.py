"""Vectors of rows in two .npy files: opened, held against the rows, and looked through once before they are used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor.errors import DataError
from checks.contract import Data, Split

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from checks.rewritten.vectors import Vectors

_ROWS = 65_536
"""Rows looked at at a time."""


def open_vectors(names: tuple[str, ...], data: Data) -> Vectors:
    """The vectors of train and eval, mapped from their files.

    Raises:
        DataError: a file cannot be used; says why, with the first wrong row.
    """
    from checks.rewritten.vectors import Vectors

    if len(names) != 2:
        message = f"vectors are two files, those of train and those of eval; {len(names)} are named"
        raise DataError(message)
    if data.eval is None:
        raise DataError(
            "vectors are for comparing train with eval, and there are no eval rows; name them with --eval FILE"
        )
    train, evals = (_opened(name, split) for name, split in zip(names, (data.train, data.eval), strict=True))
    if train.shape[1] != evals.shape[1]:
        message = f"{names[0]} has vectors of {train.shape[1]} numbers and {names[1]} of {evals.shape[1]}; make both with one model"
        raise DataError(message)
    for name, found in zip(names, (train, evals), strict=True):
        _look_through(name, found)
    return Vectors(train, evals)


def _opened(name: str, split: Split) -> NDArray[Any]:
    """One file, mapped."""
    try:
        found = np.load(Path(name), mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        why = getattr(error, "strerror", None) or "it is no .npy file of numbers"
        message = f"{name}: {why}; save the vectors with numpy.save"
        raise DataError(message) from error
    if not isinstance(found, np.ndarray):  # an archive of several arrays
        message = f"{name} is an archive; save one array with numpy.save"
        raise DataError(message)
    if found.ndim != 2 or not np.issubdtype(found.dtype, np.floating) or found.shape[1] == 0:
        what = f"{found.dtype} of shape {'x'.join(map(str, found.shape))}"
        message = f"{name} holds {what}; wanted is one vector a row, as float16, float32 or float64"
        raise DataError(message)
    if len(found) != split.rows:
        message = (
            f"{name} has {len(found):,} vectors and {split.role} has {split.rows:,} readable rows; there must be one for each "
            "row, in their order"
        )
        raise DataError(message)
    return found


def _look_through(name: str, found: NDArray[Any]) -> None:
    """Refuse vectors that have no direction."""
    for begin in range(0, len(found), _ROWS):
        block = np.asarray(found[begin : begin + _ROWS], np.float32)
        lengths = np.linalg.norm(block, axis=1)
        wrong = np.flatnonzero(~np.isfinite(lengths) | (lengths == 0))
        if len(wrong):
            row = int(wrong[0])
            why = "is all zeros" if lengths[row] == 0 else "holds a number that is not finite"
            message = f"{name}: the vector of row {begin + row:,} (from 0) {why}; make it anew"
            raise DataError(message)
