"""The `auditor` command. Commands are imported when they run, so that `--help` needs click alone."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn

import click

from auditor.errors import AuditorError, suggest
from auditor.load.collector import collect_rarely
from auditor.report.plain import plain
from auditor.version import __version__

COMMANDS = {
    "audit": "Say whether training and eval files are ready, with proof.",
    "cache": "Show or clear the parsed rows kept from earlier audits.",
    "checks": "List the checks and what each measures.",
    "compare": "Say what moved from one report to the next.",
    "decide": "Say whether to fine-tune, by every framework of the sources.",
    "explain": "Print what is behind a check, measure, gate or question.",
    "init": "Write a form with the questions that only people can answer.",
    "plan": "Say what to label next, what it costs and in which order.",
    "report": "Render a saved report: Markdown, HTML, SARIF and more.",
    "review": "Write a sheet of rows to judge again, to settle the noise rate.",
    "sample": "Write a PoC or labeling batch without copies and leaks.",
    "selftest": "Plant leaks in a copy of your data and say which the audit finds.",
    "sketch": "Write eval rows as hashes, for those who must not see the text.",
}
"""Name -> help line; each command is the function of its name in `auditor.cli.<name>`."""


class Commands(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"auditor.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown name gets a suggestion."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            message = f"there is no command {args[0]!r}{suggest(args[0], list(COMMANDS))}"
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="auditor")
def group() -> None:
    """Says whether training and eval data are ready to fine-tune on and to spend labeling money on, with proof.

    Exit codes: 0 ready, 1 not ready (blocked, or cannot be told), 2 wrong usage or unreadable input, 3 a bug of ours.
    """


def main() -> None:
    """Run the command line; an error of the user reads as one line on stderr, a bug of ours exits 3."""
    collect_rarely()
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a letter gets its code
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        group(prog_name="auditor", standalone_mode=False)
    except click.ClickException as error:
        if type(error) is click.UsageError:  # others put words of their own around the message
            error = click.UsageError(_fitted(error.message, "Error: "), error.ctx)
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        if isinstance(error.__cause__, EOFError):  # click makes an Abort of it
            _exit_with_bug(error.__cause__)
        click.echo("auditor: interrupted", err=True)
        sys.exit(130)
    except AuditorError as error:
        click.echo(f"auditor: {_fitted(plain(str(error)), 'auditor: ')}", err=True)
        sys.exit(2)
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001  a panic of polars is no Exception; 1 would read as "not ready"
        _exit_with_bug(error)


def _fitted(message: str, head: str) -> str:
    """A message behind its head: on a terminal in lines that end between words, elsewhere one line, for other programs."""
    if not sys.stderr.isatty():
        return message
    from shutil import get_terminal_size

    from auditor.wording import wrapped

    lines = wrapped(message, " " * len(head), max(40, get_terminal_size().columns - 1))
    return "\n".join(lines).lstrip()


def _exit_with_bug(error: BaseException) -> NoReturn:
    for line in traceback.format_exception(error):
        for row in line.rstrip().split("\n"):
            indent = len(row) - len(row.lstrip(" "))
            click.echo(" " * indent + plain(row.strip()), err=True)
    click.echo("auditor: this is a bug of auditor; please report it with the lines above", err=True)
    sys.exit(3)
