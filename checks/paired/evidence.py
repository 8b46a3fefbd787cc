"""Tables that show which examples failed, on which of them fine-tuning lost, and what went wrong how often."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from checks.contract import EXCERPT, Data, Evidence
from checks.paired.failures import causes
from checks.paired.trials import RELATED, Run
from checks.places import brief, place, quote, quoting, unquoted
from checks.private.mask import hide


def failed(
    data: Data, runs: Mapping[str, Run], pass_score: float
) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """The failed examples of each run, the worst first, and notes on what is left out of them."""
    tables = [
        run.known().filter(pl.col("score") < pass_score).sort("score", "example")
        for run in runs.values()
        if run.name not in RELATED
    ]
    found = pl.concat(tables) if tables else pl.DataFrame()
    return _shown(data, found, "Failed examples, the worst of each run first", ("output",))


def lost(
    data: Data, before: Run, after: Run, pass_score: float
) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """Examples that the first run passed and the second one failed."""
    theirs = (
        after.known()
        .select("example", "score", "output")
        .rename({"score": "poc_score", "output": "poc_output"})
    )
    both = before.known().join(theirs, on="example", maintain_order="left")
    found = both.filter((pl.col("score") >= pass_score) & (pl.col("poc_score") < pass_score))
    title = f"Examples that {before.name} passed and the PoC failed"
    return _shown(data, found.sort("poc_score", "example"), title, ("output", "poc_output"))


def by_type(runs: Mapping[str, Run], pass_score: float) -> tuple[Evidence, ...]:
    """How often each run failed in which way."""
    frames = [run.known().filter(pl.col("score") < pass_score) for run in runs.values()]
    words = pl.concat(frames).drop_nulls("failure") if frames else pl.DataFrame()
    if not words.height:
        return ()
    order = {name: number for number, name in enumerate(runs)}
    counts = words.group_by("run", "failure").agg(failures=pl.len().cast(pl.Int64))
    counts = counts.with_columns(causes(counts["failure"]).alias("cause"))
    counts = counts.sort(pl.col("run").replace_strict(order), -pl.col("failures"), "failure")
    table = brief(counts.select("run", "failure", "cause", "failures"), "failure")
    return (Evidence("Failures by type", table, labels=quoting(table, "failure")),)


def _shown(
    data: Data, found: pl.DataFrame, title: str, said: tuple[str, ...]
) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """Examples with their places in the eval set, where there is one, and in the result file."""
    if not found.height:
        return (), ()
    known = [name for name in ("run", "id", "score", "poc_score", "failure") if name in found.columns]
    own = [*(name for name in known if found[name].count()), *said]
    told = found.select(
        *(hide(found[name]).str.slice(0, EXCERPT) if name in said else found[name] for name in own),
        result_file="file",
        result_line="line",
    )
    excerpts = said
    if data.eval is not None:
        rows = found["example"].to_numpy()
        told = pl.concat([place(data.eval, rows), told], how="horizontal").select(
            pl.lit("eval").alias("split"), pl.all()
        )
        if len(said) == 1 and "eval.text" in data.offers():
            told, excerpts = told.with_columns(quote(data.eval, rows)), ("text", *said)
    named = [name for name in ("id", "failure") if name in told.columns]
    table = brief(told, *named)
    evidence = Evidence(title, table, excerpts=excerpts, labels=quoting(table, *named))
    return (evidence,), unquoted(evidence)
