"""A self-test as text for a terminal and as JSON. Nothing here quotes the user's rows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import msgspec

from auditor.selftest.trial import Kind, Share, Trial
from auditor.wording import WIDTH

_HEAD = "{:<14} {:>7}  {:<21}  {:<21}  {:>9}"
_LINE = "{:<14} {:>7}  {:>6} {:<14}  {:>6} {:<14}  {:>9}"


def as_json(trial: Trial) -> str:
    """The counts as JSON, for scripts."""
    return msgspec.json.format(msgspec.json.encode(trial), indent=2).decode() + "\n"


def as_text(trial: Trial) -> str:
    """The counts as a table of at most `WIDTH` columns, and what they rest on."""
    head = (
        f"Planted in memory among {trial.train_rows:,} training rows; no file was changed. Of {trial.eval_rows:,} eval "
        f"rows {trial.leaked_before:,} leak and {trial.suspected_before:,} are suspected as things stand; copies of "
        "others were planted."
    )
    lines = [*_wrapped(head), "", *_table(trial), "", *map(_told, trial.kinds), ""]
    for note in (_false(trial), *_notes(trial)):
        lines += _wrapped(note)
    return "\n".join(lines) + "\n"


def _table(trial: Trial) -> Iterator[str]:
    yield _HEAD.format("", "", " found as leaked", " found in any tier", "precision")
    yield _LINE.format("kind", "planted", "found", "recall (95 %)", "found", "recall (95 %)", "leak/any")
    for kind in trial.kinds:
        leaked, either = kind.leaked, kind.either
        precision = f"{_percent(leaked.precision)}/{_percent(either.precision)}"
        yield _LINE.format(
            kind.name, kind.judged, leaked.found, _share(leaked.recall), either.found, _share(either.recall), precision
        )  # fmt: skip


def _told(kind: Kind) -> str:
    return f"  {kind.name:<15} {kind.told}"


def _share(share: Share) -> str:
    return (
        "-"
        if share.value is None
        else f"{_percent(share.value)} % ({_percent(share.low)}-{_percent(share.high)})"
    )


def _percent(share: float | None) -> str:
    """Whole per cent; 0 and 100 mean none and all."""
    if share is None:
        return "-"
    return f"{100 * share:.0f}" if share in (0, 1) else str(min(max(round(100 * share), 1), 99))


def _false(trial: Trial) -> str:
    """What was found though it is not there."""
    decoys = sum(kind.decoys for kind in trial.kinds)
    return (
        f"False alarms: of {trial.controls:,} clean eval rows that were not planted, {trial.false_leaked:,} were "
        f"found as leaked and {trial.false_suspected:,} as suspected, with {decoys:,} decoys (training rows altered in "
        "the same ways) beside the plants."
    )


def _notes(trial: Trial) -> Iterator[str]:
    """What was planted less often than wanted, or could not be judged, and why."""
    if trial.planned < trial.each:
        yield (
            f"{trial.planned:,} rows of a kind and not {trial.each:,}, so that as many of the {trial.free:,} clean eval "
            "rows stay as they are."
        )
    for kind in trial.kinds:
        if kind.planted < trial.planned:
            needs = f" has what it takes: {kind.needs}" if kind.needs else " is left"
            yield f"{kind.name}: {kind.planted:,} planted; no other clean eval row{needs}."
        if kind.judged < kind.planted:
            yield (
                f"{kind.name}: {kind.planted - kind.judged:,} of {kind.planted:,} planted rows are not counted, since the "
                "copy of another eval row matches theirs better."
            )
        if not kind.sound:
            yield f"{kind.name}: every one of these must be found; please report this as a bug of auditor."
    if trial.rewrites is not None:
        yield f"No rewrites were looked for: {trial.rewrites}. So reworded rows are found by what stays of their wording alone."
    yield "Translations and free paraphrases cannot be made without a model and were not planted."


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)
