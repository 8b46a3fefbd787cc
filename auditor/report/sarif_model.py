"""The parts of SARIF 2.1.0 that are written, under the names of the standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from auditor.report.findings import Level

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Message(msgspec.Struct, frozen=True):
    """Text, in which backslashes, brackets and braces are escaped."""

    text: str


class ArtifactLocation(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A file."""

    uri: str
    uri_base_id: str | None = None


class Region(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A place in a file; lines count from 1."""

    start_line: int


class PhysicalLocation(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A file and a place in it."""

    artifact_location: ArtifactLocation
    region: Region | None = None


class Location(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A place that a result names."""

    id: int | None = None
    physical_location: PhysicalLocation


class ResultProperties(msgspec.Struct, frozen=True):
    """What SARIF has no word for."""

    verdict: str


class Result(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One finding."""

    rule_id: str
    level: Level
    message: Message
    locations: list[Location]
    related_locations: list[Location] = []
    partial_fingerprints: Mapping[str, str] = {}
    properties: ResultProperties


class Configuration(msgspec.Struct, frozen=True):
    """How a rule counts by itself."""

    level: Level


class RuleProperties(msgspec.Struct, frozen=True):
    """Tags: the gate."""

    tags: list[str]


class Rule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What results are about."""

    id: str
    name: str
    short_description: Message
    full_description: Message
    help: Message
    default_configuration: Configuration
    properties: RuleProperties


class Driver(msgspec.Struct, frozen=True, kw_only=True):
    """The tool."""

    name: str
    version: str
    rules: list[Rule]


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """The tool and what extends it."""

    driver: Driver


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Something about the run, not about the data."""

    level: Literal["error", "warning"]
    message: Message


class Invocation(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The run."""

    execution_successful: bool
    tool_execution_notifications: list[Notification] = []


class Hashes(msgspec.Struct, frozen=True, kw_only=True):
    """Of a file."""

    sha256: str = msgspec.field(name="sha-256")


class Artifact(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A file that was read."""

    location: ArtifactLocation
    hashes: Hashes | msgspec.UnsetType = msgspec.UNSET


class Run(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One audit."""

    tool: Tool
    column_kind: str = "unicodeCodePoints"
    invocations: list[Invocation]
    artifacts: list[Artifact]
    results: list[Result]


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """The file."""

    schema: str = msgspec.field(name="$schema", default=SCHEMA)
    version: str = "2.1.0"
    runs: list[Run]
