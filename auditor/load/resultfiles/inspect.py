"""Logs of inspect_ai: one JSON document, or the archive (.eval) with a JSON document for each sample."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from auditor.errors import DataError
from auditor.load.jsonfaults import ERRORS, fault_of
from auditor.load.ledger import shown
from auditor.load.resultfiles.content import LARGEST, Content
from auditor.load.resultfiles.entries import Entry, name_of
from auditor.load.resultfiles.records import whole

VALUES: Mapping[str, float] = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
"""Correct, partly correct, incorrect, no answer: what inspect_ai's own `value_to_float` makes of them."""
_SAMPLES = "samples/"
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    OSError,
    ValueError,
    LookupError,
)
"""What zipfile raises on damaged archives, on those with a password and on compressions that it does not know."""


class _Score(msgspec.Struct):
    value: Any = None


class _Output(msgspec.Struct):
    completion: Any = None
    choices: Any = None
    time: Any = None


class _Sample(msgspec.Struct):
    """What is read of a sample; its messages and events are passed over."""

    id: int | str
    epoch: int = 1
    scores: dict[str, _Score] | None = None
    score: _Score | None = None
    """Of logs before scorers had names."""
    output: _Output | None = None
    total_time: Any = None


def is_log(content: Content) -> bool:
    """Whether a document is a log; one without samples, too, which is told when it is read."""
    return {"eval", "status"} <= content.document.keys() or {"eval", "samples"} <= content.document.keys()


def is_archive(content: Content) -> bool:
    """Whether an archive is a log."""
    names = content.archive.namelist() if content.archive else []
    return (
        any(name.startswith(_SAMPLES) and name.endswith(".json") for name in names) or "header.json" in names
    )


def log(content: Content, _metric: str | None) -> Iterator[Entry]:
    """The samples of a log, each epoch an attempt."""
    try:
        samples = msgspec.json.decode(
            content.document.get("samples", msgspec.Raw(b"null")), type=list[_Sample] | None
        )
    except ERRORS as error:
        message = f"{content.name} is a log of inspect_ai with a sample that cannot be read: {fault_of(error, b'').what}"
        raise DataError(message) from None
    if not samples:
        raise DataError(_empty(content))
    yield from (_entry(number, sample) for number, sample in enumerate(samples, 1))


def archive(content: Content, _metric: str | None) -> Iterator[Entry]:
    """The samples of an .eval archive, in the order of their names."""
    packed = content.archive
    if packed is None:
        return
    members = [
        one
        for one in packed.infolist()
        if one.filename.startswith(_SAMPLES) and one.filename.endswith(".json")
    ]
    if not members:
        raise DataError(_empty(content))
    if sum(one.file_size for one in members) > LARGEST:
        message = f"{content.name} holds more than {LARGEST >> 30} GB; write the scores alone, a record for each example"
        raise DataError(message)
    decoder = msgspec.json.Decoder(_Sample)
    for number, member in enumerate(sorted(members, key=lambda one: one.filename), 1):
        try:
            with packed.open(member) as file:
                sample = decoder.decode(file.read(member.file_size + 1))
        except (*ERRORS, *_DAMAGE) as error:
            why = fault_of(error, b"").what if isinstance(error, ERRORS) else str(error)
            message = (
                f"{content.name}: {shown(member.filename)} cannot be read ({shown(why)}); write the log as JSON with "
                "`inspect log convert --to json`"
            )
            raise DataError(message) from None
        yield _entry(number, sample)


def _entry(number: int, sample: _Sample) -> Entry:
    scorers = dict(sample.scores or ({} if sample.score is None else {"score": sample.score}))
    scores: dict[str, Any] = {}
    for name, found in scorers.items():
        parts = found.value.items() if isinstance(found.value, dict) else [("", found.value)]
        scores |= {f"{name}/{part}" if part else name: _value(value) for part, value in parts}
    output = sample.output or _Output()
    said = output.completion if isinstance(output.completion, str) else _content(output.choices)
    position = whole(sample.id) if isinstance(sample.id, int) else None
    return Entry(
        line=number,
        scores={name: value for name, value in scores.items() if not isinstance(value, list | dict)},
        id=name_of(sample.id),
        position=position - 1 if position else None,  # samples without ids are numbered from 1
        attempt=sample.epoch,
        output=said,
        seconds=output.time if sample.total_time is None else sample.total_time,
    )


def _value(value: Any) -> Any:  # noqa: ANN401  any value of a score
    return VALUES.get(value, value) if isinstance(value, str) else value


def _content(choices: Any) -> str | None:  # noqa: ANN401  any JSON
    """The text of the first choice: older logs do not write the completion beside it."""
    try:
        said = choices[0]["message"]["content"]
    except (TypeError, LookupError):
        return None
    return said if isinstance(said, str) else None


def _empty(content: Content) -> str:
    return (
        f"{content.name} is a log of inspect_ai without samples; run the evaluation without --no-log-samples, or export "
        "the whole log and not its header"
    )
