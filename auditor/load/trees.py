"""Named tuples of arrays as plain arrays by dotted names, as they are kept in files, and back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any, TypeVar, cast, get_type_hints

import numpy as np
from numpy.typing import NDArray

from checks.text.prints import Columns

T = TypeVar("T")


def flat(named: Mapping[str, object]) -> dict[str, NDArray[Any]]:
    """All arrays (and numbers) of some, by name; those of a named tuple have its name before theirs."""
    found = dict[str, NDArray[Any]]()
    for name, value in named.items():
        if isinstance(value, Columns):
            found[name] = np.stack(list(value))
        elif isinstance(value, tuple):
            inside: dict[str, object] = value._asdict()  # type: ignore[attr-defined]
            found |= {f"{name}.{key}": array for key, array in flat(inside).items()}
        else:
            found[name] = np.asarray(value)
    return found


def nested(kind: type[T], name: str, arrays: Mapping[str, NDArray[Any]]) -> T:
    """The value of this kind that `flat` named so.

    Raises:
        KeyError: one of its arrays is not there.
    """
    if fields := getattr(kind, "_fields", ()):
        kinds = _kinds(cast(Hashable, kind))
        return kind(*(nested(kinds[field], f"{name}.{field}", arrays) for field in fields))
    found: Any = arrays[name]
    value: T = found if found.shape else found[()]
    return value


@cache
def _kinds(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)
