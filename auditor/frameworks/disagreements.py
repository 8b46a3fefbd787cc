"""Where the sources disagree: what each says, what follows from it, and what it comes to here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from auditor.frameworks.evaluation import DisagreementModel, Evaluation, SideModel
from auditor.frameworks.shapes import Leaning
from auditor.questions import Standing


class SideTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one source says, and the framework or the question that tells what it comes to."""

    source: str
    says: str
    follows: str
    framework: str = ""
    yes: str = ""
    """The side speaks for fine-tuning, or is met, where this question is answered yes."""
    no: str = ""


class DisagreementTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A matter on which sources disagree."""

    topic: str
    tool: str
    side: tuple[SideTable, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    disagreement: tuple[DisagreementTable, ...]


@cache
def shipped_disagreements() -> tuple[DisagreementTable, ...]:
    """What the sources disagree on."""
    file = Path(__file__).with_name("disagreements.toml")
    return msgspec.convert(tomllib.loads(file.read_text("utf-8")), _File).disagreement


def disagreements(
    evaluations: Iterable[Evaluation], standings: Mapping[str, Standing]
) -> tuple[DisagreementModel, ...]:
    """What the sources disagree on, and whether that matters for what was measured and declared."""
    by_id = {evaluation.id: evaluation for evaluation in evaluations}
    return tuple(_here(one, by_id, standings) for one in shipped_disagreements())


def _here(
    table: DisagreementTable, evaluations: Mapping[str, Evaluation], standings: Mapping[str, Standing]
) -> DisagreementModel:
    found = [_side(side, evaluations, standings) for side in table.side]
    leanings = [leaning for _, leaning in found if leaning is not None]
    return DisagreementModel(
        topic=table.topic,
        sides=tuple(
            SideModel(
                source=side.source, says=side.says, follows=side.follows, here=here and _once(side, table, here)
            )
            for side, (here, _) in zip(table.side, found, strict=True)
        ),
        tool=table.tool,
        here=(
            "-" if len(leanings) < 2
            else "unknown" if "unknown" in leanings
            else "agree" if len(set(leanings)) == 1
            else "disagree"
        ),
    )  # fmt: skip


def _once(side: SideTable, table: DisagreementTable, here: str) -> str:
    """What a side comes to; the same answer is not said again of a later side, for which it may mean the opposite."""
    asked = side.yes or side.no
    first = next(one for one in table.side if one is side or (asked and asked in (one.yes, one.no)))
    return here if first is side else f"goes by the same answer as {first.source}"


def _side(
    side: SideTable, evaluations: Mapping[str, Evaluation], standings: Mapping[str, Standing]
) -> tuple[str, Leaning | None]:
    """What a side comes to, in words that name the question they answer, and as a leaning; None where nothing tells."""
    if (found := evaluations.get(side.framework)) is not None:
        return found.verdict, found.leaning
    standing = standings.get(side.yes or side.no)
    if standing is None:
        return "", None
    here = f"{standing.question.text} {standing.state}: {standing.why}"
    if standing.state == "unknown":
        return here, "unknown"
    leaning: Leaning = "for" if (standing.state == "yes") == bool(side.yes) else "against"
    return here, leaning
