"""A report as SARIF 2.1.0, for code scanning: a result for each limit that was not kept and for each group of rows.

Rules are called `check/measure`. Results are matched from run to run by the fingerprints of the report, which hang on
texts and not on lines. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from auditor.report.findings import LEVELS, Finding, Spot, failing_rulings, findings, lineless
from auditor.report.model import HEAD, Report, RulingModel
from auditor.report.paths import published
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
from auditor.settings import ANSWERS, FILE

RESULTS = 5_000
"""GitHub shows so many of a run and rejects files with more than 25,000, https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit."""
LOCATIONS = 100
"""Of a result; GitHub shows so many, the same page."""
ROOT = "%SRCROOT%"
"""What relative paths start from: the folder that the audit ran in, for GitHub the root of the repository."""
_FINGERPRINT = "auditorFinding/v1"
_GITHUB = "primaryLocationLineHash"
"""The only one of the partial fingerprints that GitHub uses."""


@dataclass(frozen=True, slots=True)
class _Files:
    """What is to be known of files to name a place in them."""

    outside: frozenset[str]
    """Those that are not below the folder of the audit."""
    lineless: frozenset[str]
    """Those whose lines no viewer can open."""

    def artifact(self, path: str) -> ArtifactLocation:
        """A path below the folder of the audit; of a file elsewhere its name."""
        uri = quote(path, safe="/", errors="surrogateescape")
        return ArtifactLocation(uri=uri, uri_base_id=None if path in self.outside else ROOT)

    def location(self, spot: Spot) -> Location:
        """The line, without its column: readers count bytes, or cells, and here characters are meant."""
        line = None if spot.file in self.lineless else spot.line
        region = None if line is None else Region(start_line=line)
        return Location(physical_location=PhysicalLocation(self.artifact(spot.file), region))


def render(report: Report, *, redact: bool) -> str:
    """The log file; what was left out because of the limits is said in its notifications."""
    found, outside = published(redacted(report) if redact else report)
    files = _Files(outside, lineless(found))
    rulings = failing_rulings(found)
    behind = [*findings(found, rulings)]
    results = [_of_rows(ruling, one, files) for ruling, one in behind]
    results += _of_limits(found, rulings, files)
    ranked = sorted(results, key=lambda one: one.level != "error")
    run = Run(
        tool=Tool(
            driver=Driver(name="auditor", version=found.versions.get("auditor", "0"), rules=_rules(found))
        ),
        invocations=[
            Invocation(
                execution_successful=not (found.failed_inputs or found.broken),
                tool_execution_notifications=[*_notes(found, len(results), [one for _, one in behind])],
            )
        ],
        artifacts=[
            Artifact(
                location=files.artifact(path),
                hashes=Hashes(sha256=sha256) if sha256 else msgspec.UNSET,
            )
            for path, sha256 in {one.path: one.sha256 for one in found.inputs}.items()
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


def _of_limits(report: Report, rulings: Sequence[RulingModel], files: _Files) -> Iterator[Result]:
    """The limits themselves: some are about no row at all, and those of a report without files about what was declared.

    Each names a place, since GitHub takes no result without any.
    """
    seen = dict[str, int]()
    first = report.inputs[0].path if report.inputs else ANSWERS if report.answers else FILE
    where = [Location(physical_location=PhysicalLocation(files.artifact(first)))]
    for ruling in rulings:
        name = _rule_id(ruling)
        seen[name] = seen.get(name, 0) + 1
        mark = hashlib.blake2b(f"{name} {seen[name]}".encode(), digest_size=8).hexdigest()
        said = f"{ruling.measure} {ruling.why}. {ruling.cite}." + (
            f" To do: {ruling.fix}." if ruling.fix else ""
        )
        yield _result(ruling, said, where, (), mark)


def _of_rows(ruling: RulingModel, found: Finding, files: _Files) -> Result:
    """Rows behind a limit."""
    where, *rest = (files.location(spot) for spot in _places(found)[:LOCATIONS])
    return _result(ruling, _said(found), [where], rest, found.fingerprint)


def _places(found: Finding) -> tuple[Spot, ...]:
    return (found.spots[0], *found.others, *found.spots[1:])


def _said(found: Finding) -> str:
    where, *others = map(str, (found.spots[0], *found.others))
    rows, against = len(found.spots), f" ~ {', '.join(others)}" if others else ""
    more = f" and {'at least ' * found.cut}{rows - 1:,} more rows" if rows > 1 else ""
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


def _message(text: str) -> Message:
    """A message that is nothing but text: neither placeholders nor links."""
    shown = plain(text)
    for character, written in (("\\", "\\\\"), ("[", "\\["), ("]", "\\]"), ("{", "{{"), ("}", "}}")):
        shown = shown.replace(character, written)
    return Message(text=shown)


def _notes(report: Report, results: int, behind: Sequence[Finding]) -> Iterator[Notification]:
    """What the file does not hold."""
    if results > RESULTS:
        yield _note(f"{results:,} results were found; the {RESULTS:,} worst are here.")
    if many := sum(len(_places(one)) > LOCATIONS for one in behind):
        yield _note(
            f"{many:,} results have more than {LOCATIONS} places; the first {LOCATIONS} of each are here."
        )
    for outcome in report.outcomes.values():
        for evidence in outcome.evidence:
            if evidence.rows > HEAD and evidence.fingerprints:
                yield _note(f"“{evidence.title}” has {evidence.rows:,} rows; the first {HEAD:,} are here.")
    for one in report.failed_inputs:
        yield Notification(level="error", message=_message(f"{one.path}: {one.error}"))
    for check in report.broken:
        found = report.outcomes[check].not_run
        yield Notification(level="error", message=_message(f"{check}: {found.why if found else ''}"))


def _note(text: str) -> Notification:
    return Notification(level="warning", message=_message(text))
