"""The user's text made safe to print: nothing in it may steer a terminal, hide, or change the order of letters."""

from __future__ import annotations

import json
import re
import unicodedata

_BREAKS = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029 ]+")
_UNUSUAL = re.compile(r"[^\x20-\x7e\n]+")
_MARKDOWN = str.maketrans(
    {character: f"\\{character}" for character in "\\|`*_[]~#"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)
_NOTHING = "<!-- -->"
_LINKS = re.compile(r"@(?=\w)|#(?=\d)|:(?=//)|\bwww(?=\.)|\bGH-(?=\d)", re.IGNORECASE)
"""Begins of mentions, of links to issues and to pages, https://github.github.com/gfm/#autolinks-extension- and
https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls."""
_LIST = re.compile(r"[-+](?:\s|$)")
_NUMBERED = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))")
"""Begins of lists, https://github.github.com/gfm/#list-items."""
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def plain(text: str) -> str:
    """One line of visible text: white space collapsed, control and format characters shown by their code."""
    line = _BREAKS.sub(" ", text)
    if line.isprintable():
        return line
    return "".join(c if unicodedata.category(c) not in _HIDDEN else _code(c) for c in line)


def markdown(text: str) -> str:
    """The same as one line of Markdown that is nothing but text, also in the cell of a table.

    On GitHub it mentions nobody, links to nothing and holds no formula: an empty comment, which nobody sees, stands where
    one of these would begin.
    """
    shown = _LINKS.sub(rf"\g<0>{_NOTHING}", plain(text).translate(_MARKDOWN))
    shown = f"\\{shown}" if _LIST.match(shown) else _NUMBERED.sub(r"\1\\", shown)
    return shown.replace("$", "<span>$</span>") if shown.count("$") > 1 else shown


def visible_json(text: str) -> str:
    """Equivalent JSON in which every character that cannot be seen is written as its escape."""
    return _UNUSUAL.sub(lambda found: found[0] if found[0].isprintable() else _escaped(found[0]), text)


def _escaped(text: str) -> str:
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def _code(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
