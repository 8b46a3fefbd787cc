"""What is demanded of the data: gates, limits and settings, from strict TOML in which every number has a source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from auditor.errors import PolicyError, suggest
from auditor.gates import Bound, Gate, Limit
from auditor.tables import (
    GateTable,
    LimitTable,
    PolicyTable,
    Stage,
    is_percentage,
    policy_file,
    read_table,
    shipped,
)
from auditor.tasks import Resolved, check_stance, check_task, resolve, rows_for, task_table

EVAL_GATE = "eval-set"
"""The gate that only the text of eval can open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything that is demanded, before the data is known."""

    name: str
    stance: str
    required: Mapping[Stage, tuple[str, ...]]
    required_for: Mapping[str, Mapping[Stage, tuple[str, ...]]]
    readiness: tuple[str, ...]
    """Gates that only a decision judges, and then requires."""
    gates: Mapping[str, GateTable]
    checks: Mapping[str, Mapping[str, Any]]
    text: Mapping[str, Any]


def load_policy(name: str | None) -> Policy:
    """A shipped policy by name or a TOML file by path; the base policy if None.

    Raises:
        PolicyError: there is no such policy, or the file is wrong; says where and how to mend it.
    """
    return _load(name or "base", Path(), ())


def _load(name: str, folder: Path, extending: tuple[Path, ...]) -> Policy:
    """A policy named on the command line or, with `extending`, by another one; its path is relative to `folder`."""
    path = policy_file(name, folder)
    if not path.is_file():
        message = f"there is no policy file {name!r}{suggest(name, shipped(), 'shipped are')}"
        raise PolicyError(message)
    if path.resolve() in extending:
        message = f"the policy {name!r} extends itself; one of them must extend a shipped policy"
        raise PolicyError(message)
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"the policy file {name!r} cannot be read: {error.strerror}"
        raise PolicyError(message) from error
    table = read_table(content, name)
    start = _EMPTY if name == "base" else _load(table.extends, path.parent, (*extending, path.resolve()))
    return overlay(replace(start, name=table.name or path.stem), table, name)


_EMPTY = Policy(
    name="", stance="balanced", required={}, required_for={}, readiness=(), gates={}, checks={}, text={}
)


def overlay(policy: Policy, table: PolicyTable, where: str) -> Policy:
    """`policy` with what `table` says on top.

    A limit replaces the one on the same measure with the same level, for the tasks it holds for.
    """
    gates = dict(policy.gates)
    for gate_id, new in table.gate.items():
        old = gates.get(gate_id, GateTable())
        if not old.question and not new.question:
            message = f"{where}: there is no gate {gate_id!r}{suggest(gate_id, list(gates))}"
            raise PolicyError(message + "; a new gate needs a question")
        kept = [limit for one in old.limit if (limit := _unless_replaced(one, new.limit)) is not None]
        gates[gate_id] = GateTable(
            new.question or old.question,
            old.required if new.required is None else new.required,
            new.reason or (old.reason if new.required is None else ""),
            (*kept, *new.limit),
        )
    _check_names(table, gates, where)
    checks = {**policy.checks}
    for check_id, settings in table.check.items():
        checks[check_id] = {**checks.get(check_id, {}), **settings}
    return replace(
        policy,
        stance=table.stance or policy.stance,
        required={**policy.required, **table.required},
        required_for={**policy.required_for, **table.required_for},
        readiness=table.readiness or policy.readiness,
        gates=gates,
        checks=checks,
        text={**policy.text, **table.text},
    )


def _unless_replaced(limit: LimitTable, by: Iterable[LimitTable]) -> LimitTable | None:
    """What is left of a limit once others are laid on top: they replace it for their tasks, or for all."""
    same = [
        new for new in by if (new.check, new.measure, new.level) == (limit.check, limit.measure, limit.level)
    ]
    for new in same:
        if new.tasks:
            limit = msgspec.structs.replace(limit, except_tasks=(*limit.except_tasks, *new.tasks))
        else:
            left = tuple(task for task in new.except_tasks if task in (limit.tasks or new.except_tasks))
            if not left:
                return None
            limit = msgspec.structs.replace(limit, tasks=left)
    return limit


def _check_names(table: PolicyTable, gates: Mapping[str, GateTable], where: str) -> None:
    """Refuse names of gates, tasks and stances that do not exist: a misspelt one would demand nothing."""
    lists = [
        table.readiness,
        *table.required.values(),
        *(names for by in table.required_for.values() for names in by.values()),
    ]
    tasks = [
        *table.required_for,
        *(
            task
            for gate in table.gate.values()
            for one in gate.limit
            for task in (*one.tasks, *one.except_tasks)
        ),
    ]
    try:
        check_gates([gate_id for names in lists for gate_id in names], gates)
        for task in tasks:
            check_task(task)
        if table.stance is not None:
            check_stance(table.stance)
    except PolicyError as error:
        message = f"{where}: {error}"
        raise PolicyError(message) from None


def without_eval_rows(policy: Policy) -> Policy:
    """The policy for an audit against a sketch: who made it has to judge the eval set, here nobody can.

    A gate that somebody requires or drops by name stays as they say.
    """
    gate = policy.gates.get(EVAL_GATE)
    if gate is None or gate.required is not None:
        return policy
    dropped = msgspec.structs.replace(
        gate, required=False, reason="a sketch holds no text; audit the eval set where it is"
    )
    return replace(policy, gates={**policy.gates, EVAL_GATE: dropped})


def check_gates(names: Iterable[str], gates: Iterable[str]) -> None:
    """Raise PolicyError for the name of a gate that does not exist."""
    known = list(gates)
    for gate_id in names:
        if gate_id not in known:
            message = f"there is no gate {gate_id!r}{suggest(gate_id, known, 'gates are')}"
            raise PolicyError(message)


def gates_for(
    policy: Policy,
    *,
    task: str | None,
    stage: Stage,
    require: tuple[str, ...],
    classes: int,
    deciding: bool = False,
) -> tuple[Gate, ...]:
    """The gates of a policy with every limit resolved to a number, for data that is now known.

    Args:
        policy: what is demanded.
        task: what the model is for; None where nobody said and the format does not tell.
        stage: which list of required gates holds.
        require: further gates to require.
        classes: number of classes in the training labels, 0 without labels.
        deciding: judge the readiness gates too, which are left out of an audit unless it requires them by name.
    """
    check_gates(require, policy.gates)
    wanted = {
        *(policy.readiness if deciding else ()),
        *policy.required.get(stage, ()),
        *policy.required_for.get(task or "", {}).get(stage, ()),
        *require,
    }
    gates = []
    for gate_id, table in policy.gates.items():
        if gate_id in policy.readiness and gate_id not in wanted:
            continue
        limits = [
            _limit(limit, policy.stance, task, classes)
            for limit in table.limit
            if (not limit.tasks or task in limit.tasks) and task not in limit.except_tasks
        ]
        required = gate_id in wanted if table.required is None else table.required or gate_id in require
        gates.append(
            Gate(
                id=gate_id,
                question=table.question,
                limits=tuple(limit for limit in limits if limit is not None),
                required=required,
                reason="" if required and table.required is False else table.reason,
            )
        )
    return tuple(gates)


def _limit(table: LimitTable, stance: str, task: str | None, classes: int) -> Limit | None:
    """A limit with its numbers; None if it is optional and no source states the number that it names."""
    least = _bound(table.at_least, stance, task, classes)
    most = _bound(table.at_most, stance, task, classes)
    unstated = ""
    if least is None and most is None:
        if table.optional:
            return None
        name = table.at_least or table.at_most
        unstated = f"no source states the number {name!r} for {f'task {task}' if task else 'any task'}"
    return Limit(
        check=table.check,
        measure=table.measure,
        at_least=least,
        at_most=most,
        level=table.level,
        cite=table.cite,
        fix=table.fix,
        optional=table.optional,
        unstated=unstated,
    )


def _bound(bound: float | str | None, stance: str, task: str | None, classes: int) -> Bound | None:
    if bound is None:
        return None
    if not isinstance(bound, str):
        return Bound(value=float(bound))
    if is_percentage(bound):
        return Bound(
            value=float(bound.rstrip("% ")) / 100,
            of_measure=True,
            resolved_from=f"{bound} of the denominator",
        )
    found = _named(bound, stance, task, classes)
    return Bound(value=found.value, resolved_from=found.how) if found is not None else None


def _named(name: str, stance: str, task: str | None, classes: int) -> Resolved | None:
    """A number of rows that the task table states."""
    what = f"task {task}" if task else "any task"
    match name:
        case "minimum" | "recommended":
            return resolve(rows_for(task), name, stance=stance, classes=classes, what=what)
        case "eval-minimum" | "eval-recommended":
            column: Literal["minimum", "recommended"] = "minimum" if name == "eval-minimum" else "recommended"
            rows = task_table().eval
            silent = stance in task_table().sources and stance not in {row.source for row in rows}
            return resolve(rows, column, stance="balanced" if silent else stance, classes=0, what="eval sets")
        case _:
            per_class = [row for row in rows_for(task) if row.classes]
            if stance in task_table().sources:
                per_class = [row for row in per_class if row.source == stance]
            if not per_class:
                return None
            row = per_class[0]  # one source states it, so the other stances have nothing to choose from
            share = row.minimum / (row.classes or 1)
            return Resolved(share, f"{row.source}: {row.minimum:,} rows for {row.classes} classes")
