"""Record shapes: ONE table that says which columns make a format and how they become canonical columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from auditor.load.arrays import is_scalar
from auditor.load.conversations import Columns, Made, Names, chats
from auditor.load.fields import answered, judged, plain_texts, prompts
from auditor.load.panels import JUDGEMENT, Panel
from auditor.load.preferences import preferences
from checks.contract import FURTHER, GROUPS

NAMES: Mapping[str, tuple[str, ...]] = {
    "text": (
        "text", "sentence", "content", "utterance", "tweet", "review", "comment", "document", "article", "body",
        "post", "passage", "headline", "title",
    ),
    "label": ("label", "category", "intent", "class", "target", "sentiment", "topic", "labels"),
    "labeler": (
        "labeler", "labeller", "annotator", "annotator_id", "worker", "worker_id", "workerid", "rater", "rater_id",
        "coder", "labeled_by", "annotated_by",
    ),
    "source": ("source", "origin", "generator", "model"),
    "time": ("time", "timestamp", "created_at", "annotated_at", "date"),
    "id": ("id", "uid", "uuid", "example_id", "record_id"),
    "document": (
        "doc_id", "document_id", "docid", "source_document", "article_id", "page_id", "passage_id", "context_id", "url",
    ),
    "conversation": (
        "conversation_id", "conv_id", "conversation_hash", "thread_id", "session_id", "dialogue_id", "dialog_id", "chat_id",
    ),
    "user": ("user_id", "userid", "user_hash", "author_id", "author", "customer_id", "speaker_id", "patient_id", "client_id"),
    "item": ("item", "item_id", "task_id", "unit_id", "example_id", "doc_id"),
    "split": ("split",),
    "system": ("system", "system_prompt"),
    "prompt": ("prompt", "instruction", "input", "query", "question", "problem"),
    "response": ("completion", "response", "answer", "output", "target", "reply", "solution"),
    "question": ("question", "query", "problem"),
    "instruction": ("instruction",),
    "input": ("input", "context"),
    "context": ("context", "passage"),
    "chosen": ("chosen",),
    "rejected": ("rejected",),
    "messages": ("messages",),
    "conversations": ("conversations", "conversation"),
}  # fmt: skip
"""Role -> the column names it goes by, compared without case, the preferred one first."""

MAPPABLE = frozenset(NAMES) - {"question", "instruction", "input", "context", "conversations"} | {JUDGEMENT}
"""Roles that `--map` may give."""
SEVERAL = ("label", JUDGEMENT)
"""Roles that `--map` may give to several columns."""
COMMON = ("labeler", "source", "time", "id", *GROUPS, "split")
"""Roles that a record of any format may have."""

Classes = Mapping[str, frozenset[str]]
"""Column -> the classes of its values, see `classify`."""

_SCALAR = frozenset({"text", "flag", "number"})
_TURNS = frozenset({"turns", "empty"})
_EITHER = _SCALAR | _TURNS | {"turn"}
ACCEPTED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(NAMES, _SCALAR),
    **dict.fromkeys(("messages", "conversations"), _TURNS),
    **dict.fromkeys(("prompt", "response", "chosen", "rejected"), _EITHER),
    "label": _SCALAR | {"several", "empty"},
}
"""Role -> classes of values it takes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Format:
    """One shape that records come in."""

    name: str
    needs: tuple[str, ...]
    """Roles that every record fills."""
    some: tuple[str, ...] = ()
    """Roles that have a column and that some records fill; the others are what checks find missing."""
    takes: tuple[str, ...] = ()
    """Roles that a record may have besides."""
    make: Callable[[Columns, Names], Made]
    never: frozenset[str]
    """Canonical columns that this format cannot offer."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Column names that count here instead of those of `NAMES`."""
    flag: str | None = None
    """A role whose values are all true or false."""
    repeats: bool = False
    """Several labelers must have judged the same text."""
    panel: bool = False
    """Each labeler must have columns of their own."""

    def __reduce__(self) -> tuple[Callable[[int], Format], tuple[int]]:
        """A worker process knows the formats by their number."""
        return numbered, (FORMATS.index(self),)


_QUESTIONS = {"response": ("answer", "response", "completion", "output", "solution")}
_STRICT = {"prompt": ("prompt",), "response": ("completion", "response")}
_NO_PAIR = frozenset({"chosen", "rejected"})
_NO_ANSWER = frozenset({"response", "chosen", "rejected"})
_KTO = _NO_PAIR

LONG_FORM = "multi-annotator"
"""The format whose records are judgements; its rows are the items they are about."""
WIDE_FORM = "multi-annotator-wide"
"""The format whose records are items with the judgements of all labelers."""

FORMATS = (
    Format(name="preference", needs=("chosen",), some=("rejected",), make=preferences, never=frozenset({"label"}),
           takes=("prompt", "messages", "conversations", "question", "instruction", "input", "system"),
           names={"prompt": ("prompt",), "input": ("input",)}),
    Format(name="kto", needs=("messages", "label"), takes=("system",), make=chats, never=_KTO, flag="label"),
    Format(name="kto", needs=("conversations", "label"), takes=("system",), make=chats, never=_KTO, flag="label"),
    Format(name="kto", needs=("prompt", "response", "label"), takes=("system",), make=answered, never=_KTO, flag="label"),
    Format(name="chat", needs=("messages",), takes=("system",), make=chats, never=_NO_PAIR | {"label"}),
    Format(name="sharegpt", needs=("conversations",), takes=("system",), make=chats, never=_NO_PAIR | {"label"}),
    Format(name=LONG_FORM, needs=("item",), some=("labeler", "label"), make=judged, never=_NO_ANSWER,
           takes=("text", "prompt", "response", "context")),
    Format(name=LONG_FORM, needs=("text",), some=("labeler", "label"), make=judged, never=_NO_ANSWER,
           repeats=True),
    Format(name="alpaca", needs=("instruction", "response"), takes=("input", "system"), make=answered,
           never=_NO_PAIR | {"label"}, names={"response": ("output", "response")}),
    Format(name="prompt-completion", needs=("prompt", "response"), takes=("context", "system"), make=answered,
           never=_NO_PAIR | {"label"}, names=_STRICT),
    Format(name="question-answer", needs=("question", "response"), takes=("context", "system"), make=answered,
           never=_NO_PAIR | {"label"}, names=_QUESTIONS),
    Format(name="prompt-completion", needs=("prompt", "response"), takes=("context", "system"), make=answered,
           never=_NO_PAIR | {"label"}),
    Format(name=WIDE_FORM, needs=(), make=judged, never=_NO_ANSWER, panel=True, names={"label": ("label", "labels")},
           takes=("text", "messages", "conversations", "prompt", "response", "context", "system", "label")),
    Format(name="text-label", needs=("text",), some=("label",), make=prompts, never=_NO_ANSWER | {"system"}),
    Format(name="prompt", needs=("prompt",), takes=("context", "system", "label"), make=prompts, never=_NO_ANSWER),
    Format(name="text", needs=("text",), make=plain_texts, never=_NO_ANSWER | {"prompt", "label", "system"}),
)  # fmt: skip
"""The first format whose columns a record has is the record's format; more particular ones come first."""


def numbered(number: int) -> Format:
    """The format with this place in the table."""
    return FORMATS[number]


FORMAT_NAMES = tuple(dict.fromkeys(known.name for known in FORMATS))


@dataclass(frozen=True, slots=True)
class Shape:
    """A format, and the user's columns that fill its roles."""

    format: Format
    columns: tuple[tuple[str, str], ...]
    """(role, column)."""

    @property
    def names(self) -> dict[str, str]:
        """Role -> column."""
        return dict(self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What narrows the choice of a format for one file."""

    mapping: tuple[tuple[str, str], ...] = ()
    """(column, role) as the user gave them."""
    input_format: str | None = None
    filled: frozenset[str] = frozenset()
    """Columns that hold a value in some record of the file."""
    repeats: bool = False
    """The same text comes with several labelers."""
    splits: bool = False
    """The column `split` says which records are eval."""
    panel: Panel | None = None
    """The columns of each labeler."""
    sampled: int = 0
    """Records that were looked at."""


def classify(value: Any) -> str:  # noqa: ANN401  any value of a record
    """What a value could serve as: null, text, flag, number, turns (messages), turn (one message), several (scalars),
    empty (list), other."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, str):
        return "flag" if value.lower() in ("true", "false") else "text"
    if is_scalar(value):
        return "number" if isinstance(value, int | float) else "text"
    if isinstance(value, list):
        if not value:
            return "empty"
        if all(map(is_scalar, value)):
            return "several"
        return "turns" if all(isinstance(one, dict) and _is_turn(one) for one in value) else "other"
    return "turn" if isinstance(value, dict) and _is_turn(value) else "other"


def _is_turn(value: Mapping[str, Any]) -> bool:
    return not value.keys().isdisjoint(("role", "from"))


def fit(classes: Classes, rules: Rules, formats: Iterable[Format] = FORMATS) -> Shape | None:
    """The first format that records with such columns have."""
    for format_ in formats:
        if rules.input_format in (None, format_.name) and (shape := _assign(format_, classes, rules)):
            return shape
    return None


def _assign(format_: Format, classes: Classes, rules: Rules) -> Shape | None:
    mapped: dict[str, list[str]] = {}
    for name, role in rules.mapping:
        mapped.setdefault(role, []).append(name)
    asked = mapped.pop(JUDGEMENT, None)
    if rules.panel is None if format_.panel else asked and rules.panel is not None:
        return None
    panel = rules.panel.cells if format_.panel and rules.panel else ()
    taken = {name for names in mapped.values() for name in names} | {cell.column for cell in panel}
    free: dict[str, str] = {}
    for name in classes:
        if name not in taken:
            free.setdefault(name.lower(), name)
    found: dict[str, str] = {}

    def column_of(role: str, accepted: frozenset[str]) -> str | None:
        usual = format_.names.get(role, NAMES[role])
        names = mapped[role][:1] if role in mapped else [free[name] for name in usual if name in free]
        fitting = (
            name for name in names if name not in found.values() and classes.get(name, frozenset()) & accepted
        )
        return next(fitting, None)

    for role in (*format_.needs, *format_.some):
        accepted = frozenset({"flag"}) if role == format_.flag else ACCEPTED[role]
        column = column_of(role, accepted | {"null"} if role in format_.some else accepted)
        if column is None or (role in format_.some and column not in rules.filled):
            return None
        found[role] = column
    also = [role for role in mapped if role in ("label", "item") and role not in found]
    for role in (*format_.takes, *COMMON, *also):
        column = column_of(role, ACCEPTED[role] | {"null"})
        if column is not None and (role != "split" or rules.splits):
            found[role] = column
    if "label" not in format_.never:
        accepted = ACCEPTED["label"] | {"null"}
        found |= {
            FURTHER + name: name
            for name in mapped.get("label", [])[1:]
            if classes.get(name, frozenset()) & accepted
        }
    unused = [name for role, names in mapped.items() if role != "split" for name in names if name in classes]
    if not {*unused} <= {*found.values()} or (format_.repeats and not rules.repeats):
        return None
    if panel:
        found.pop("labeler", None)  # who gathered the judgements, not who gave them
    return Shape(format_, (*found.items(), *((cell.role, cell.column) for cell in panel)))
