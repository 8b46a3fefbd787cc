"""The results of an audit by run, each example with the cluster of near copies that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from checks.contract import RUNS, Data
from checks.paired.gains import Pairs
from checks.paired.levels import Ints
from checks.text.clusters import eval_clusters

PROMPTED = ("baseline", "few-shot", "rag")
"""Runs of a model that was not fine-tuned."""
RELATED = ("related-before", "related-after")


@dataclass(frozen=True, slots=True)
class Run:
    """One run; `frame` has the columns of `RESULTS` and `cluster`, by example."""

    name: str
    frame: pl.DataFrame
    examples: int
    """Examples it could have: those of the eval set, or all that some run was tried on."""

    def known(self, column: str = "score") -> pl.DataFrame:
        """The examples that have a value there."""
        return self.frame.drop_nulls(column)

    def pairs(self, other: Run, column: str = "score") -> Pairs:
        """This run and another one on the examples that both have a value of."""
        theirs = other.known(column).select("example", after=pl.col(column).cast(pl.Float64))
        both = self.known(column).join(theirs, on="example", maintain_order="left")
        return Pairs(both[column].cast(pl.Float64).to_numpy(), both["after"].to_numpy(), clusters_of(both))


def clusters_of(frame: pl.DataFrame) -> Ints:
    """The clusters of some examples."""
    return frame["cluster"].to_numpy()


def runs_of(data: Data) -> dict[str, Run]:
    """The runs that scored anything, by name, in the order of `RUNS`; use it as `data.once(runs_of)`."""
    if data.results is None:
        return {}
    frame = _clustered(data, data.results)
    found = {}
    for names in ((*PROMPTED, "poc"), RELATED):
        group = frame.filter(pl.col("run").is_in(names))
        examples = group["example"].n_unique() if data.eval is None or names is RELATED else data.eval.rows
        for name in RUNS:
            own = group.filter(run=name).sort("example")
            if own["score"].count():
                found[name] = Run(name, own, examples)
    return found


def _clustered(data: Data, results: pl.DataFrame) -> pl.DataFrame:
    """The results with `cluster`: the eval row that represents the example's near copies, or the example itself."""
    alone = results.with_columns(cluster=pl.col("example"))
    if "eval.text" not in data.offers() or (clusters := data.once(eval_clusters)) is None:
        return alone
    keepers = pl.DataFrame({"example": range(len(clusters.keeper)), "keeper": clusters.keeper})
    joined = alone.join(keepers, on="example", how="left", maintain_order="left")
    near = ~pl.col("run").is_in(RELATED) & pl.col("keeper").is_not_null()
    return joined.with_columns(cluster=pl.when(near).then("keeper").otherwise("cluster")).drop("keeper")
