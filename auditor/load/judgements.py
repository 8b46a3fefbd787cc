"""Panels as judgements: what each labeler said of each record, in one column of their own and then one below the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from auditor.load.arrays import STRING, optional_texts
from auditor.load.ledger import Fault, shown
from auditor.load.panels import JUDGEMENT, NO, YES, Cell, Panel
from checks.labels.judgements import majority

Faults = list[tuple[int, Fault]]
_FLAGS = pa.array([*sorted(NO), *sorted(YES)], STRING)


def given(
    columns: Mapping[str, Sequence[Any] | pa.Array], panel: Panel
) -> tuple[dict[str, pa.Array], Faults]:
    """What each labeler said, null where they did not judge, by the role `judgement:LABELER`; and what is unclear."""
    made: dict[str, pa.Array] = {}
    faults: Faults = []
    for labeler, cells in panel.labelers.items():
        texts = []
        for cell in cells:
            text, wrong = optional_texts(columns[cell.role], cell.column)
            texts.append(text)
            faults += wrong
        if panel.one_hot:
            texts[0], unclear = _level_set(texts, cells, panel)
            faults += unclear
        made[f"{JUDGEMENT}:{labeler}"] = texts[0]
    return made, faults


def _level_set(texts: Sequence[pa.Array], cells: Sequence[Cell], panel: Panel) -> tuple[pa.Array, Faults]:
    """The one level that a labeler set in each record."""
    codes = [pc.index_in(text, _FLAGS).fill_null(-1).to_numpy(zero_copy_only=False) for text in texts]
    filled = np.array([text.is_valid().to_numpy(zero_copy_only=False) for text in texts])
    ones, odd = np.array(codes) >= len(NO), (np.array(codes) < 0) & filled
    count, strange, judged = ones.sum(axis=0), odd.any(axis=0), filled.any(axis=0)
    clear = (count == 1) & ~strange
    unclear = judged & ~clear & ~((count == 0) & ~strange & panel.zeros)
    faults = []
    for index in np.flatnonzero(unclear).tolist():
        if strange[index]:
            place = int(np.argmax(odd[:, index]))
            cell = f"`{shown(cells[place].column, 40)}` is {shown(texts[place][index].as_py(), 20)!r}"
            what = f"{cell}, neither 0 nor 1"
        else:
            what = f"{count[index]} levels of {shown(cells[0].labeler, 40)} are 1, not one"
        faults.append((index, Fault("unclear-judgement", what)))
    chosen = pa.array(np.where(clear, ones.argmax(axis=0), 0), mask=~clear)
    return pa.array([cell.level for cell in cells], STRING).take(chosen), faults


def agreed(made: Mapping[str, pa.Array]) -> pa.Array:
    """The label that most labelers gave each record; null on ties, and where nobody judged."""
    rows = len(next(iter(made.values())))
    below, _ = stacked(made, 0)
    found = majority(pl.DataFrame(below), "row")
    order = pl.DataFrame({"row": pl.int_range(rows, dtype=pl.UInt32, eager=True)})
    labels = order.join(found, on="row", how="left", maintain_order="left")["label"]
    return labels.to_arrow().cast(STRING)


def stacked(rows: Mapping[str, pa.Array], first: int) -> tuple[dict[str, pa.Array], dict[str, pa.Array]]:
    """The judgements among some rows, one below the other, and the rows without them.

    Args:
        rows: columns, those of labelers among them.
        first: number of the first row.

    Returns:
        `row`, `labeler` and `label` of each judgement by row, and the other columns.
    """
    own = {
        role.partition(":")[2]: column for role, column in rows.items() if role.startswith(f"{JUDGEMENT}:")
    }
    others = {role: column for role, column in rows.items() if not role.startswith(f"{JUDGEMENT}:")}
    if not own:
        return {}, others
    filled = np.array([column.is_valid().to_numpy(zero_copy_only=False) for column in own.values()])
    row, labeler = np.nonzero(filled.T)
    said: pa.Array = pa.concat_arrays([*own.values()])
    names: NDArray[np.int64] = labeler.astype(np.int64)
    return {
        "row": pa.array(row + first, pa.uint32()),
        "labeler": pa.array([*own], STRING).take(pa.array(names)),
        "label": said.take(pa.array(names * filled.shape[1] + row)),
    }, others
