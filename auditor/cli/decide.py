"""`auditor decide`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.judging import Judging, judging_options, printing, saved
from auditor.cli.reading import OrderedCommand
from auditor.cli.rendering import rendering_options, shown

if TYPE_CHECKING:
    from auditor.deciding import Asked


@click.command(cls=OrderedCommand)
@click.argument("train", nargs=-1, metavar="[TRAIN]...")
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What people declare; readiness.toml by default, if it is there. auditor init writes one.",
)
@click.option(
    "--ask", is_flag=True, help="Ask the open questions in the terminal and write the answers into the file."
)
@click.option(
    "--results",
    multiple=True,
    metavar="RUN=FILE",
    help="Results on single examples: baseline, few-shot, rag, poc, related-before, related-after; repeatable.",
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="[RUN=]NAME",
    help="The score that counts, where result files have several; repeatable.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="RUN=NAME",
    help="The model whose results count, where a file has several; repeatable.",
)
@click.option(
    "--output-schema", metavar="FILE", help="A JSON Schema that outputs in result files must keep to."
)
@click.option(
    "--framework",
    "frameworks",
    multiple=True,
    metavar="FILE",
    help="A framework of your own, as TOML; repeatable.",
)
@judging_options
@rendering_options
def decide(styles: tuple[str, ...], out: Path | None, **given: Any) -> None:  # noqa: ANN401  click passes what the options say
    """Say whether to fine-tune at all: four gates, and every framework of the sources side by side.

    What a file can tell is measured: TRAIN and eval files as in auditor audit, results of your prompt, few-shot, RAG and
    PoC runs with --results. What only people know stands in readiness.toml. A question that nobody answered and nothing
    measured is unknown, and unknown never counts as a yes; where a measurement contradicts an answer, it decides.
    """
    from auditor.deciding import decide_files

    told = {name: given.pop(name) for name in _TOLD}
    judging = Judging(**given)
    settings = judging.settings("decide", dataless=True)
    asked = _asked(**told)
    goes = shown(styles, out)
    with judging.at_work() as work:
        done = decide_files(settings, asked, work, redact=judging.redact, save=out is not None)
    unsaved = saved(done, goes, redact=judging.redact)
    with printing():
        goes.echo(
            done.report,
            done.tables,
            redact=judging.redact,
            quiet=judging.quiet,
            saved=None if unsaved else out,
        )
    if unsaved is not None:
        raise unsaved
    judging.leave(done.report)


_TOLD = ("answers", "ask", "results", "metrics", "models", "output_schema", "frameworks")
"""Options about what goes into a decision beside the data."""


def _asked(
    *,
    answers: Path | None,
    ask: bool,
    results: tuple[str, ...],
    metrics: tuple[str, ...],
    models: tuple[str, ...],
    output_schema: str | None,
    frameworks: tuple[str, ...],
) -> Asked:
    """What goes into the decision beside the data."""
    from auditor.answers import FILE
    from auditor.deciding import ask_for

    if ask:
        from auditor.cli.asking import ask_open

        answers = ask_open(answers or Path(FILE))
    return ask_for(
        answers,
        results=_pairs(results, "--results", "baseline=prompt.jsonl"),
        metrics=_pairs(metrics, "--metric", "baseline=accuracy", for_all=True),
        models=_pairs(models, "--model", "baseline=our-model"),
        output_schema=output_schema,
        frameworks=frameworks,
    )


def _pairs(given: tuple[str, ...], option: str, example: str, *, for_all: bool = False) -> dict[str, str]:
    """Run -> what is said of it; "" is for all runs, where that can be."""
    found: dict[str, str] = {}
    for pair in given:
        run, sign, said = pair.partition("=")
        if not sign and for_all:
            run, said = "", pair
        if not said or not (run or for_all):
            message = f"{option} {pair!r} should read RUN=..., for example {option} {example}"
            raise click.UsageError(message)
        if run in found:
            message = f"{option} is given twice for {run or 'all runs'}"
            raise click.UsageError(message)
        found[run] = said
    return found
