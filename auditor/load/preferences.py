"""Preference records as canonical columns: a prompt, the chosen answer and the rejected one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from auditor.load.arrays import as_text, listed, shared, texts
from auditor.load.conversations import Columns, Made, Names
from auditor.load.fields import asked, spans, speaks, system_of, turns_of
from auditor.load.ledger import Fault
from auditor.load.messages import LETTERS, Turn, left_out

MARK = "\n\nAssistant:"
"""Where an answer begins in texts written like HH-RLHF's."""
_FLAT = frozenset({"prompt", "question", "instruction"})
_SPOKEN = frozenset(ord(letter) for letter in "uaw")


class _Pair(NamedTuple):
    """One preference record."""

    prompt: str | None
    chosen: str
    rejected: str | None
    turns: str
    system: str | None


def preferences(columns: Columns, names: Names) -> Made:
    """Canonical columns of preference records: text = prompt + chosen, response = chosen."""
    talks = any(speaks(columns.get(role, ())) for role in ("prompt", "chosen", "rejected"))
    if talks or "messages" in columns or "conversations" in columns:
        return _conversational(columns, names)
    chosen, rejected = columns["chosen"], columns["rejected"]
    if _FLAT & set(columns):
        prompt = asked(columns)
    else:
        both = zip(listed(chosen), listed(rejected), strict=True)
        parts = [_split(yes or "", no) for yes, no in both]
        heads, chosen, rejected = zip(*parts, strict=True)
        prompt = texts(heads) if any(head is not None for head in heads) else None
    made = spans(prompt, texts(chosen))
    return Made({**made, "rejected": texts(rejected), **system_of(columns)}, [])


def _split(chosen: str, rejected: str | None) -> tuple[str | None, str, str | None]:
    """The shared dialogue before the last answer, and what follows it on either side."""
    cut = chosen.rfind(MARK) + len(MARK)
    if cut >= len(MARK) and rejected is not None and rejected.rfind(MARK) + len(MARK) == cut:
        head = chosen[:cut]
        if rejected.startswith(head):
            return head, chosen[cut:], rejected[cut:]
    return None, chosen, rejected


def _conversational(columns: Columns, names: Names) -> Made:
    pairs: list[_Pair] = []
    faults: list[tuple[int, Fault]] = []
    leads = _leads(columns)
    own = columns.get("system", [None] * len(leads))
    for index, values in enumerate(zip(leads, columns["chosen"], columns["rejected"], strict=True)):
        sides = _sides(*values, names)
        if isinstance(sides, Fault):
            faults.append((index, sides))
            sides = [], [], None
        lead, chosen, rejected = sides
        faults += [(index, fault) for fault in left_out([*lead, *chosen, *(rejected or [])], "$")]
        pairs.append(_pair(lead, chosen, rejected, as_text(own[index])))
    heads = [pair.prompt for pair in pairs]
    systems = [pair.system for pair in pairs]
    present = [system is not None for system in systems]
    made = {
        **spans(
            texts(heads) if any(head is not None for head in heads) else None,
            texts([p.chosen for p in pairs]),
        ),
        "rejected": texts([pair.rejected for pair in pairs]),
        "turns": texts([pair.turns for pair in pairs]),
        "system": shared([system for system in systems if system is not None], np.array(present, np.bool_)),
    }
    return Made(made, faults)


def _leads(columns: Columns) -> list[tuple[str, Any]]:
    """What each record gives as the prompt, and the role of the column it stands in."""
    role = next((role for role in ("prompt", "messages", "conversations") if role in columns), None)
    if role and (role != "prompt" or speaks(columns[role])):
        return [(role, value) for value in columns[role]]
    if _FLAT & set(columns):
        return [("prompt", text) for text in asked(columns).to_pylist()]
    return [("prompt", None)] * len(columns["chosen"])


def _sides(
    lead: tuple[str, Any],
    chosen: Any,  # noqa: ANN401  a text, a message or a list of messages
    rejected: Any,  # noqa: ANN401  as above
    names: Names,
) -> tuple[list[Turn], list[Turn], list[Turn] | None] | Fault:
    """The turns both sides share, and those of either side alone."""
    found: list[list[Turn]] = []
    for role, value in (lead, ("chosen", chosen), ("rejected", rejected)):
        turns = turns_of(value, f"$.{names.get(role, role)}", by_user=role == "prompt")
        if isinstance(turns, Fault):
            return turns
        found.append(turns)
    before, yes, no = found
    count = _common(yes, no or yes)
    said = {turn.text for turn in yes[:count]}
    # the sides often begin with the prompt that is given besides
    before = yes[:count] if all(turn.text in said for turn in before) else before + yes[:count]
    return before, yes[count:], None if rejected is None else no[count:]


def _common(chosen: Sequence[Turn], rejected: Sequence[Turn]) -> int:
    """How many turns both sides begin with; the last turn of either is its answer."""
    count = 0
    while count < min(len(chosen), len(rejected)) - 1 and chosen[count] == rejected[count]:
        count += 1
    return count


def _pair(lead: list[Turn], chosen: list[Turn], rejected: list[Turn] | None, system: str | None) -> _Pair:
    systems = [turn.text for turn in lead + chosen if turn.letter == LETTERS["system"]]
    if system is not None:
        systems.insert(0, system)
    return _Pair(
        prompt=_said(lead),
        chosen=_said(chosen) or "",
        rejected=None if rejected is None else _said(rejected) or "",
        turns="".join(_letter(turn) for turn in lead + chosen),
        system="\n".join(systems) if systems else None,
    )


def _said(turns: Sequence[Turn]) -> str | None:
    spoken = [turn.text for turn in turns if turn.letter in _SPOKEN]
    return "\n".join(spoken) if spoken else None


def _letter(turn: Turn) -> str:
    letter = chr(turn.letter)
    return letter.upper() if letter != "c" and not turn.text.strip() else letter
