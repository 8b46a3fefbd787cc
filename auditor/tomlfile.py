"""TOML that users write, read with errors that say where."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from auditor.errors import PolicyError, suggest


def read_toml(path: Path, hint: str = "") -> tuple[str, dict[str, Any]]:
    """The content of a file, and its parsed tables.

    Raises:
        PolicyError: it cannot be read, with `hint` behind the reason, or is no TOML.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}{hint}"
        raise PolicyError(message) from None
    return parsed(content, path.name)


def parsed(content: bytes, where: str) -> tuple[str, dict[str, Any]]:
    """The same of a content that was read.

    Raises:
        PolicyError: it is no TOML.
    """
    try:
        text = content.decode("utf-8")
        return text, tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{where} is not valid TOML: {error}"
        raise PolicyError(message) from None


def check_keys(found: object, known: Iterable[str], where: str) -> None:
    """Refuse keys that a table does not have.

    Raises:
        PolicyError: names the key, and the one that was meant.
    """
    names = tuple(known)
    for key in found if isinstance(found, Mapping) else ():
        if key not in names:
            message = f"{where}: unknown key {key!r}{suggest(key, names)}"
            raise PolicyError(message)


@cache
def keys_of(shape: type[msgspec.Struct]) -> tuple[str, ...]:
    """The keys that a table of this shape has."""
    return tuple(field.encode_name for field in msgspec.structs.fields(shape))
