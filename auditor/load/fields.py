"""Records of plain fields as canonical columns: question and answer, prompt and completion, text and label, text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.load.arrays import STRING, blanks, glued, letters, listed, shared, sizes, texts
from auditor.load.conversations import Columns, Made, Names, chat_columns, chats, flatten
from auditor.load.ledger import Fault
from auditor.load.messages import Message, Turn, assistant, left_out, read_turns, user

_NOTHING = pa.scalar("", STRING)
_NULL = pa.scalar(None, STRING)


def answered(columns: Columns, names: Names) -> Made:
    """Canonical columns of records with a prompt and a response."""
    if speaks(columns.get("prompt", ())) or speaks(columns["response"]):
        return _conversational(columns, names)
    prompt = asked(columns)
    return Made({**spans(prompt, texts(columns["response"])), **system_of(columns)}, [])


def prompts(columns: Columns, names: Names) -> Made:
    """Canonical columns of records that are all prompt: questions without answers, texts to be labelled."""
    if speaks(columns.get("prompt", ())):
        return _conversational({**columns, "response": [None] * len(columns["prompt"])}, names)
    prompt = asked(columns)
    made = {
        "text": prompt,
        "prompt_bytes": pa.array(sizes(prompt), pa.int32()),
        "turns": letters(prompt, "u"),
    }
    return Made({**made, **system_of(columns)}, [])


def plain_texts(columns: Columns, _names: Names) -> Made:
    """Canonical columns of texts that are trained on as they are: no prompt, no response."""
    text = texts(columns["text"])
    return Made({"text": text, "turns": letters(text, "a")}, [])


def judged(columns: Columns, names: Names) -> Made:
    """Canonical columns of items that labelers judged; an item may or may not show its text."""
    for role in ("messages", "conversations"):
        if role in columns:
            return chats({**columns, role: [messages or [] for messages in columns[role]]}, names)
    if "text" in columns:
        text = texts(columns["text"])
        spoken = pc.if_else(text.is_valid(), pa.array(sizes(text), pa.int32()), pa.scalar(None, pa.int32()))
        return Made({"text": text, "prompt_bytes": spoken, "turns": letters(text, "u")}, [])
    if "prompt" not in columns:
        return Made({}, [])
    return answered(columns, names) if "response" in columns else prompts(columns, names)


def asked(columns: Columns) -> pa.Array:
    """The prompt: [context] question, or instruction [input], or whatever single field there is."""
    base = next(columns[role] for role in ("prompt", "question", "instruction", "text") if role in columns)
    prompt = texts(base)
    for role in ("context", "input"):
        if role in columns:
            more = texts(columns[role])
            more = pc.if_else(pa.array(blanks(more)), _NULL, more)
            prompt = glued(more, prompt) if role == "context" else glued(prompt, more)
    return prompt


def spans(prompt: pa.Array | None, response: pa.Array) -> dict[str, pa.Array]:
    """Text, spans and turns of a prompt (None: there is none in any row) and a response."""
    length = pc.if_else(
        response.is_valid(), pa.array(sizes(response), pa.int32()), pa.scalar(None, pa.int32())
    )
    if prompt is None:
        return {"text": response, "response_bytes": length, "turns": letters(response, "a")}
    before = pc.if_else(prompt.is_valid(), pa.array(sizes(prompt), pa.int32()), pa.scalar(None, pa.int32()))
    return {
        "text": glued(prompt, response),
        "prompt_bytes": before,
        "response_bytes": length,
        "turns": glued(letters(prompt, "u"), letters(response, "a"), _NOTHING),
    }


def system_of(columns: Columns) -> dict[str, pa.Array]:
    """The system prompt, where it stands in a column of its own."""
    if "system" not in columns:
        return {}
    found = listed(columns["system"])
    present = np.array([value is not None for value in found], np.bool_)
    return {"system": shared([value for value in found if value is not None], present)}


def speaks(values: Sequence[Any] | pa.Array) -> bool:
    """Whether some of the values are messages instead of texts."""
    if isinstance(values, pa.Array):
        return False
    return not {list, Message}.isdisjoint(map(type, values))


def turns_of(value: Any, path: str, *, by_user: bool) -> list[Turn] | Fault:  # noqa: ANN401  text, message or list
    """A field that holds a text, a message or a list of messages, as turns."""
    if value is None:
        return []
    if isinstance(value, Message):
        return read_turns([value], path)
    if isinstance(value, list):
        return read_turns(value, path)
    return [user(value) if by_user else assistant(value)]


def _conversational(columns: Columns, names: Names) -> Made:
    """Prompt and response as lists of messages, which together are one conversation."""
    conversations: list[list[Turn]] = []
    faults: list[tuple[int, Fault]] = []
    asking = columns["prompt"] if speaks(columns.get("prompt", ())) else asked(columns).to_pylist()
    for index, pair in enumerate(zip(asking, columns["response"], strict=True)):
        turns: list[Turn] = []
        for role, value in zip(("prompt", "response"), pair, strict=True):
            path = f"$.{names.get(role, role)}"
            found = turns_of(value, path, by_user=role == "prompt")
            if isinstance(found, Fault):
                faults.append((index, found))
                continue
            faults += [(index, fault) for fault in left_out(found, path)]
            turns += found
        conversations.append(turns)
    return Made(chat_columns(flatten(conversations), columns.get("system")), faults)
