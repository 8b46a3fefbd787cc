"""What commands that read training and eval files share."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.progress import Progress

if TYPE_CHECKING:
    from auditor.load.work import Work
    from auditor.settings import Settings
    from checks.measures import Role

Option = Callable[[Callable[..., None]], Callable[..., None]]
SMALLEST_MEMORY = 256 * 10**6
"""Bytes that the libraries and the buffers take without a single row."""


class OrderedCommand(click.Command):
    """A command whose files come before its options, so that a shell glob never turns eval files into training data."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse files behind --eval."""
        values = {
            name: option.nargs
            for option in self.params
            for name in option.opts
            if not getattr(option, "is_flag", False)
        }
        known = {name for option in self.params for name in option.opts}
        seen_eval, skip = False, 0
        for arg in args:
            if skip:
                skip -= 1
            elif arg.startswith("--") and arg.split("=")[0] not in known | {"--", "--help"}:
                break  # what stands behind it may be its value; click says that there is no such option
            elif arg.startswith("-") and arg != "-":
                seen_eval = seen_eval or arg.split("=")[0] == "--eval"
                skip = values.get(arg, 0)
            elif seen_eval:
                message = (
                    f"{arg!r} stands behind --eval, so it is not clear which side it is on. Put training files first "
                    "and repeat --eval for each eval file, or quote a pattern: "
                    f"{ctx.command_path} train.jsonl --eval 'eval/*.jsonl'"
                )
                raise click.UsageError(message, ctx)
        return super().parse_args(ctx, args)


def size(_ctx: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """A number of bytes, written with or without a unit: 512MB, 4GB, 2GiB."""
    if value is None:
        return None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", value.lower())
    if found is None:
        message = f"{value!r} is no size; write it like 512MB or 4GB"
        raise click.BadParameter(message)
    number, unit, binary = found.groups()
    bytes_ = int(float(number) * (1024 if binary else 1000) ** " kmgt".index(unit or " "))
    if bytes_ < SMALLEST_MEMORY:
        message = f"{value} is less than the {SMALLEST_MEMORY // 10**6} MB that an audit needs"
        raise click.BadParameter(message)
    return bytes_


EVALS = (
    click.option(
        "--eval",
        "evals",
        multiple=True,
        metavar="FILE",
        help="Eval file or quoted pattern, repeatable; or one sketch.",
    ),
    click.option("--key-file", metavar="FILE", help="The secret that the sketch was made with."),
)
READING = (
    click.option(
        "--map",
        "mapping",
        multiple=True,
        metavar="COLUMN=ROLE",
        help="What a column (or a quoted pattern of judgements) holds; repeatable.",
    ),
    click.option(
        "--input-format", metavar="FORMAT", help="Record format of all files, where detection fails."
    ),
    click.option("--no-cache", is_flag=True, help="Do not keep the parsed rows for the next audit."),
)
QUIET = click.option("-q", "--quiet", is_flag=True, help="Print no progress and no advice.")
TEXT_OR_JSON = click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)
SEED = click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    help="Another seed draws others.",
)


def with_options(*options: Option) -> Option:
    """Give a command some options, in the order of its help."""

    def given(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return given


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was written on the command line about the files to read: for `EVALS`, `READING` and `QUIET`."""

    train: tuple[str, ...] = ()
    evals: tuple[str, ...] = ()
    key_file: str | None = None
    mapping: tuple[str, ...]
    input_format: str | None
    no_cache: bool
    quiet: bool

    def settings(
        self,
        purpose: str,
        side: Role | None = "train",
        *,
        task: str | None = None,
        stage: str | None = None,
        policy: str | None = None,
        stance: str | None = None,
        require: tuple[str, ...] = (),
        reviewed: tuple[str, ...] = (),
        vectors: tuple[str, ...] = (),
    ) -> Settings:
        """What the options say, on top of what the settings file of the project says.

        Args:
            purpose: what the command does with the files.
            side: of which files must be named; None if it can do without any.
            task, stage, policy, stance, require, reviewed, vectors: what else the command line says, see `Settings`.

        Raises:
            UsageError: neither names files of the side that is needed.
        """
        from auditor.settings import Settings, find_settings

        said = Settings(
            train=self.train,
            eval=self.evals,
            key_file=self.key_file,
            map=_pairs(self.mapping),
            input_format=self.input_format,
            task=task,
            stage=stage,
            policy=policy,
            stance=stance,
            require=require,
            reviewed=reviewed,
            vectors=vectors,
        )
        settings = said.over(find_settings(Path.cwd()))
        if side is not None and not (settings.train if side == "train" else settings.eval):
            named = "training" if side == "train" else "eval"
            message = f"nothing to {purpose}: name {named} files, or list them under {side!r} in auditor.toml"
            raise click.UsageError(message)
        return settings

    @contextlib.contextmanager
    def at_work(
        self, *, verify: bool = False, memory: int | None = None, processes: int | None = None
    ) -> Iterator[Work]:
        """What a command has at its disposal: the cache folder, with --no-cache one that is gone afterwards, and the line
        of progress."""
        from auditor.load.cachefolder import default_cache
        from auditor.load.work import Work

        with contextlib.ExitStack() as stack:
            folder = (
                stack.enter_context(tempfile.TemporaryDirectory(prefix="auditor-"))
                if self.no_cache
                else default_cache()
            )
            progress = stack.enter_context(Progress(quiet=self.quiet))
            yield Work(
                cache=Path(folder),
                verify=verify,
                memory=memory,
                processes=processes,
                tick=progress.tick,
                say=progress.say,
            )


def _pairs(mapping: tuple[str, ...]) -> dict[str, str]:
    """Column -> role, as --map gives them."""
    found = {}
    for pair in mapping:
        column, sign, role = pair.rpartition("=")
        if not sign or not column or not role:
            message = f"--map {pair!r} should read COLUMN=ROLE, for example --map 'Tweet text'=text"
            raise click.UsageError(message)
        found[column] = role
    return found
