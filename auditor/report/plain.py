"""The user's text made safe to print: nothing in it may steer a terminal, hide, or change the order of letters."""

from __future__ import annotations

import re
import unicodedata

_BREAKS = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029 ]+")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def plain(text: str) -> str:
    """One line of visible text: white space collapsed, control and format characters shown by their code."""
    line = _BREAKS.sub(" ", text)
    if line.isascii() and line.isprintable():
        return line
    return "".join(c if unicodedata.category(c) not in _HIDDEN else _code(c) for c in line)


def _code(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
