"""What to audit and how: auditor.toml or [tool.auditor], found from the working directory upwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from auditor.errors import PolicyError, suggest
from auditor.tables import STAGES, PolicyTable, convert_table
from auditor.tomlfile import check_keys, keys_of, read_toml

FILE = "auditor.toml"
ANSWERS = "readiness.toml"
"""What people declare, and prices, in the folder where a command runs."""
FINGERPRINT_KEY = "AUDITOR_FINGERPRINT_KEY"
"""Environment variable with a secret that the fingerprints of findings are keyed with."""
_TABLES = ("gate", "check", "text", "required", "required-for")


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The keys of a settings file that are not tables of a policy."""

    train: tuple[str, ...] | str = ()
    eval: tuple[str, ...] | str = ()
    task: str | None = None
    stage: str | None = None
    map: dict[str, str] = {}
    input_format: str | None = None
    policy: str | None = None
    stance: str | None = None
    require: tuple[str, ...] = ()
    reviewed: tuple[str, ...] | str = ()
    key_file: str | None = None
    vectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a user can say about an audit; what is None or empty was not said."""

    train: tuple[str, ...] = ()
    eval: tuple[str, ...] = ()
    task: str | None = None
    stage: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    input_format: str | None = None
    policy: str | None = None
    stance: str | None = None
    require: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()
    """Filled review sheets."""
    vectors: tuple[str, ...] = ()
    """Files of vectors, of the rows of train and of eval."""
    key_file: str | None = None
    """The secret that a sketch of eval data was made with."""
    tables: PolicyTable = field(default_factory=PolicyTable)
    """Gates, limits, check and text settings that lie on top of the policy."""
    file: Path | None = None
    """Where the settings were read."""

    def over(self, other: Settings) -> Settings:
        """What the command line says, with what it leaves open taken from the `other` settings, those of a file.

        Tables and their file come from there alone: no option says a table.
        """
        return Settings(
            train=self.train or other.train,
            eval=self.eval or (() if self.train else other.eval),
            task=self.task or other.task,
            stage=self.stage or other.stage,
            map={
                **self.map,
                **{column: role for column, role in other.map.items() if column not in self.map},
            },
            input_format=self.input_format or other.input_format,
            policy=self.policy or other.policy,
            stance=self.stance or other.stance,
            require=(*other.require, *self.require),
            reviewed=self.reviewed or (() if self.train else other.reviewed),
            vectors=self.vectors or (() if self.train else other.vectors),
            key_file=self.key_file or other.key_file,
            tables=other.tables,
            file=other.file,
        )


def find_settings(start: Path) -> Settings:
    """The settings of the project that `start` lies in; empty ones if it has none.

    An auditor.toml wins over the [tool.auditor] of a pyproject.toml beside it; the search ends at the root of the
    git repository.
    """
    for folder in (start, *start.parents):
        own, project = folder / FILE, folder / "pyproject.toml"
        if own.is_file():
            return read_settings(own, read_toml(own)[1])
        if project.is_file():
            tool = read_toml(project)[1].get("tool")
            found = tool.get("auditor") if isinstance(tool, dict) else None
            if found is not None:
                return read_settings(project, _table(found))
        if (folder / ".git").exists():
            break
    return Settings()


def read_settings(path: Path, found: Mapping[str, Any]) -> Settings:
    """Settings from the parsed tables of a file; relative paths are relative to its folder."""
    where = path.name
    check_keys(found, (*keys_of(_Written), *_TABLES), where)
    tables = convert_table({key: value for key, value in found.items() if key in _TABLES}, where)
    try:
        written = msgspec.convert(
            {key: value for key, value in found.items() if key not in _TABLES}, _Written
        )
    except msgspec.ValidationError as error:
        message = f"{where}: {error}"
        raise PolicyError(message) from None
    check_stage(written.stage)
    policy = written.policy
    if policy is not None and (path.parent / policy).is_file():
        policy = str(path.parent / policy)
    return Settings(
        train=_paths(written.train, path.parent),
        eval=_paths(written.eval, path.parent),
        task=written.task,
        stage=written.stage,
        map=written.map,
        input_format=written.input_format,
        policy=policy,
        stance=written.stance,
        require=written.require,
        reviewed=_paths(written.reviewed, path.parent),
        vectors=_paths(written.vectors, path.parent),
        key_file=None if written.key_file is None else _paths(written.key_file, path.parent)[0],
        tables=tables,
        file=path,
    )


def check_stage(stage: str | None) -> None:
    """Raise PolicyError for a stage that does not exist."""
    if stage is not None and stage not in STAGES:
        message = f"there is no stage {stage!r}{suggest(stage, STAGES, 'stages are')}"
        raise PolicyError(message)


def _table(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise PolicyError("pyproject.toml: [tool.auditor] must be a table")
    return found


def _paths(written: tuple[str, ...] | str, folder: Path) -> tuple[str, ...]:
    """Paths as seen from the working directory, so that they read like the ones a user types."""
    given = (written,) if isinstance(written, str) else written
    here = Path.cwd()
    paths = [folder / path for path in given]
    return tuple(str(path.relative_to(here)) if path.is_relative_to(here) else str(path) for path in paths)


def with_text_settings(settings: Settings, **said: float | None) -> Settings:
    """These settings with those of [text] changed that were said, as command-line options do."""
    told = {name: value for name, value in said.items() if value is not None}
    text = {**settings.tables.text, **told}
    return replace(settings, tables=msgspec.structs.replace(settings.tables, text=text))


def with_check_setting(settings: Settings, check: str, name: str, value: object) -> Settings:
    """These settings with one setting of a check changed, as a command-line option does."""
    checks = {**settings.tables.check, check: {**settings.tables.check.get(check, {}), name: value}}
    return replace(settings, tables=msgspec.structs.replace(settings.tables, check=checks))
