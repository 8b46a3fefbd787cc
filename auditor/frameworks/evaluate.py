"""A framework held against what was measured and declared. Unanswered is unknown, and unknown never counts as yes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from auditor.frameworks.evaluation import (
    AnswerModel,
    ChangeModel,
    Evaluation,
    FlipModel,
    ItemModel,
    ReferenceModel,
    ScoreModel,
    VerdictModel,
)
from auditor.frameworks.loading import Framework
from auditor.frameworks.rules import Item, Verdict
from auditor.frameworks.shapes import ChoiceTable, Leaning
from auditor.frameworks.space import Answers, Space
from auditor.questions import Standing, State

UNKNOWN = "UNKNOWN"
SHOWN = 5
"""Sets of answers that are written out for each other verdict; their number is always told."""
_STATES: Mapping[bool | None, State] = {True: "yes", False: "no", None: "unknown"}


def evaluate(framework: Framework, standings: Mapping[str, Standing]) -> Evaluation:
    """The framework's verdict. A verdict that holds whatever the open answers are is given although they are open."""
    if framework.space is None:
        return _chosen(framework, standings)
    answers = {
        name: standings[name].state == "yes"
        for name in framework.questions
        if name in standings and standings[name].state != "unknown"
    }
    return _counted(framework, framework.space, answers, standings)


def _counted(
    framework: Framework, space: Space, answers: Answers, standings: Mapping[str, Standing]
) -> Evaluation:
    possible = space.possible(answers)
    carried = space.carried(answers)
    items = tuple(_item(framework, item, answers, carried, standings) for item in framework.items)
    said = [
        item.table.then if holds(item, answers) else item.table.remedy
        for item, shown in zip(framework.items, items, strict=True)
        if shown.carried
    ]
    table = framework.table
    return Evaluation(
        id=framework.id, title=table.title, source=table.source, kind=table.kind, about=table.about,
        verdict=_with(possible[0].says, said) if len(possible) == 1 else UNKNOWN,
        leaning=_common(verdict.leaning for verdict in possible),
        possible=tuple(_shown(verdict) for verdict in possible),
        scores=tuple(_scores(framework, space, answers)),
        columns=tuple(column.name for column in table.column),
        items=items,
        carried=tuple(name for name in framework.questions if name in carried),
        unknown=tuple(name for name in framework.questions if name not in answers),
        flips=_flips(framework, space, answers, standings),
        warnings=tuple(
            item.table.warn for item in framework.items if item.table.warn and holds(item, answers) is True
        ),
        notes=table.notes,
        tables=_references(framework),
    )  # fmt: skip


def holds(item: Item, answers: Answers) -> bool | None:
    """Whether an item counts; None as long as open answers decide it."""
    agreed = [answers[name] == wanted for name, wanted in item.wanted.items() if name in answers]
    if not all(agreed):
        return False
    return True if len(agreed) == len(item.wanted) else None


def _with(says: str, said: Iterable[str]) -> str:
    """A verdict with what its items add to it."""
    added = "; ".join(dict.fromkeys(text for text in said if text))
    return f"{says}: {added}" if added else says


def _common(leanings: Iterable[Leaning]) -> Leaning:
    """The leaning that all share."""
    found = set(leanings)
    return found.pop() if len(found) == 1 else "unknown"


def _shown(verdict: Verdict) -> VerdictModel:
    return VerdictModel(says=verdict.says, leaning=verdict.leaning)


def _item(
    framework: Framework,
    item: Item,
    answers: Answers,
    carried: frozenset[str],
    standings: Mapping[str, Standing],
) -> ItemModel:
    held = holds(item, answers)
    return ItemModel(
        text=item.table.text or _text(next(iter(item.wanted)), standings),
        group=item.table.group,
        weight=item.table.weight,
        holds=_STATES[held],
        counts=_counts(item, held, required=framework.table.kind in ("all", "at-least")),
        reversed=item.table.reversed,
        carried=any(
            name in carried and (held is None or held == (answers[name] == wanted))
            for name, wanted in item.wanted.items()
        ),
        note=item.table.note,
        cells=item.table.cells,
        answers=tuple(_answer(name, standings, wanted=wanted) for name, wanted in item.wanted.items()),
    )


def _counts(item: Item, held: bool | None, *, required: bool) -> Literal["for", "against", "-"]:
    """An item speaks for its side where it holds; one that is required speaks against it where it does not."""
    if held:
        return item.table.side
    return "against" if held is False and required and item.table.side == "for" else "-"


def _answer(name: str, standings: Mapping[str, Standing], *, wanted: bool) -> AnswerModel:
    standing = standings.get(name)
    return AnswerModel(
        question=name,
        text=_text(name, standings),
        wanted="yes" if wanted else "no",
        state="unknown" if standing is None else standing.state,
        basis=None if standing is None else standing.basis,
        why="nobody asked" if standing is None else standing.why,
        contradicted="" if standing is None else standing.contradicted,
    )


def _text(name: str, standings: Mapping[str, Standing]) -> str:
    return standings[name].question.text if name in standings else name


def _scores(framework: Framework, space: Space, answers: Answers) -> Iterator[ScoreModel]:
    """The sums over the items that count, and between what they can lie."""
    for number, tally in enumerate(framework.tallies):
        counting = [weight for item, weight in tally.weights.items() if holds(framework.items[item], answers)]
        low, high = space.between(number, answers)
        is_count = tally.divisor == 1 and all(weight == 1 for weight in tally.weights.values())
        yield ScoreModel(
            name=tally.name, value=sum(counting) / tally.divisor, low=low, high=high,
            of=len(tally.weights) if is_count else None,
        )  # fmt: skip


def _flips(
    framework: Framework, space: Space, answers: Answers, standings: Mapping[str, Standing]
) -> tuple[FlipModel, ...]:
    return tuple(
        FlipModel(
            verdict=_shown(way.verdict), size=way.size, in_all=way.in_all,
            sets=tuple(
                tuple(
                    ChangeModel(
                        question=name, text=_text(name, standings), was=_STATES[answers.get(name)],
                        to="yes" if one[name] else "no",
                    )
                    for name in framework.questions
                    if name in one
                )
                for one in way.sets
            ),
        )
        for way in sorted(space.ways(answers, SHOWN), key=lambda way: way.size)
    )  # fmt: skip


def _references(framework: Framework) -> tuple[ReferenceModel, ...]:
    return tuple(
        ReferenceModel(title=table.title, columns=table.columns, rows=table.rows)
        for table in framework.table.table
    )


def _chosen(framework: Framework, standings: Mapping[str, Standing]) -> Evaluation:
    """What follows from the words that were chosen."""
    table = framework.table
    standing = standings.get(table.asks)
    words = standing.value if standing is not None and isinstance(standing.value, tuple) else ()
    chosen = tuple(choice for choice in table.choice if choice.value in words)
    left = chosen or table.choice
    answer = _answer(table.asks, standings, wanted=True)
    return Evaluation(
        id=framework.id, title=table.title, source=table.source, kind=table.kind, about=table.about,
        verdict="; ".join(choice.says for choice in chosen) or UNKNOWN,
        leaning=_of_choices(chosen),
        possible=tuple(VerdictModel(says=choice.says, leaning=choice.leaning) for choice in left),
        scores=(), columns=table.columns,
        items=tuple(_choice(choice, chosen, answer) for choice in table.choice),
        carried=(table.asks,) if chosen else (),
        unknown=() if chosen else (table.asks,),
        flips=(), warnings=(), notes=table.notes, tables=_references(framework),
    )  # fmt: skip


def _of_choices(chosen: tuple[ChoiceTable, ...]) -> Leaning:
    """Several words that lean differently hold the decision up."""
    found = {choice.leaning for choice in chosen}
    return "unknown" if not found else found.pop() if len(found) == 1 else "hold"


def _choice(choice: ChoiceTable, chosen: tuple[ChoiceTable, ...], answer: AnswerModel) -> ItemModel:
    held: State = "unknown" if not chosen else "yes" if choice in chosen else "no"
    return ItemModel(
        text=choice.text, group="", weight="", holds=held, counts="-", reversed=False, carried=choice in chosen,
        note=choice.says, cells=choice.cells, answers=(answer,),
    )  # fmt: skip
