"""Which format the records of a file have, told from many of them."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from auditor.errors import DataError, suggest
from auditor.load.arrays import as_text
from auditor.load.formats import (
    COMMON,
    FORMAT_NAMES,
    FORMATS,
    LONG_FORM,
    MAPPABLE,
    NAMES,
    SEVERAL,
    WIDE_FORM,
    Format,
    Rules,
    Shape,
    classify,
    fit,
)
from auditor.load.ledger import shown
from auditor.load.panels import JUDGEMENT, Panel, mapped, told

LOOKED_AT = 10_000
"""Records from which the format is told, at most."""
COLUMNS_SHOWN = 20
SHORTEST = 5
"""Letters that a column name must have for one wrong letter to be a slip: "test" is not "text"."""
JUDGED_TWICE = 0.05
"""Share of the distinct texts that come with two labelers from which equal texts are one item that several judged.

Tool default: labels are checked on 5 % of the items or more where that is meant (see `labelers.overlap_share`), while
people who label different rows meet the same text by chance, in "ok" and "thanks"."""
SPLITS: Mapping[str, str] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("eval", "evaluation", "test", "testing", "valid", "validation", "val", "dev"), "eval"),
}
"""Value of a `split` column -> role."""

_KINDS = {
    "text": "text", "flag": "true or false", "number": "number", "turns": "list of messages", "turn": "message",
    "several": "list", "empty": "empty list", "other": "list or object", "null": "nothing but null",
}  # fmt: skip

Record = Mapping[str, Any]


def check_choice(mapping: Mapping[str, str], input_format: str | None) -> None:
    """Refuse roles and formats that do not exist.

    Raises:
        DataError: with the nearest known name.
    """
    for column, role in mapping.items():
        if role not in MAPPABLE:
            message = f"--map {column}={role}: there is no role {role!r}{suggest(role, MAPPABLE)}"
            raise DataError(message)
    for role, count in Counter(mapping.values()).items():
        if count > 1 and role not in SEVERAL:
            columns = ", ".join(column for column, mapped in mapping.items() if mapped == role)
            message = f"--map gives the role {role!r} to several columns ({columns}); choose one"
            raise DataError(message)
    if input_format is not None and input_format not in FORMAT_NAMES:
        message = (
            f"--input-format {input_format}: there is no such format{suggest(input_format, FORMAT_NAMES)}"
        )
        raise DataError(message)


class Detected:
    """What a sample of a file's records says about it."""

    def __init__(
        self, sample: Sequence[Record], mapping: Mapping[str, str], input_format: str | None
    ) -> None:
        self._classes = [{column: classify(value) for column, value in record.items()} for record in sample]
        self.kinds = _seen(self._classes)
        pairs = tuple((_spelled(column, self.kinds), role) for column, role in mapping.items())
        rules = Rules(
            mapping=pairs,
            input_format=input_format,
            sampled=len(sample),
            filled=frozenset(column for column, kinds in self.kinds.items() if kinds != {"null"}),
            panel=_panel(sample, pairs, tuple(self.kinds)) if input_format in (None, WIDE_FORM) else None,
        )
        repeats, self._judged_twice = _repeats(sample, rules)
        self.rules = replace(rules, repeats=repeats, splits=_splits(sample, rules))
        self.shape = self._most()
        self._sample = sample

    def _most(self) -> Shape | None:
        """The format of most records, with the columns that any of them has for it.

        The columns of a panel tell no records apart: all or none of them may be blank in any.
        """
        beside = {cell.column for cell in self.rules.panel.cells} if self.rules.panel else set[str]()
        votes: Counter[Format] = Counter()
        voters: dict[Format, list[dict[str, str]]] = defaultdict(list)
        known: dict[tuple[tuple[str, str], ...], Shape | None] = {}
        for classes in self._classes:
            key = tuple((column, kind) for column, kind in classes.items() if column not in beside)
            if key not in known:
                known[key] = fit({column: frozenset({kind}) for column, kind in key}, self.rules)
            if (shape := known[key]) is not None:
                votes[shape.format] += 1
                voters[shape.format].append(classes)
        if not votes:
            return None
        best = max(FORMATS, key=lambda format_: votes[format_])
        return fit(_seen(voters[best]), self.rules, (best,))

    @property
    def by_chance(self) -> int:
        """Texts with two labelers in the sample, where so few have them that equal texts are rows of their own."""
        is_rows = self.shape is not None and self.shape.format.name == "text-label"
        return self._judged_twice if is_rows and not self.rules.repeats else 0

    @property
    def misspelt(self) -> list[tuple[str, str]]:
        """Columns that no role uses, and the known name that each is one slip away from; plurals are other words."""
        from rapidfuzz.distance import OSA

        names = {name for names in NAMES.values() for name in names if len(name) >= SHORTEST}
        present = {column.lower() for column in self.kinds}
        found = []
        for column in self.unused[:COLUMNS_SHOWN]:
            lower = column.lower()
            near = [] if lower in names else [
                name for name in sorted(names - present)
                if OSA.distance(lower, name, score_cutoff=1) == 1 and lower.rstrip("s") != name.rstrip("s")
            ]  # fmt: skip
            found += [(column, name) for name in near[:1]]
        return found

    @property
    def unused(self) -> list[str]:
        """Columns that no role uses."""
        used = set(self.shape.names.values()) if self.shape else set()
        return [column for column in self.kinds if column not in used]

    def unknown(self) -> str:
        """What to tell somebody whose columns make no format."""
        some = ", ".join(
            f"{shown(column, 40)} ({_KINDS[_main(kinds)]})"
            for column, kinds in list(self.kinds.items())[:COLUMNS_SHOWN]
        )
        more = f" and {len(self.kinds) - COLUMNS_SHOWN:,} more" if len(self.kinds) > COLUMNS_SHOWN else ""
        if other := self._without_format():
            return (
                f"its columns ({some}{more}) make the format {other}, not {self.rules.input_format}; leave out "
                "--input-format, which holds for all files of an audit"
            )
        if self.kinds and all(_main(kinds) == "null" for kinds in self.kinds.values()):
            return f"it has the columns {some}{more}, but no value in any of them"
        wanted = f"the format {self.rules.input_format}" if self.rules.input_format else "any known format"
        guess = self._guess()
        if any(column != shown(column, 40) for column, _ in guess):  # nobody could copy that
            guess = []
        options = " ".join(f"--map {shlex.quote(column)}={role}" for column, role in guess)
        return (
            f"its columns do not make {wanted}. Found: {some or 'none'}{more}. Say which is which, for example "
            f"{options or '--map COLUMN=text --map COLUMN=label'} (roles: {', '.join(sorted(MAPPABLE))})"
        )

    def _without_format(self) -> str | None:
        """The format that the records have, if it is only the user's choice of one that they do not fit."""
        if self.rules.input_format is None:
            return None
        free = Detected(self._sample, dict(self.rules.mapping), None).shape
        return free.format.name if free else None

    def _guess(self) -> list[tuple[str, str]]:
        """Roles that the values suggest: the longest texts, and what has few distinct values.

        Columns whose names say that they are something else stay out of it.
        """
        named = {role: _column(role, self.rules, self.kinds) for role in (*COMMON, "item")}
        scalars = {
            column: [text for record in self._sample if (text := _text(record.get(column)))]
            for column, kinds in self.kinds.items()
            if _main(kinds) in ("text", "number", "flag") and column not in named.values()
        }
        length = {column: sum(map(len, texts)) / len(texts) for column, texts in scalars.items() if texts}
        words = sorted((c for c in length if _main(self.kinds[c]) == "text"), key=lambda c: -length[c])
        few = [c for c in length if len(set(scalars[c])) <= max(2, len(scalars[c]) // 5)]
        if few and named["labeler"] and named["item"]:
            return [(few[0], "label")]
        labels = [c for c in few if c not in words[:1]]
        if words and labels:
            return [(words[0], "text"), (labels[0], "label")]
        if len(words) > 1:
            return sorted(
                zip(words[:2], ("response", "prompt"), strict=True),
                key=lambda pair: list(self.kinds).index(pair[0]),
            )
        lists = [column for column, kinds in self.kinds.items() if _main(kinds) == "turns"]
        return [(lists[0], "messages")] if lists else [(column, "text") for column in words]


def _seen(records: Iterable[Mapping[str, str]]) -> dict[str, frozenset[str]]:
    """Column -> the classes its values have in any of the records."""
    seen: dict[str, set[str]] = {}
    for classes in records:
        for column, kind in classes.items():
            seen.setdefault(column, set()).add(kind)
    return {column: frozenset(kinds) for column, kinds in seen.items()}


def _main(kinds: frozenset[str]) -> str:
    """The class to show for a column that may have several."""
    return next((kind for kind in _KINDS if kind in kinds), "null")


def _text(value: Any) -> str | None:  # noqa: ANN401  any value of a record
    return as_text(value) if classify(value) in ("text", "number", "flag") else None


def _spelled(column: str, known: Mapping[str, frozenset[str]]) -> str:
    """The column of a mapping as the file spells it: exactly so, or but for case."""
    if column in known:
        return column
    return next((name for name in known if name.lower() == column.lower()), column)


def _column(role: str, rules: Rules, columns: Iterable[str]) -> str | None:
    """The column that fills a role on its own."""
    mapped = {to: column for column, to in rules.mapping}
    if role in mapped:
        return mapped[role]
    lower = {column.lower(): column for column in columns}
    return next((lower[name] for name in NAMES[role] if name in lower), None)


def _panel(
    sample: Sequence[Record], mapping: Sequence[tuple[str, str]], columns: Sequence[str]
) -> Panel | None:
    """The panel that the user names or the columns tell.

    Where records have a label of their own that no labeler gave, the columns are about something else.
    """
    taken = {column for column, role in mapping if role != JUDGEMENT}
    free = [column for column in columns if column not in taken]
    if patterns := [column for column, role in mapping if role == JUDGEMENT]:
        return mapped(patterns, free, sample)
    panel = told(sample, free)
    own = {to: column for column, to in mapping}.get(
        "label", next((c for c in columns if c.lower() == "label"), None)
    )
    if panel is None or own is None:
        return panel
    labels = {text for record in sample if (text := _text(record.get(own)))}
    given = {cell.level for cell in panel.cells} | {
        _text(record.get(cell.column)) for record in sample for cell in panel.cells if cell.level is None
    }
    return None if labels and labels.isdisjoint(given) else panel


def _repeats(sample: Sequence[Record], rules: Rules) -> tuple[bool, int]:
    """Whether so many texts come with two labelers that this is meant, and how many do.

    A single one is enough where the user says that it is meant.
    """
    text, labeler = (_column(role, rules, rules.filled) for role in ("text", "labeler"))
    first: dict[str, Any] = {}
    twice: set[str] = set()
    for record in sample:
        value = record.get(text or "")
        who = record.get(labeler or "")
        if isinstance(value, str) and who is not None and first.setdefault(value, who) != who:
            twice.add(value)
    share = 0 if rules.input_format == LONG_FORM else JUDGED_TWICE
    return bool(twice) and len(twice) >= share * len(first), len(twice)


def _splits(sample: Sequence[Record], rules: Rules) -> bool:
    """Whether the split column tells train from eval."""
    column = _column("split", rules, rules.filled)
    if column is None:
        return False
    if column in dict(rules.mapping):
        return True
    found = [record[column] for record in sample if isinstance(record.get(column), str)]
    known = sum(value.strip().lower() in SPLITS for value in found)
    return known > len(found) / 2  # what else stands in it is then a slip, which the reader names
