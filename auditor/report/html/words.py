"""Names, numbers and cells as the page words them."""

from __future__ import annotations

import re
from typing import Any

SHORT = 26
"""Characters of a source beside a line in a chart; the caption has it in full."""
_SOURCE = re.compile(r"^(S\d+)\b")
_PAUSE = re.compile(r"[:;,(]")


def spaced(name: str) -> str:
    """The name of a measure or column as words."""
    return name.replace("_", " ").replace("-", " ")


def is_number(value: Any) -> bool:  # noqa: ANN401  a cell of an evidence table
    """Whether a cell is a number, which is written flush right."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def cut(text: str, room: int) -> str:
    """A text that fits so many characters."""
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def short_source(cite: str) -> str:
    """A source in a word or two: its short name, or what stands before the first pause."""
    found = _SOURCE.match(cite)
    return found[1] if found else cut(_PAUSE.split(cite, maxsplit=1)[0].strip(), SHORT)
