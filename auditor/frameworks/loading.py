"""Frameworks from their files: those of the sources, and the user's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from auditor.errors import PolicyError, suggest
from auditor.frameworks.building import build
from auditor.frameworks.kinds import COMMON, KINDS, Source
from auditor.frameworks.rules import Item, Tally
from auditor.frameworks.shapes import FrameworkTable, ItemTable, read_shape
from auditor.frameworks.space import Space
from auditor.questions import Question, convert_questions, shipped_questions

_FOLDER = Path(__file__).parent
_NO_FRAMEWORK = ("questions", "disagreements")
GATES = tuple(f"gate.{name}" for name in ("prompt-ceiling", "eval-ready", "roi", "retraining"))
"""The readiness gates, which frameworks may ask for like questions: yes if they are open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """A framework that can be held against answers."""

    id: str
    table: FrameworkTable
    items: tuple[Item, ...]
    tallies: tuple[Tally, ...]
    space: Space | None = field(compare=False)
    """None for one that only chooses by words."""

    @property
    def questions(self) -> tuple[str, ...]:
        """What it asks, each once."""
        asked = dict.fromkeys(question for item in self.items for question in item.wanted)
        return (*asked, *((self.table.asks,) if self.table.asks else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All frameworks an audit shows, and the questions they ask."""

    frameworks: tuple[Framework, ...]
    questions: Mapping[str, Question]


def load_frameworks(own: Iterable[Path] = ()) -> Library:
    """The frameworks of the sources and, behind them, those of the user's files.

    Raises:
        PolicyError: a file cannot be read or is wrong; says where and how to mend it.
    """
    questions = dict(shipped_questions())
    found = {framework.id: framework for framework in _shipped()}
    for path in own:
        table = read_shape(_content(path), str(path))
        for name, question in convert_questions(table.question, str(path)).items():
            if name in questions:
                message = (
                    f"{path}, [question.{name}]: there is such a question already; give yours another name"
                )
                raise PolicyError(message)
            questions[name] = question
        if table.replaces and table.replaces not in found:
            message = f"{path}: replaces {table.replaces!r}, but there is no such framework{suggest(table.replaces, found)}"
            raise PolicyError(message)
        known = {name: one.items for name, one in found.items()}
        found.pop(table.replaces, None)
        if path.stem in found:
            message = f"{path}: there is a framework {path.stem!r} already; rename the file, or write replaces = {path.stem!r}"
            raise PolicyError(message)
        found[path.stem] = _framework(path.stem, table, known, questions, str(path))
    return Library(frameworks=_in_order(found.values()), questions=questions)


@cache
def _shipped() -> tuple[Framework, ...]:
    found: dict[str, Framework] = {}
    tables = {
        path.stem: read_shape(path.read_text("utf-8"), path.name)
        for path in sorted(_FOLDER.glob("*.toml"))
        if path.stem not in _NO_FRAMEWORK
    }
    for name, table in sorted(
        tables.items(), key=lambda pair: len(pair[1].include)
    ):  # included ones include none
        known = {name: one.items for name, one in found.items()}
        found[name] = _framework(name, table, known, shipped_questions(), f"{name}.toml")
    return _in_order(found.values())


def _in_order(frameworks: Iterable[Framework]) -> tuple[Framework, ...]:
    return tuple(sorted(frameworks, key=lambda one: (one.table.place, one.id)))


def _content(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        message = f"the framework file {str(path)!r} cannot be read: {why}"
        raise PolicyError(message) from error


def _framework(
    name: str,
    table: FrameworkTable,
    known: Mapping[str, tuple[Item, ...]],
    questions: Mapping[str, Question],
    where: str,
) -> Framework:
    """A framework from its table."""
    _check_keys(table, where)
    items: list[Item] = []
    for other in table.include:
        if other not in known:
            message = f"{where}: includes {other!r}, but there is no such framework{suggest(other, known)}"
            raise PolicyError(message)
        items += known[other]
    items += [_item(one, questions, f"{where}, item {number}") for number, one in enumerate(table.item, 1)]
    source = Source(table, tuple(items), where)
    kind = KINDS[table.kind]
    if table.asks:
        _check_choices(table, questions, where)
        return Framework(id=name, table=table, items=(), tallies=(), space=None)
    if not items:
        message = f"{where}: it has no [[item]]"
        raise PolicyError(message)
    tallies = kind.tallies(source)
    space = build(items, kind.clauses(source), tallies, where)
    return Framework(id=name, table=table, items=source.items, tallies=tallies, space=space)


def _check_keys(table: FrameworkTable, where: str) -> None:
    """Every kind has its own keys."""
    if table.kind not in KINDS:
        message = f"{where}: unknown kind {table.kind!r}{suggest(table.kind, KINDS, 'kinds are')}"
        raise PolicyError(message)
    kind, empty = KINDS[table.kind], FrameworkTable(title="", source="", kind="")
    given = {
        name.replace("_", "-")
        for name in table.__struct_fields__
        if getattr(table, name) != getattr(empty, name)
    }
    if lacking := [key for key in ("title", "source", *kind.needs) if key not in given]:
        message = f"{where}: a framework of kind {table.kind!r} needs {lacking[0]}"
        raise PolicyError(message)
    if strange := sorted(given - {*COMMON, *kind.needs, *kind.allows}):
        used = ", ".join((*kind.needs, *kind.allows))
        message = f"{where}: a framework of kind {table.kind!r} has no {strange[0]}; it has {used}"
        raise PolicyError(message)


def _item(table: ItemTable, questions: Mapping[str, Question], where: str) -> Item:
    yes, no = ((asked,) if isinstance(asked, str) else asked for asked in (table.yes, table.no))
    for name in (*yes, *no):
        if name not in questions and name not in GATES:
            message = f"{where}: there is no question {name!r}{suggest(name, (*questions, *GATES))}"
            raise PolicyError(message)
        if name in questions and questions[name].kind != "yes-no":
            message = f"{where}: {name!r} is not a question of yes or no"
            raise PolicyError(message)
    wanted = dict.fromkeys(yes, True) | dict.fromkeys(no, False)
    if not wanted or len(wanted) < len(yes) + len(no):
        message = f"{where}: needs questions under yes or no, each of them once"
        raise PolicyError(message)
    if len(wanted) > 1 and not table.text:
        message = f"{where}: an item of several questions needs a text"
        raise PolicyError(message)
    if table.reversed and not (no and table.note):
        message = f"{where}: an item that is reversed asks under no, and needs a note that says why"
        raise PolicyError(message)
    return Item(table=table, wanted=wanted)


def _check_choices(table: FrameworkTable, questions: Mapping[str, Question], where: str) -> None:
    """Every word that can be chosen is spoken to, and no other."""
    if table.asks not in questions:
        message = f"{where}: there is no question {table.asks!r}{suggest(table.asks, questions)}"
        raise PolicyError(message)
    words, spoken = questions[table.asks].choices, [choice.value for choice in table.choice]
    for word in spoken:
        if word not in words:
            message = (
                f"{where}: {word!r} is no choice of {table.asks!r}{suggest(word, words, 'its choices are')}"
            )
            raise PolicyError(message)
    if lacking := [word for word in words if word not in spoken]:
        message = f"{where}: nothing is said to {lacking[0]!r}, a choice of {table.asks!r}"
        raise PolicyError(message)
    for number, choice in enumerate(table.choice, 1):
        if len(choice.cells) != len(table.columns):
            message = f"{where}, choice {number}: needs {len(table.columns)} cells, one for each of columns"
            raise PolicyError(message)
