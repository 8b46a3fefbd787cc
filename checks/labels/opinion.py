"""What a model of the labels says of one question, as measures, a rung of the ladder and notes."""

from __future__ import annotations

from dataclasses import dataclass

from checks.contract import Measure
from checks.labels.ladder import Rung, model_rate
from checks.labels.suspicion import Suspicion, Unknown
from checks.measures import NAME


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the model says."""

    found: Suspicion | None = None
    """None where the model is not to be believed, so that it accuses no row."""
    rung: Rung | None = None
    """None where nothing can be estimated; a note says why."""
    measures: tuple[Measure, ...] = ()
    notes: tuple[str, ...] = ()


def opinion(
    found: Suspicion | Unknown, question: str | None, least_accuracy: float, least_skill: float
) -> Opinion:
    """The opinion behind what was found; `question` names one of several."""
    of = asked(question)
    if isinstance(found, Unknown):
        return Opinion(notes=(f"By a model the noise rate{of} is not estimable: {found.why}.",))
    accuracy = Measure(
        name="model_accuracy", value=found.accuracy, kind="share", group=question, of=found.seen
    )
    notes = _remarks(found, of)
    if found.accuracy < least_accuracy:
        short = f"under {100 * least_accuracy:.0f} %"
    elif found.skill < least_skill:
        short = f"while {100 * found.frequent:.0f} % carry the most frequent one"
    else:
        doubted = int((found.wrong > 0.5).sum())
        suspected = Measure(
            name="suspected_rows", value=doubted, group=question, of=len(found.rows), basis="estimated"
        )
        return Opinion(found, model_rate(found), (accuracy, suspected), notes)
    agrees = f"it agrees with {100 * found.accuracy:.0f} % of {found.seen:,} labels it had not seen"
    why = f"By a model the noise rate{of} is not estimable: {agrees}, {short}."
    return Opinion(None, None, (accuracy,), (why, *notes))


def asked(question: str | None) -> str:
    """How a note names one of several questions: by its name, unless that is rather a text."""
    if question is None:
        return ""
    return (
        f" of {question!r}" if len(question) <= NAME else f" of the label that begins with {question[:1]!r}"
    )


def _remarks(found: Suspicion, of: str) -> tuple[str, ...]:
    """What was sampled or left out by the model."""
    said = []
    if found.learned < found.distinct:
        learned = (
            f"The model{of} learned from {found.learned:,} of {found.distinct:,} distinct labelled texts"
        )
        said.append(f"{learned}; the others are judged by it all the same.")
    if found.alone:
        said.append(f"{found.alone:,} classes{of} have one text each, which no model can judge.")
    if found.pruned:
        said.append(
            f"Rare words were left out of the model{of}: its classes and words are too many for the memory."
        )
    return tuple(said)
