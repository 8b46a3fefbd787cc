"""Which checks exist: our own, then whatever is installed under the `auditor.checks` entry point."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar, cast

import msgspec

from auditor.errors import PolicyError, suggest
from auditor.gates import NotRun
from auditor.run import CRASHES
from checks.agreement import Agreement
from checks.balance import Balance
from checks.contract import Check
from checks.duplicates import Duplicates
from checks.economics import Economics
from checks.eval_noise import EvalNoise
from checks.eval_set import EvalSet
from checks.labelers import Labelers
from checks.leakage import Leakage
from checks.noise import Noise
from checks.origin import Origin
from checks.results import Results
from checks.rewrites import Rewrites
from checks.sensitive import Sensitive
from checks.size import Size
from checks.structure import Structure
from checks.yields import Yields

T = TypeVar("T")
GROUP = "auditor.checks"
BUILTIN: tuple[type[Check], ...] = (
    Structure,
    Size,
    Duplicates,
    Leakage,
    Rewrites,
    EvalSet,
    Labelers,
    Agreement,
    Noise,
    EvalNoise,
    Balance,
    Sensitive,
    Yields,
    Origin,
)
"""Checks of the data themselves, which every audit runs."""
DECISION: tuple[type[Check], ...] = (Results, Economics)
"""Checks of what people answer and what models did, which only a decision needs."""

_SHAPE: Mapping[str, type] = {"id": str, "title": str, "needs": frozenset, "measures": tuple}


def discover() -> tuple[dict[str, type[Check]], dict[str, NotRun]]:
    """All checks by id, and the plug-ins that could not be loaded, with the reason."""
    found = {check.id: check for check in (*BUILTIN, *DECISION)}
    failed: list[tuple[str, NotRun]] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        try:
            check = _load(point)
            if check.id in found:
                message = f"there is a check {check.id!r} already, {_origin(found[check.id])}"
                raise PolicyError(message)
            found[check.id] = check
        except PolicyError as error:
            failed.append((point.name, NotRun("failed to load", f"{point.value}: {error}")))
        except CRASHES as error:
            why = f"{point.value}: {type(error).__name__}: {error}"
            failed.append((point.name, NotRun("failed to load", why)))
    broken: dict[str, NotRun] = {}
    for name, failure in failed:  # a broken plug-in must not take the place of a check that works
        taken = name in found or name in broken
        broken[f"{name} ({failure.why.partition(': ')[0]})" if taken else name] = failure
    return found, broken


def _load(point: EntryPoint) -> type[Check]:
    """The check behind an entry point.

    Raises:
        PolicyError: it is no check.
    """
    check = point.load()
    lacks = [name for name in (*_SHAPE, "run") if not hasattr(check, name)]
    if lacks:
        message = f"it is no check: it lacks {', '.join(lacks)}"
        raise PolicyError(message)
    for name, kind in _SHAPE.items():
        if not isinstance(getattr(check, name), kind):
            message = f"it is no check: its {name} is no {kind.__name__}"
            raise PolicyError(message)
    if not re.fullmatch("[a-z][a-z0-9_-]*", check.id):
        message = f"it is no check: its id {check.id!r} is not made of small letters, digits, _ and -"
        raise PolicyError(message)
    for name in ("needs", "measures"):
        if not all(isinstance(word, str) for word in getattr(check, name)):
            message = f"it is no check: its {name} are not all strings"
            raise PolicyError(message)
    if not isinstance(check, type) or not dataclasses.is_dataclass(check):
        raise PolicyError("it is no check: it is no dataclass, whose fields would be its settings")
    made = cast("type[Check]", check)
    configure(made, {})
    return made


def is_builtin(check_id: str) -> bool:
    """Whether a check ships with the project, so that its crash is our bug."""
    return any(check.id == check_id for check in (*BUILTIN, *DECISION))


def configure(check: type[Check], settings: Mapping[str, Any]) -> Check:
    """A check with its settings.

    Raises:
        PolicyError: a setting does not exist, has the wrong type, or has neither a value nor a default.
    """
    return filled(check, settings, f"check {check.id!r}")


def filled(shape: type[T], settings: Mapping[str, Any], what: str) -> T:
    """A dataclass of settings with the values of a TOML table, whose keys have - for _.

    Raises:
        PolicyError: as `configure`; `what` says whose settings they are.
    """
    known = [field.name.replace("_", "-") for field in dataclasses.fields(cast("Any", shape))]
    for name in settings:
        if name.replace("_", "-") not in known:
            hint = suggest(name, known, "it has") or "; it has none"
            message = f"{what} has no setting {name!r}{hint}"
            raise PolicyError(message)
    try:
        return msgspec.convert({name.replace("-", "_"): value for name, value in settings.items()}, shape)
    except (msgspec.ValidationError, ValueError) as error:
        message = f"{what}: {error}"
        raise PolicyError(message) from None


def _origin(check: type[Check]) -> str:
    return f"{check.__module__}.{check.__qualname__}"
