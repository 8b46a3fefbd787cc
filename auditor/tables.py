"""The shapes of policy files: strict TOML, in which unknown keys and limits without a source are errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any, Literal

import msgspec

from auditor.errors import PolicyError, suggest
from auditor.tomlfile import check_keys, keys_of, parsed

FOLDER = Path(__file__).with_name("policies")
_NO_POLICY = ("tasks", "prices")
"""Tables of the sources that lie beside the policies."""
Level = Literal["warn", "unknown", "block"]
"""What failing a limit means. `unknown` is for limits on coverage: what was not seen can be good or bad."""
Stage = Literal["before-labeling", "before-training"]
STAGES: tuple[Stage, ...] = ("before-labeling", "before-training")
NAMED = ("minimum", "recommended", "per-class", "eval-minimum", "eval-recommended")
"""Numbers of rows that the task table states."""


class LimitTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A limit as written in TOML."""

    check: str
    measure: str
    cite: str = ""
    at_least: float | str | None = None
    at_most: float | str | None = None
    level: Level = "block"
    fix: str = ""
    tasks: tuple[str, ...] = ()
    """Tasks it holds for; all, if none is named."""
    except_tasks: tuple[str, ...] = ()
    optional: bool = False


class GateTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A gate as written in TOML."""

    question: str = ""
    required: bool | None = None
    reason: str = ""
    limit: tuple[LimitTable, ...] = ()


class PolicyTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A policy as written in TOML; the same tables may stand in auditor.toml."""

    name: str = ""
    extends: str = "base"
    stance: str | None = None
    required: dict[Stage, tuple[str, ...]] = {}
    required_for: dict[str, dict[Stage, tuple[str, ...]]] = {}
    readiness: tuple[str, ...] = ()
    """Gates that only a decision judges: they ask for more than the data."""
    gate: dict[str, GateTable] = {}
    check: dict[str, dict[str, Any]] = {}
    text: dict[str, Any] = {}


def shipped() -> list[str]:
    """Names of the policies that come with the project."""
    return sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem not in _NO_POLICY)


def policy_file(name: str, folder: Path) -> Path:
    """Where a policy lies: a shipped one goes by its name, any other by its path from the folder of what names it."""
    return FOLDER / f"{name}.toml" if name in shipped() else folder / name


def read_table(content: bytes, where: str) -> PolicyTable:
    """The tables of a policy file."""
    _, found = parsed(content, where)
    return convert_table(found, where)


def convert_table(found: Mapping[str, Any], where: str) -> PolicyTable:
    """The tables of a parsed policy; unknown keys and wrong types are errors that name the place."""
    check_keys(found, keys_of(PolicyTable), where)
    gates = found.get("gate")
    for gate_id, gate in gates.items() if isinstance(gates, Mapping) else ():
        check_keys(gate, keys_of(GateTable), f"{where}, [gate.{gate_id}]")
        limits = gate.get("limit") if isinstance(gate, Mapping) else None
        for limit in limits if isinstance(limits, list) else ():
            check_keys(limit, keys_of(LimitTable), f"{where}, [[gate.{gate_id}.limit]]")
    try:
        table = msgspec.convert(found, PolicyTable)
    except msgspec.ValidationError as error:
        message = f"{where}: {error}"
        raise PolicyError(message) from None
    checks = {
        check: _one_spelling(settings, f"{where}, [check.{check}]") for check, settings in table.check.items()
    }
    table = msgspec.structs.replace(table, check=checks, text=_one_spelling(table.text, f"{where}, [text]"))
    for gate_id, written in table.gate.items():
        for limit in written.limit:
            _check_limit(limit, f"{where}, [[gate.{gate_id}.limit]] on {limit.check}.{limit.measure}")
        if written.required is False and not written.reason:
            message = f"{where}: [gate.{gate_id}] required = false needs a reason; the report shows it"
            raise PolicyError(message)
    return table


def _one_spelling(settings: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Settings under their names with -, so that one that is laid on top replaces the one it means."""
    spelled = {name.replace("_", "-"): value for name, value in settings.items()}
    if len(spelled) < len(settings):
        twice = next(name for name in settings if "_" in name and name.replace("_", "-") in settings)
        message = f"{where} has {twice!r} twice, once with - and once with _; leave one of them"
        raise PolicyError(message)
    return spelled


def _check_limit(limit: LimitTable, where: str) -> None:
    if not limit.cite:
        message = f"{where} has no cite: say where its number comes from"
        raise PolicyError(message)
    if limit.at_least is None and limit.at_most is None:
        message = f"{where} has neither at-least nor at-most"
        raise PolicyError(message)
    for bound in (limit.at_least, limit.at_most):
        if isinstance(bound, str) and bound not in NAMED and not is_percentage(bound):
            hint = suggest(bound, NAMED, "names of numbers are")
            message = f"{where}: {bound!r} is neither a number nor a percentage{hint}"
            raise PolicyError(message)
        if isinstance(bound, float) and not isfinite(bound):
            message = (
                f"{where}: {bound} is no number to hold a measure against; required = false drops a gate"
            )
            raise PolicyError(message)


def is_percentage(text: str) -> bool:
    """Whether a bound reads like `5 %`."""
    return re.fullmatch(r"\d+(\.\d+)? *%", text, re.ASCII) is not None
