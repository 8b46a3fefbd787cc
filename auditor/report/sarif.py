"""A report as SARIF 2.1.0, for code scanning: a result for each limit that was not kept and for each group of rows.

Rules are called `check/measure`. Results are matched from run to run by the fingerprints of the report, which hang on
texts and not on lines. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

import msgspec

from auditor.report.findings import LEVELS, Finding, Spot, failing_rulings, findings
from auditor.report.model import HEAD, Report, RulingModel
from auditor.report.paths import is_below, public, without_folders
from auditor.report.plain import plain, visible_json
from auditor.report.redaction import redacted
from auditor.report.sarif_model import (
    Artifact,
    ArtifactLocation,
    Configuration,
    Driver,
    Hashes,
    Invocation,
    Location,
    Log,
    Message,
    Notification,
    PhysicalLocation,
    Region,
    Result,
    ResultProperties,
    Rule,
    RuleProperties,
    Run,
    Tool,
)

RESULTS = 5_000
"""GitHub shows so many of a run and rejects files with more than 25,000, https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit."""
LOCATIONS = 100
"""Of a result; GitHub shows so many, the same page."""
ROOT = "%SRCROOT%"
"""What relative paths start from: the folder that the audit ran in, for GitHub the root of the repository."""
_FINGERPRINT = "auditorFinding/v1"
_GITHUB = "primaryLocationLineHash"
"""The only one of the partial fingerprints that GitHub uses."""
_NO_LINES = {"line is the row number", "gzip", "bzip2", "xz", "zstd"}
"""Facts of inputs whose lines no viewer can open."""


def render(report: Report, *, redact: bool) -> str:
    """The log file; what was left out because of the limits is said in its notifications."""
    found = redacted(report) if redact else report
    rulings = failing_rulings(found)
    lineless = frozenset(one.path for one in found.inputs if _NO_LINES & set(one.facts))
    results = [*_of_rows(found, rulings, lineless), *_of_limits(found, rulings)]
    ranked = sorted(results, key=lambda one: one.level != "error")
    run = Run(
        tool=Tool(
            driver=Driver(name="auditor", version=found.versions.get("auditor", "0"), rules=_rules(found))
        ),
        invocations=[
            Invocation(
                execution_successful=not (found.failed_inputs or found.broken),
                tool_execution_notifications=[*_notes(found, len(results))],
            )
        ],
        artifacts=[
            Artifact(
                location=_artifact(one.path),
                hashes=Hashes(sha256=one.sha256) if one.sha256 else msgspec.UNSET,
            )
            for one in found.inputs
        ],
        results=ranked[:RESULTS],
    )
    content = msgspec.json.format(msgspec.json.encode(Log(runs=[run])), indent=2).decode()
    return visible_json(content) + "\n"


def _rules(report: Report) -> list[Rule]:
    """One for each limit of a required gate, in the order of their names."""
    rules: dict[str, Rule] = {}
    for gate in report.gates:
        for ruling in gate.rulings if gate.required else ():
            about = report.outcomes.get(ruling.check)
            rules.setdefault(
                _rule_id(ruling),
                Rule(
                    id=_rule_id(ruling),
                    name=ruling.measure,
                    short_description=_message(ruling.measure.replace("_", " ")),
                    full_description=_message(f"{gate.question} {about.title if about else ''}".strip()),
                    help=_message(f"Limit from: {ruling.cite}. auditor explain {ruling.check} says how it is measured."),
                    default_configuration=Configuration(level="warning" if ruling.limit.level == "warn" else "error"),
                    properties=RuleProperties(tags=[gate.id]),
                ),
            )  # fmt: skip
    return [rules[name] for name in sorted(rules)]


def _rule_id(ruling: RulingModel) -> str:
    return f"{ruling.check}/{ruling.measure}"


def _of_limits(report: Report, rulings: Sequence[RulingModel]) -> Iterator[Result]:
    """The limits themselves: some are about no row at all."""
    seen = dict[str, int]()
    where = [Location(physical_location=PhysicalLocation(_artifact(one.path))) for one in report.inputs[:1]]
    for ruling in rulings:
        name = _rule_id(ruling)
        seen[name] = seen.get(name, 0) + 1
        mark = hashlib.blake2b(f"{name} {seen[name]}".encode(), digest_size=8).hexdigest()
        said = f"{ruling.measure} {ruling.why}. {ruling.cite}." + (
            f" To do: {ruling.fix}." if ruling.fix else ""
        )
        yield _result(ruling, said, where, (), mark)


def _of_rows(report: Report, rulings: Sequence[RulingModel], lineless: frozenset[str]) -> Iterator[Result]:
    """The rows behind the limits."""
    for ruling, found in findings(report, rulings):
        where = [_location(spot, lineless) for spot in found.spots[:1]]
        rest = [_location(spot, lineless) for spot in (*found.others, *found.spots[1:])]
        yield _result(ruling, _said(found), where, rest[: LOCATIONS - 1], found.fingerprint)


def _said(found: Finding) -> str:
    where, *others = (str(replace(spot, file=public(spot.file))) for spot in (found.spots[0], *found.others))
    rows, against = len(found.spots), f" ~ {', '.join(others)}" if others else ""
    more = f" and {rows - 1:,} more rows" if rows > 1 else ""
    quoted = "".join(f" “{text}”" for text in found.texts)
    return f"{found.title}: {where}{more}{against}. {found.facts}{quoted}"


def _result(
    ruling: RulingModel, said: str, where: list[Location], others: Sequence[Location], mark: str
) -> Result:
    marks: Mapping[str, str] = {_FINGERPRINT: mark, _GITHUB: mark} if mark else {}
    return Result(
        rule_id=_rule_id(ruling),
        level=LEVELS[ruling.verdict],
        message=_message(said),
        locations=where,
        related_locations=[msgspec.structs.replace(one, id=number) for number, one in enumerate(others, 1)],
        partial_fingerprints=marks,
        properties=ResultProperties(verdict=ruling.verdict),
    )


def _location(spot: Spot, lineless: frozenset[str]) -> Location:
    region = (
        None
        if spot.line is None or spot.file in lineless
        else Region(start_line=spot.line, start_column=spot.column)
    )
    return Location(physical_location=PhysicalLocation(_artifact(spot.file), region))


def _artifact(path: str) -> ArtifactLocation:
    """A path below the folder of the audit; of a file elsewhere the name alone, since its folders are private."""
    return ArtifactLocation(uri=_uri(public(path)), uri_base_id=ROOT if is_below(path) else None)


def _uri(path: str) -> str:
    return quote(path, safe="/", errors="surrogateescape")


def _message(text: str) -> Message:
    """A message that is nothing but text: neither placeholders nor links."""
    shown = plain(text)
    for character, written in (("\\", "\\\\"), ("[", "\\["), ("]", "\\]"), ("{", "{{"), ("}", "}}")):
        shown = shown.replace(character, written)
    return Message(text=shown)


def _notes(report: Report, results: int) -> Iterator[Notification]:
    """What the file does not hold."""
    if results > RESULTS:
        yield _note(f"{results:,} results were found; the {RESULTS:,} worst are here.")
    for outcome in report.outcomes.values():
        for evidence in outcome.evidence:
            if evidence.rows > HEAD and evidence.fingerprints:
                yield _note(f"“{evidence.title}” has {evidence.rows:,} rows; the first {HEAD:,} are here.")
    for one in report.failed_inputs:
        yield Notification(
            level="error", message=_message(without_folders(f"{one.path}: {one.error}", report))
        )
    for check in report.broken:
        found = report.outcomes[check].not_run
        yield Notification(level="error", message=_message(f"{check}: {found.why if found else ''}"))


def _note(text: str) -> Notification:
    return Notification(level="warning", message=_message(text))
