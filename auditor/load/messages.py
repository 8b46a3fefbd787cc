"""One message of a conversation: the shapes it comes in, its letter and its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct, field

from auditor.load.arrays import as_text
from auditor.load.ledger import Fault

Scalar = str | int | float | bool | None

LETTERS: Mapping[str, int] = {
    role: ord(letter)
    for letter, roles in {
        "s": ("system", "developer"),
        "u": ("user", "human"),
        "a": ("assistant", "gpt", "model", "bot", "chatgpt"),
        "t": ("tool", "function", "observation", "function_call", "tool_call", "tool_calls"),
    }.items()
    for role in roles
}
"""Role -> the letter of `checks.contract.Split.turns`, as an ASCII code."""
UNKNOWN = ord("x")
CALL = ord("c")
"""An assistant message that only calls a tool: it has no text and is not blank."""
UNTRAINED = ord("w")
"""An assistant message of weight 0."""


class PlainMessage(Struct, gc=False, forbid_unknown_fields=True):
    """A message that is a role and a text and nothing else: the shape that is read fast."""

    role: str
    content: str


class PlainTurn(Struct, gc=False, forbid_unknown_fields=True, rename={"role": "from", "content": "value"}):
    """The same in ShareGPT's words."""

    role: str
    content: str


class Piece(Struct, gc=False):
    """One part of a multipart message: text, an image, audio."""

    text: str | None = None


class Message(Struct, gc=False):
    """A message in any of the known shapes: the one that is read exactly."""

    role: str | None = None
    sender: str | None = field(default=None, name="from")
    content: Scalar | list[str | Piece] = None
    value: Scalar | list[str | Piece] = None
    weight: Any = None
    tool_calls: Any = None
    function_call: Any = None


AnyMessage = Message | PlainMessage | PlainTurn


class Turn(NamedTuple):
    """A message as the canonical rows know it."""

    letter: int
    text: str
    left_out: int = 0
    """Parts that hold no text."""


def user(text: Scalar) -> Turn:
    """A user's message."""
    return Turn(ord("u"), as_text(text) or "")


def assistant(text: Scalar) -> Turn:
    """An assistant's message."""
    return Turn(ord("a"), as_text(text) or "")


def read_turns(messages: Sequence[AnyMessage], path: str) -> list[Turn] | Fault:
    """The turns of a conversation that stands at `path` of its record, or the fault that makes it unusable."""
    turns = []
    for number, message in enumerate(messages):
        if not isinstance(message, Message):
            turns.append(Turn(letter_of(message.role), message.content))
            continue
        role = message.role if message.role is not None else message.sender
        if role is None:
            return Fault("missing-field", f"message {number + 1} has no role", None, f"{path}[{number}].role")
        turns.append(_turn(role, message))
    return turns


def left_out(turns: list[Turn], path: str) -> list[Fault]:
    """A finding if parts of the conversation hold no text."""
    parts = sum(turn.left_out for turn in turns)
    return [Fault("non-text-part", f"{parts} part(s) of a message hold no text", None, path)] if parts else []


def letter_of(role: str) -> int:
    """The letter of a role, whatever its case."""
    return LETTERS.get(role) or LETTERS.get(role.strip().lower(), UNKNOWN)


def _turn(role: str, message: Message) -> Turn:
    content = message.content if message.content is not None else message.value
    parts = content if isinstance(content, list) else [as_text(content) or ""]
    pieces = [part if isinstance(part, str) else part.text for part in parts]
    text = "\n".join(piece for piece in pieces if piece is not None)
    letter = letter_of(role)
    if letter == LETTERS["assistant"]:
        if not text.strip() and (message.tool_calls or message.function_call):
            letter = CALL
        elif message.weight is not None and message.weight == 0:
            letter = UNTRAINED
    return Turn(letter, text, sum(piece is None for piece in pieces))
