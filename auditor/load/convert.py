"""Blocks of records as canonical rows: each record by the file's format, or by its own if it has another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from auditor.load.arrays import SHARED, STRING, label_lists, optional_texts, shared, texts
from auditor.load.blocks import Block, Record, row_types
from auditor.load.conversations import Flat
from auditor.load.detect import COLUMNS_SHOWN, SPLITS
from auditor.load.formats import LONG_FORM, Rules, Shape, classify, fit
from auditor.load.jsonfaults import fault_of
from auditor.load.judgements import agreed, given
from auditor.load.ledger import Fault, Ledger, shown
from auditor.load.mixtures import Mixtures
from checks.contract import FURTHER, GROUPS, LABEL_LIST, Role

Rows = dict[str, pa.Array]
"""Canonical columns of some rows; a column that is not there is null in all of them."""
_OWN = ("label", "labeler", "source", "time", "id", *GROUPS)
"""Columns that are taken as they stand."""
_JUDGED = ("label", "labeler")
"""Those whose values are compared with each other."""


class _Group(NamedTuple):
    """Records of one block that have the same shape."""

    shape: Shape
    columns: Mapping[str, Sequence[Any]]
    places: NDArray[np.int64]
    """Where the records stand in the block."""


class Conversion:
    """Turns the blocks of one file into canonical rows and keeps count of the formats met."""

    def __init__(self, shape: Shape, role: Role, rules: Rules, ledger: Ledger) -> None:
        self._shape, self._role, self._rules, self._ledger = shape, role, rules, ledger
        self._known: dict[tuple[tuple[str, str], ...], Shape | None] = {}
        self._met = 0
        self.mixtures = Mixtures()
        """Columns of which the file as a whole tells whether they are of one type."""
        ledger.at_end(self.mixtures.findings)
        self.formats: Counter[str] = Counter()
        self.never = shape.format.never
        """Canonical columns that none of the formats met can offer."""

    def rows(self, block: Block) -> Iterator[tuple[Role, Rows]]:
        """The rows of a block by the role they have."""
        self._state_sample(block)
        groups = [_Group(self._shape, block.columns, np.arange(len(block.lines)))]
        if any(map(_has_gap, (block.columns[role] for role in self._shape.format.needs))):
            groups = self._sorted(block)
        by_role: dict[Role, list[tuple[NDArray[np.int64], Rows]]] = defaultdict(list)
        for whole in groups:
            for role, group in self._routed(whole, block.lines):
                kept, rows = self._made(group, block.lines)
                if len(kept):
                    self.formats[group.shape.format.name] += len(kept)
                    self.never &= group.shape.format.never
                    by_role[role].append((kept, rows))
        for role, parts in by_role.items():
            yield role, parts[0][1] if len(parts) == 1 else _merged(parts)

    def _state_sample(self, block: Block) -> None:
        """Say once that a file goes on behind what its labelers were told from, where columns may come later."""
        before, self._met = self._met, self._met + len(block.lines)
        sampled = self._rules.sampled
        if self._shape.format.panel and block.named and before <= sampled < self._met:
            self._ledger.state(
                f"columns of labelers told from {sampled:,} records: one that first stands in another is not read"
            )

    def _sorted(self, block: Block) -> list[_Group]:
        """Records that have what the file's format needs, and the others by the format they have."""
        needs = [block.columns[role] for role in self._shape.format.needs]
        lacking = np.array([None in values for values in zip(*needs, strict=True)], np.bool_)
        groups = [_pick(self._shape, block.columns, np.flatnonzero(~lacking))]
        others: dict[Shape, list[tuple[int, Record]]] = defaultdict(list)
        for index in np.flatnonzero(lacking).tolist():
            record, line = block.record(index), int(block.lines[index])
            if isinstance(record, Fault):
                self._ledger.add(record, line)
            elif isinstance(found := self._other(record), Fault):
                self._ledger.add(found, line)
            else:
                others[found].append((index, record))
        for shape, records in others.items():
            groups += self._typed(shape, records, block.lines)
        return [group for group in groups if len(group.places)]

    def _other(self, record: Record) -> Shape | Fault:
        """The shape of a record that lacks what the file's format needs, or what is wrong with it.

        A shape whose columns the file's format has too is no other format: the record lacks a field. So does one that
        fits nowhere but has some of the file's columns.
        """
        key = tuple((column, classify(value)) for column, value in record.items())
        if key not in self._known:
            self._known[key] = fit({column: frozenset({kind}) for column, kind in key}, self._rules)
        shape, names = self._known[key], self._shape.names
        needed = [names[role] for role in self._shape.format.needs]
        if shape is not None and not {shape.names[role] for role in shape.format.needs} <= set(needed):
            return shape
        missing = [column for column in needed if record.get(column) is None]
        if shape is None and record.keys().isdisjoint(names.values()):
            columns = ", ".join(list(record)[:COLUMNS_SHOWN])
            return Fault("unknown-shape", f"no format has its columns: {shown(columns) or 'none'}")
        column = missing[0]
        what = "is null" if column in record else "is missing"
        return Fault("missing-field", f"`{shown(column, 40)}` {what}", None, f"$.{column}")

    def _typed(
        self, shape: Shape, records: list[tuple[int, Record]], lines: NDArray[np.int64]
    ) -> Iterator[_Group]:
        types = row_types(shape)
        good, places = [], []
        what = f"a {shape.format.name} record among {self._shape.format.name} records"
        for index, record in records:
            try:
                good.append(msgspec.convert(record, types.exact))
            except msgspec.ValidationError as error:
                self._ledger.add(fault_of(error, b""), int(lines[index]))
                continue
            places.append(index)
            self._ledger.add(Fault("other-format", what), int(lines[index]))
        if good:
            yield _Group(shape, types.columns(good), np.array(places, np.int64))

    def _routed(self, group: _Group, lines: NDArray[np.int64]) -> Iterator[tuple[Role, _Group]]:
        """A group by the role its split column gives; without one all of it has the file's role."""
        if "split" not in group.columns or self._role != "train":
            yield self._role, group
            return
        by_role: dict[str, list[int]] = {"train": [], "eval": []}
        for index, value in enumerate(group.columns["split"]):
            role = SPLITS.get(value.strip().lower()) if isinstance(value, str) else None
            if role:
                by_role[role].append(index)
            else:
                what = f"split {shown(str(value), 40)!r} is neither train nor eval"
                self._ledger.add(Fault("unknown-split", what), int(lines[group.places[index]]))
        roles: tuple[Role, ...] = ("train", "eval")
        for name in roles:
            if by_role[name]:
                chosen = np.array(by_role[name], np.int64)
                picked = _pick(group.shape, group.columns, chosen)
                yield name, picked._replace(places=group.places[chosen])

    def _made(self, group: _Group, lines: NDArray[np.int64]) -> tuple[NDArray[np.int64], Rows]:
        """Canonical columns of a group, and the places of its usable records."""
        made = group.shape.format.make(group.columns, group.shape.names)
        self._note(made.faults, lines[group.places])
        if bad := made.unusable:
            good = np.array([index for index in range(len(group.places)) if index not in bad], np.int64)
            places = group.places[good]
            if not len(good):
                return places, {}
            group = _pick(group.shape, group.columns, good)._replace(places=places)
            made = group.shape.format.make(group.columns, group.shape.names)
        rows: Rows = {"line": pa.array(lines[group.places]), **made.columns}
        if "text" in rows and rows["text"].null_count:
            rows["text"] = rows["text"].fill_null("")
        places = lines[group.places]
        for role, values in group.columns.items():
            if role in _OWN or role.startswith(FURTHER):
                rows |= self._taken(role, values, group.shape.names[role], places)
        if group.shape.format.panel and self._rules.panel is not None:
            for cell in self._rules.panel.cells:
                self.mixtures.meet(self._rules.panel.pattern, group.columns[cell.role], places)
            said, faults = given(group.columns, self._rules.panel)
            self._note(faults, places)
            rows = {"label": agreed(said), **rows, **said}
        if group.shape.format.flag in rows:
            rows["label"] = _flags(rows["label"])
        if group.shape.format.name == LONG_FORM:
            rows["item"] = texts(group.columns[group.shape.format.needs[0]])
        return group.places, rows

    def _taken(self, role: str, values: Any, column: str, places: NDArray[np.int64]) -> Rows:  # noqa: ANN401  a list or a string column
        """The canonical columns of a column that is taken as it stands: labels may be lists."""
        if role in _JUDGED or role.startswith(FURTHER):
            self.mixtures.meet(column, values, places)
        lists = None if role in _OWN[1:] else label_lists(values, column)
        if lists is None:
            found, faults = optional_texts(values, column)
            self._note(faults, places)
            return {role: found}
        self._note(lists.faults, places)
        return {role: lists.joined} | ({LABEL_LIST: lists.labels} if role == "label" else {})

    def _note(self, faults: Iterable[tuple[int, Fault]], places: NDArray[np.int64]) -> None:
        for index, fault in faults:
            self._ledger.add(fault, int(places[index]))


def _flags(labels: pa.Array) -> pa.Array:
    """The labels of unpaired preferences as true and false: some exports mix in 1 and 0."""
    flags = pc.utf8_lower(labels)
    for digit, flag in (("1", "true"), ("0", "false")):
        flags = pc.if_else(pc.equal(flags, pa.scalar(digit, STRING)), pa.scalar(flag, STRING), flags)
    return flags


def _has_gap(values: Any) -> bool:  # noqa: ANN401  a list, a string column or `Flat`
    """Whether some record has no value; what is read the fast way always has one."""
    return not isinstance(values, (pa.Array, Flat)) and None in values


def _pick(shape: Shape, columns: Mapping[str, Sequence[Any]], places: NDArray[np.int64]) -> _Group:
    chosen = places.tolist()
    return _Group(shape, {role: [values[i] for i in chosen] for role, values in columns.items()}, places)


def _merged(parts: list[tuple[NDArray[np.int64], Rows]]) -> Rows:
    """Rows of several groups in the order of their places."""
    order = pa.array(np.argsort(np.concatenate([places for places, _ in parts]), kind="stable"))
    names = dict.fromkeys(name for _, rows in parts for name in rows)
    merged = {}
    for name in names:
        kind = next(rows[name].type for _, rows in parts if name in rows)
        wide = STRING if kind == SHARED else kind
        pieces = [
            rows[name].cast(wide) if name in rows else pa.nulls(len(places), wide) for places, rows in parts
        ]
        column = pa.concat_arrays(pieces).take(order)
        merged[name] = _reshared(column) if kind == SHARED else column
    return merged


def _reshared(column: pa.Array) -> pa.Array:
    return shared(column.drop_null().to_pylist(), column.is_valid().to_numpy(zero_copy_only=False))
