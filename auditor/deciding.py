"""Whether to fine-tune at all: what an audit measures, what people declare and what models did, under every framework."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from auditor.answers import FILE, Answers, RunFile, own_frameworks, read_answers
from auditor.auditing import Audited, Begun, asks, begin
from auditor.errors import PolicyError, suggest
from auditor.frameworks.disagreements import disagreements
from auditor.frameworks.evaluate import evaluate
from auditor.frameworks.loading import Library, load_frameworks
from auditor.gates import Gate, NotRun, Outcome
from auditor.load.cachefolder import in_use
from auditor.load.results import ReadResults, read_results
from auditor.load.work import Work
from auditor.planning.make import rows_to_label, todo_of
from auditor.prices import Prices, load_prices
from auditor.questions import QUESTIONS, Given, Question, Standing, State, standings, words
from auditor.report.model import AnswerModel, GateModel, Input, Report
from auditor.settings import Settings
from auditor.tasks import task_table
from checks.contract import Answer, Data, Measure, Range, Result

ROWS = "rows-to-label"
"""The question for the rows that labeling money is to be spent on; the plan answers it where nobody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What goes into a decision beside the data."""

    library: Library
    answers: Answers
    prices: Prices


def ask_for(
    path: Path | None,
    *,
    results: Mapping[str, str] | None = None,
    metrics: Mapping[str, str] | None = None,
    models: Mapping[str, str] | None = None,
    output_schema: str | None = None,
    frameworks: Iterable[str] = (),
) -> Asked:
    """What a readiness.toml says, with result files and frameworks on top.

    Args:
        path: the file; None for the one in the working directory, if there is one.
        results: run -> file, in place of the file's own.
        metrics: run, or "" for all of them -> the score that counts.
        models: run -> the model that counts.
        output_schema: a JSON Schema that outputs must keep to.
        frameworks: further frameworks.

    Raises:
        PolicyError: something in it cannot be meant.
    """
    here = Path(FILE)
    path = here if path is None and os.path.lexists(here) else path
    own = [] if path is None else own_frameworks(path)
    library = load_frameworks([Path(name) for name in (*own, *frameworks)])
    found = Answers() if path is None else read_answers(path, library.questions)
    runs = {**found.results, **{run: RunFile(file) for run, file in (results or {}).items()}}
    for run, name in (metrics or {}).items():
        for one in [run] if run else list(runs):
            runs[one] = _run(runs, one, "metric")._replace(metric=name)
    for run, name in (models or {}).items():
        runs[run] = _run(runs, run, "model")._replace(model=name)
    return Asked(
        library=library,
        answers=replace(found, results=runs, output_schema=output_schema or found.output_schema),
        prices=load_prices(found.prices, FILE if path is None else path.name),
    )


def _run(runs: Mapping[str, RunFile], run: str, what: str) -> RunFile:
    if run not in runs:
        message = f"a {what} is named for the run {run!r}, of which there is no file{suggest(run, runs, 'there are')}"
        raise PolicyError(message)
    return runs[run]


def decide_files(
    settings: Settings, asked: Asked, work: Work, *, redact: bool = False, save: bool = False
) -> Audited:
    """Audit the files that `settings` name, if any, and decide.

    Raises:
        PolicyError: a setting, policy, answer, price or framework is wrong.
        DataError: the files cannot be read at all, or result files do not fit them.
    """
    library, answers = asked.library, asked.answers
    with in_use(work.cache):
        begun = begin(settings, work, redact=redact)
        results = _results(answers, begun.opened.data)
        outcomes, planned = _measured(begun, asked, results)
    stands = {**standings(library.questions, answers.given, outcomes), **_planned(library.questions, planned)}
    outcomes[QUESTIONS] = _declared(stands, begun.gates(classes=0, deciding=True))
    done = begun.report(outcomes, deciding=True, save=save)
    every = {**stands, **_gates(done.report)}
    found = tuple(evaluate(framework, every) for framework in library.frameworks)
    report = msgspec.structs.replace(
        done.report,
        gates=tuple(_with_reasons(gate, stands) for gate in done.report.gates),
        inputs=(*done.report.inputs, *_inputs(results)),
        answers=tuple(_model(name, one, answers.given.get(name)) for name, one in stands.items()),
        frameworks=found,
        disagreements=disagreements(found, every),
        sources=task_table().sources,
        todo=todo_of(done.report, begun.settings, asked.prices),
    )
    return Audited(report, done.tables)


def _results(answers: Answers, data: Data) -> ReadResults | None:
    """The result files that are named."""
    if not answers.results:
        return None
    runs = answers.results
    return read_results(
        {run: one.file for run, one in runs.items()},
        data.eval,
        lost=data.lost("eval"),
        metrics={run: one.metric for run, one in runs.items() if one.metric is not None},
        variants={run: one.model for run, one in runs.items() if one.model is not None},
        schema=answers.output_schema,
    )


def _measured(
    begun: Begun, asked: Asked, results: ReadResults | None
) -> tuple[dict[str, Outcome], Range | None]:
    """The checks of an audit first, since what people and models add may rest on them; and how many rows are to be
    labelled, where nobody said and the plan does."""
    data, checks = begun.opened.data, [check for check in begun.checks if not asks(check)]
    if not begun.settings.train:  # of no rows none are bad, and none leak: that must not open a gate
        blind = [
            check for check in checks if not all(need.startswith("eval.") for need in check.needs or [""])
        ]
        outcomes: dict[str, Outcome] = {
            check.id: NotRun("skipped", "no training file is named") for check in blind
        }
        checks = [check for check in checks if check not in blind]
    else:
        outcomes = {}
    outcomes |= begun.measure(checks, data)
    answers = {name: _answer(one) for name, one in asked.answers.given.items()}
    planned = None
    if begun.settings.train and ROWS not in answers:
        planned = rows_to_label(begun.report(outcomes).report, begun.settings, asked.prices)
    known = data.knowing(
        answers=answers if planned is None else {**answers, ROWS: planned},
        prices=asked.prices.values,
        assumed=asked.prices.defaults,
        currency=asked.prices.currency,
        results=None if results is None else results.frame,
    )
    outcomes |= begun.measure([check for check in begun.checks if asks(check)], known)
    return {**outcomes, **begun.broken}, planned


def _planned(questions: Mapping[str, Question], rows: Range | None) -> dict[str, Standing]:
    """How the question for the rows to label stands, where the plan answers it."""
    if rows is None:
        return {}
    why = f"{words(rows)} rows to what the sources recommend, by auditor plan"
    return {ROWS: Standing(question=questions[ROWS], state="yes", value=rows, basis="estimated", why=why)}


def _answer(given: Given) -> Answer:
    return ", ".join(given.value) if isinstance(given.value, tuple) else given.value


def _declared(stands: Mapping[str, Standing], gates: Iterable[Gate]) -> Result:
    """The questions that limits ask for, as measures: 1 for yes, 0 for no, none while it is open."""
    wanted = {limit.measure for gate in gates for limit in gate.limits if limit.check == QUESTIONS}
    measures = [
        Measure(name=name, kind="answer", value=float(one.state == "yes"), basis=one.basis, by=_rests_on(one))
        for name in sorted(wanted & set(stands))
        if (one := stands[name]).basis is not None and one.state != "unknown"
    ]
    left = sum(one.state == "unknown" for one in stands.values())
    return Result(
        tuple(measures), (), (f"{left} of {len(stands)} questions are open; auditor decide --ask asks them",)
    )


def _rests_on(standing: Standing) -> str:
    """Who says so, or what shows it."""
    return standing.why.removeprefix(f"{standing.state} by ").removeprefix(f"{standing.state}, ")


def _gates(report: Report) -> dict[str, Standing]:
    """How the gates stand, as frameworks ask for them: those that are open, with or without warnings, are a yes."""
    states: Mapping[str, State] = {"PASS": "yes", "WARN": "yes", "BLOCK": "no", "UNKNOWN": "unknown"}
    return {
        f"gate.{gate.id}": Standing(
            question=Question(text=gate.question, kind="yes-no", sources=("S1",)),
            state=states[gate.verdict],
            basis=None if gate.verdict == "UNKNOWN" else "measured",
            why="; ".join(f"{one.measure}: {one.why}" for one in gate.rulings if one.verdict == gate.verdict),
        )
        for gate in report.gates
    }


def _with_reasons(gate: GateModel, stands: Mapping[str, Standing]) -> GateModel:
    """A gate that says of each open question why it is open."""
    rulings = (
        msgspec.structs.replace(one, why=f"{stands[one.measure].why}; auditor decide --ask asks")
        if one.check == QUESTIONS and one.value is None and one.measure in stands
        else one
        for one in gate.rulings
    )
    return msgspec.structs.replace(gate, rulings=tuple(rulings))


def _inputs(results: ReadResults | None) -> tuple[Input, ...]:
    """Result files as inputs of the report."""
    return tuple(
        Input(
            role=one.run, path=one.path, sha256=one.sha256, rows=one.rows, format=one.format,
            facts=(f"score: {one.metric}",),
        )
        for one in (() if results is None else results.files)
    )  # fmt: skip


def _model(name: str, standing: Standing, given: Given | None) -> AnswerModel:
    question = standing.question
    return AnswerModel(
        id=name,
        text=question.text,
        sources=question.sources,
        state=standing.state,
        answer=None if standing.value is None else words(standing.value),
        basis=standing.basis,
        why=standing.why,
        by="" if given is None else given.by,
        on="" if given is None else given.on,
        proof="" if given is None else given.proof,
        contradicted=standing.contradicted,
    )
