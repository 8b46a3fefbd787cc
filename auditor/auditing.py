"""One audit from files to report: load, check, rule."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import msgspec
import polars as pl

from auditor.errors import DataError, PolicyError, suggest
from auditor.gates import Decision, Gate, NotRun, Outcome, decide
from auditor.libraries import versions
from auditor.load.cachefolder import in_use
from auditor.load.dataset import Loaded
from auditor.load.work import Work
from auditor.opening import Opened, open_data
from auditor.policy import (
    Policy,
    check_gates,
    gates_for,
    load_policy,
    overlay,
    without_eval_rows,
)
from auditor.questions import QUESTIONS, shipped_questions
from auditor.registry import configure, discover, filled
from auditor.report.build import SavedTable, cited, gate_model, outcome_models, task_models, whole_verdict
from auditor.report.fingerprintkey import key_name
from auditor.report.fingerprints import fingerprints_of
from auditor.report.model import SCHEMA, GateModel, Input, Report
from auditor.report.redaction import UNREAD
from auditor.run import run
from auditor.settings import Settings, check_stage
from auditor.tables import PolicyTable, Stage
from auditor.tasks import check_task, task_rows
from auditor.version import __version__
from checks.contract import Check, Data, Result, TextSettings
from checks.private.mask import hide_all
from checks.text.kernel import uncached

Tick = Callable[[str, int, int], None]

TASK_OF_FORMAT = {
    "text-label": "classification",
    "multi-annotator": "classification",
    "multi-annotator-wide": "classification",
    "preference": "preference",
    "kto": "preference",
}
"""Formats that say what the model is for."""
CLASSES = ("size", "classes")
"""The measure that counts classes, by which limits per class are scaled."""
ANSWERED = ("label", "response_bytes")
"""Stored columns that only hold something once somebody has labelled or answered."""


@dataclass(frozen=True, slots=True)
class Audited:
    """A report, and the whole evidence tables behind it."""

    report: Report
    tables: tuple[SavedTable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Data that were read, and what is demanded of them."""

    settings: Settings
    policy: Policy
    text: TextSettings
    checks: tuple[Check, ...]
    broken: Mapping[str, NotRun]
    opened: Opened
    task: str | None
    stage: Stage
    notes: tuple[str, ...]
    redact: bool

    def measure(self, checks: Iterable[Check], data: Data) -> dict[str, Outcome]:
        """What some of the checks find."""
        unread = frozenset(one.role for one in self.opened.loaded.inputs if one.error)
        return run(checks, data, broken={}, unread=unread, redact=self.redact)

    def gates(self, *, classes: int, deciding: bool = False) -> tuple[Gate, ...]:
        """The gates with every limit resolved to a number."""
        return gates_for(
            self.policy, task=self.task, stage=self.stage, require=self.settings.require, classes=classes,
            deciding=deciding,
        )  # fmt: skip

    def report(
        self, outcomes: Mapping[str, Outcome], *, deciding: bool = False, save: bool = False
    ) -> Audited:
        """Hold what was found against the gates."""
        classes, loaded = _classes(outcomes), self.opened.loaded
        decisions = [decide(gate, outcomes) for gate in self.gates(classes=classes, deciding=deciding)]
        titles = {**{check.id: check.title for check in self.checks}, QUESTIONS: "What was declared"}
        models, tables = outcome_models(
            outcomes, titles, fingerprints_of(self.opened.data), redact=self.redact, save=save
        )
        gate_list = self._ordered(decisions)
        rows = task_models(*task_rows(self.task, self.policy.stance), classes)
        report = Report(
            schema=SCHEMA,
            verdict=whole_verdict(decisions, outcomes, unread=any(one.error for one in loaded.inputs)),
            task=self.task,
            stage=self.stage,
            inputs=_inputs(loaded, redact=self.redact),
            gates=gate_list,
            sources=cited(gate_list, rows),
            outcomes=models,
            notes=(*self.opened.notes, *self.notes, *_uncached()),
            tasks=rows,
            settings=_shown(self, [check for check in self.checks if check.id in outcomes]),
            versions={"auditor": __version__, "python": platform.python_version(), **versions()},
        )
        return Audited(report, tables)

    def _ordered(self, decisions: list[Decision]) -> tuple[GateModel, ...]:
        """Required gates first, among these those of a decision; else in the order of the policy."""
        first = self.policy.readiness
        ranked = sorted(decisions, key=lambda one: (not one.gate.required, one.gate.id not in first))
        return tuple(map(gate_model, ranked))


def audit_files(settings: Settings, work: Work, *, redact: bool = False, save: bool = False) -> Audited:
    """Audit the files that `settings` name.

    Args:
        settings: what to audit and what to demand.
        work: where rows are stored, and what may be used for it.
        redact: leave the user's text out of the evidence.
        save: the evidence tables will be saved beside the report, so name their files in it.

    Raises:
        PolicyError: a setting, policy or check is wrong.
        DataError: the files cannot be audited at all.
    """
    if not settings.train:
        raise DataError("nothing to audit: no training file is named")
    with in_use(work.cache):
        begun = begin(settings, work, redact=redact)
        checks = [check for check in begun.checks if not asks(check)]
        outcomes = {**begun.measure(checks, begun.opened.data), **begun.broken}
    return begun.report(outcomes, save=save)


def asks(check: Check) -> bool:
    """Whether a check is about answers and results of models, which an audit of data alone does not have."""
    return any(need.split(".")[0] in ("answers", "results") for need in check.needs)


def begin(settings: Settings, work: Work, *, redact: bool) -> Begun:
    """Read the files, once it is clear that policy and settings fit together.

    Raises:
        PolicyError: a setting, policy or check is wrong.
        DataError: the files cannot be audited at all.
    """
    policy = policy_of(settings)
    checks, broken = _checks(policy)
    text = filled(TextSettings, policy.text, "[text]")
    opened = open_data(settings, text, work)
    task, why = _task(settings, opened.loaded)
    begun = Begun(
        settings=settings,
        policy=policy if opened.data.sketch is None else without_eval_rows(policy),
        text=text,
        checks=tuple(checks),
        broken=broken,
        opened=opened,
        task=task,
        stage=cast("Stage", settings.stage or _stage(opened.data)),
        notes=why,
        redact=redact,
    )
    begun.gates(classes=0)  # a policy that does not fit the task is refused before the long work
    return begun


def _uncached() -> tuple[str, ...]:
    """What to say where the kernels could not be kept on disk."""
    if not uncached:
        return ()
    return (
        "The cache folder is not writable or full, so kernels are compiled anew in every run; AUDITOR_CACHE_DIR names another.",
    )


def policy_of(settings: Settings) -> Policy:
    """The policy that is named, with the tables of the settings and the stance on top; what is named must exist."""
    check_task(settings.task)
    check_stage(settings.stage)
    where = settings.file.name if settings.file else "settings"
    policy = overlay(load_policy(settings.policy), settings.tables, where)
    check_gates(settings.require, policy.gates)
    return (
        policy
        if settings.stance is None
        else overlay(policy, PolicyTable(stance=settings.stance), "--stance")
    )


def _checks(policy: Policy) -> tuple[list[Check], dict[str, Any]]:
    """The checks with their settings; a policy that configures or limits an unknown check is wrong."""
    found, broken = discover()
    known = [*found, *broken]
    for check_id in policy.checks:
        if check_id not in known:
            message = f"[check.{check_id}]: there is no check {check_id!r}{suggest(check_id, known)}"
            raise PolicyError(message)
    questions = shipped_questions()
    for gate_id, gate in policy.gates.items():
        for limit in gate.limit:
            if limit.check == QUESTIONS:
                _check_question(gate_id, limit.measure, questions)
            else:
                _check_measure(gate_id, limit.check, limit.measure, found, known)
    return [configure(check, policy.checks.get(check_id, {})) for check_id, check in found.items()], broken


def _check_question(gate_id: str, name: str, questions: Iterable[str]) -> None:
    if name not in questions:
        message = f"[[gate.{gate_id}.limit]]: there is no question {name!r}{suggest(name, questions, 'questions are')}"
        raise PolicyError(message)


def _check_measure(
    gate_id: str, check: str, measure: str, found: dict[str, type[Check]], known: list[str]
) -> None:
    if check not in known:
        message = f"[[gate.{gate_id}.limit]]: there is no check {check!r}{suggest(check, known)}"
        raise PolicyError(message)
    if check in found and measure not in found[check].measures:
        hint = suggest(measure, found[check].measures)
        message = f"[[gate.{gate_id}.limit]]: check {check!r} has no measure {measure!r}{hint}"
        raise PolicyError(message)


def _task(settings: Settings, loaded: Loaded) -> tuple[str | None, tuple[str, ...]]:
    """The task, and a note if the format of the training data told it."""
    if settings.task is not None:
        return settings.task, ()
    tasks = {
        TASK_OF_FORMAT.get(found.format or "")
        for found in loaded.inputs
        if found.role == "train" and not found.error
    }
    task = tasks.pop() if len(tasks) == 1 else None
    return task, (
        f"The format of the training data says that the task is {task}; --task overrides it.",
    ) if task else ()


def _stage(data: Data) -> str:
    """Before training if anything is labelled or answered already."""
    if data.labels is not None and "label" in data.labels.collect_schema():
        judged = data.labels.filter(pl.col("split") == "train", pl.col("label").is_not_null())
        if judged.head(1).collect().height:  # a tie leaves the item without a label, but not unlabelled
            return "before-training"
    return "before-training" if any(map(data.train.holds, ANSWERED)) else "before-labeling"


def _classes(outcomes: Mapping[str, Outcome]) -> int:
    check, name = CLASSES
    outcome = outcomes.get(check)
    found = outcome.measures if isinstance(outcome, Result) else ()
    return next((int(measure.value) for measure in found if measure.name == name), 0)


def _inputs(loaded: Loaded, *, redact: bool) -> tuple[Input, ...]:
    found = (msgspec.convert(one, Input, from_attributes=True) for one in loaded.inputs)
    return tuple(
        msgspec.structs.replace(one, error=UNREAD.format(one.path) if redact else hide_all([one.error])[0])
        if one.error
        else one
        for one in found
    )


def _shown(begun: Begun, checks: Iterable[Check]) -> dict[str, Any]:
    """What the audit was run with, so that it can be repeated."""
    settings, policy = begun.settings, begun.policy
    return {
        "policy": policy.name,
        "stance": policy.stance,
        "task": settings.task,
        "stage": settings.stage,
        "map": dict(settings.map),
        "input-format": settings.input_format,
        "require": list(settings.require),
        "reviewed": list(settings.reviewed),
        "vectors": list(settings.vectors),
        "text": msgspec.to_builtins(begun.text),
        "check": {check.id: msgspec.to_builtins(check) for check in checks},
    } | ({"fingerprints": name} if (name := key_name()) else {})
