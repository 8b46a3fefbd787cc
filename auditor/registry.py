"""Which checks exist: our own, then whatever is installed under the `auditor.checks` entry point."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, cast

import msgspec

from auditor.errors import PolicyError, suggest
from auditor.gates import NotRun
from checks.balance import Balance
from checks.contract import Check
from checks.duplicates import Duplicates
from checks.eval_set import EvalSet
from checks.labelers import Labelers
from checks.leakage import Leakage
from checks.noise import Noise
from checks.size import Size
from checks.structure import Structure

GROUP = "auditor.checks"
BUILTIN: tuple[type[Check], ...] = (Structure, Size, Duplicates, Leakage, EvalSet, Labelers, Noise, Balance)


def discover() -> tuple[dict[str, type[Check]], dict[str, NotRun]]:
    """All checks by id, and the plug-ins that could not be loaded, with the reason."""
    found = {check.id: check for check in BUILTIN}
    broken: dict[str, NotRun] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            check = cast("type[Check]", point.load())
            missing = [
                name for name in ("id", "title", "needs", "measures", "run") if not hasattr(check, name)
            ]
        except Exception as error:  # noqa: BLE001  a broken plug-in is reported, whatever is wrong with it
            broken[point.name] = NotRun("failed to load", f"{point.value}: {type(error).__name__}: {error}")
            continue
        if missing:
            broken[point.name] = NotRun(
                "failed to load", f"{point.value} is no check: it lacks {', '.join(missing)}"
            )
        elif check.id in found:
            message = f"two checks are called {check.id!r}: {_origin(found[check.id])} and {_origin(check)}"
            raise PolicyError(message)
        else:
            found[check.id] = check
    return found, broken


def is_builtin(check_id: str) -> bool:
    """Whether a check ships with the project, so that its crash is our bug."""
    return any(check.id == check_id for check in BUILTIN)


def configure(check: type[Check], settings: Mapping[str, Any]) -> Check:
    """A check with its settings.

    Raises:
        PolicyError: a setting does not exist or has the wrong type.
    """
    known = [field.name for field in dataclasses.fields(cast("Any", check))]
    for name in settings:
        if name not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            message = f"check {check.id!r} has no setting {name!r}{suggest(name, known)}; {has}"
            raise PolicyError(message)
    try:
        return msgspec.convert(dict(settings), check)
    except msgspec.ValidationError as error:
        message = f"check {check.id!r}: {error}"
        raise PolicyError(message) from None


def _origin(check: type[Check]) -> str:
    return f"{check.__module__}.{check.__qualname__}"
