"""Results of models on the eval set: does prompting fail, and how; and does fine-tuning gain what it must?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from checks.contract import Data, Measure, Result
from checks.labels.conduct import merged
from checks.paired.compared import points, related_change, target_shortfall
from checks.paired.described import format_and_effort, independent, unknown_types
from checks.paired.evidence import by_type, failed, lost
from checks.paired.failures import causes
from checks.paired.gains import Pairs
from checks.paired.levels import quality, share
from checks.paired.trials import PROMPTED, RELATED, Run, clusters_of, runs_of

OVERLAP = 0.5
"""A run counts among those that the PoC is compared with if it shares at least so many of the examples that the most
overlapping one shares with it; tool default: with fewer, another run is known far better."""


@dataclass(frozen=True, slots=True)
class Results:
    """Prompting misses the target and fine-tuning gains, on the same examples and beyond chance.

    Measured on result files: for each run (baseline: the prompt alone; few-shot; rag; poc: the fine-tuned model;
    related-before and related-after: both on a set of related tasks) a score of 0 to 1 for each example. Examples without
    a score are left out and counted (`unscored_eval_rows`, of the eval rows), never taken for failures. Near copies among
    the eval rows are right or wrong together: with clusters of sizes m, n examples are worth n^2 / sum m^2 independent ones
    (Kish 1965), on which all intervals and sample sizes rest. `quality`: mean score of a run; `failure_rate`: share of its
    examples with a score below `pass_score`; both with Wilson's 95 % interval, for graded scores Student's t.
    `target_shortfall_points`: points by which a run misses the declared target quality, without a group of the best run
    that is not fine-tuned (baseline, few-shot, rag); below 0 where it is reached; the interval holds that of the quality
    and the range of the target. Of the failures of that run that have a type: `behaviour_failure_share`, those of tone,
    style, format, classification and the like; `fact_failure_share`, those of facts and knowledge; `other_failure_share`,
    words that are neither. `unclassified_failures`: failures without a type.

    `gain_points`: quality of the PoC minus that of the run without fine-tuning it gains least over, on the examples that
    both were scored on; of right and wrong with Tango's score interval (1998), of grades with Student's t.
    `gain_by_run_points`: the same over each run. `gain_p`: two-sided p of no gain, mid-p McNemar (Fagerland 2013) or, of
    grades, random signs; a cluster of near copies counts once. `gain_examples` were compared, which are worth
    `gain_effective_examples` independent ones; on `gain_discordance` of them the two differ. `gain_power`: chance that so many
    examples show any gain where the true one is exactly `gain_points` (the setting, not the gain seen) at that discordance;
    `gain_examples_needed`: independent examples at which that chance is 80 %, by the exact power of the test; a larger gain
    shows on fewer, so a proven gain may rest on fewer. `gain_examples_to_settle`: those at which the interval would lie on
    one side of the setting in 80 % of the cases, if the gain seen is the true one. Where the interval lies on one side
    already, `gain_power` and `gain_examples_to_settle` are left out: nothing is left to settle. Simulated on 50 to 2,000
    examples, at most 3 % of true gains just below 5 points come out as proven. `related_change_points`: quality on the related tasks after
    minus before, each example paired. `valid_share`: outputs in the wanted format, by a column or a JSON Schema;
    `valid_change_points`: that of the PoC minus that of the run it is compared with, on the same examples.
    `mean_seconds` and `mean_cost` of an answer, by run, with Student's t.
    Source: S1 (fails on 30 % or more; failures cluster in tone, format, classification; the PoC gains 5 points), S2 and S3
    (same set and metrics, related tasks; format kept in 98 % by prompts), S4 (the generic model is measured as insufficient).
    """

    id: ClassVar[str] = "results"
    title: ClassVar[str] = "What prompting reaches and fine-tuning gains"
    needs: ClassVar[frozenset[str]] = frozenset({"results"})
    measures: ClassVar[tuple[str, ...]] = (
        "quality",
        "failure_rate",
        "unscored_eval_rows",
        "target_shortfall_points",
        "behaviour_failure_share",
        "fact_failure_share",
        "other_failure_share",
        "unclassified_failures",
        "gain_points",
        "gain_by_run_points",
        "gain_p",
        "gain_examples",
        "gain_effective_examples",
        "gain_discordance",
        "gain_power",
        "gain_examples_needed",
        "gain_examples_to_settle",
        "related_change_points",
        "valid_share",
        "valid_change_points",
        "mean_seconds",
        "mean_cost",
    )

    pass_score: float = 0.5
    """Score below which an example failed; tool default: the middle, which partly right answers reach."""
    gain_points: float = 5
    """Gain that must be shown, in points; S1: baseline + 5 points."""

    def __post_init__(self) -> None:
        for name, value, most in (("pass_score", self.pass_score, 1), ("gain_points", self.gain_points, 100)):
            if not 0 < value <= most:
                message = f"{name} is {value:g}; it must lie above 0, at most {most}"
                raise ValueError(message)

    def run(self, data: Data) -> Result:
        """Measure each run, and the runs against each other."""
        runs = data.once(runs_of)
        if not runs:
            return Result((), (), ("no example has a score.",))
        prompted = [runs[name] for name in PROMPTED if name in runs]
        best = max(prompted, key=lambda run: float(run.known()["score"].to_numpy().mean()), default=None)
        tables, quoted = failed(data, runs, self.pass_score)
        return merged(
            *(self._level(run, data) for run in runs.values()),
            target_shortfall(data, prompted, best),
            self._failures(best),
            self._gain(data, runs, prompted),
            related_change(runs),
            *(format_and_effort(run) for run in runs.values()),
            Result((), (*tables, *by_type(runs, self.pass_score)), (*quoted, *independent(data, runs))),
        )

    def _level(self, run: Run, data: Data) -> Result:
        known = run.known()
        scores, clusters = known["score"].to_numpy(), clusters_of(known)
        good, around = quality(scores, clusters)
        rate, spread = share(scores < self.pass_score, clusters)
        measures = [
            Measure(
                name="quality", group=run.name, value=good, kind="share", of=known.height, interval=around
            ),
            Measure(
                name="failure_rate",
                group=run.name,
                value=rate,
                kind="share",
                of=known.height,
                interval=spread,
            ),
        ]
        if run.name in RELATED:
            return Result(tuple(measures))
        missing = run.examples - known.height
        measures.append(Measure(name="unscored_eval_rows", group=run.name, value=missing, of=run.examples))
        what = "eval rows" if data.eval is not None else "examples"
        told = f"{run.name}: {missing:,} of {run.examples:,} {what} have no score; they are left out, not counted as failures."
        return Result(tuple(measures), (), (told,) if missing else ())

    def _failures(self, best: Run | None) -> Result:
        """What the failures of the best run are about."""
        if best is None:
            return Result(())
        wrong = best.known().filter(pl.col("score") < self.pass_score)
        typed = wrong.drop_nulls("failure")
        count = Measure(name="unclassified_failures", value=wrong.height - typed.height, of=wrong.height)
        if not typed.height:
            told = f"No failure of {best.name} has a type, so it is not known what they are about."
            return Result((count,), (), (told,) if wrong.height else ())
        kinds, clusters = causes(typed["failure"]), clusters_of(typed)
        measures = []
        for cause in ("behaviour", "fact", "other"):
            value, around = share((kinds == cause).to_numpy(), clusters)
            name = f"{cause}_failure_share"
            measures.append(
                Measure(name=name, value=value, kind="share", of=typed.height, interval=around, by=best.name)
            )
        others = (
            typed.filter(kinds == "other")["failure"]
            .value_counts(sort=True)
            .sort("count", "failure", descending=[True, False])
        )
        return Result((*measures, count), (), unknown_types(others))

    def _gain(self, data: Data, runs: Mapping[str, Run], prompted: list[Run]) -> Result:
        """The PoC against the other runs."""
        if "poc" not in runs:
            return Result(())
        poc = runs["poc"]
        compared = [(run, pairs) for run in prompted if (pairs := run.pairs(poc)).rows]
        if not compared:
            told = "There is no run without fine-tuning on the examples of the PoC, so its gain is not known."
            return Result((), (), (told,))
        most = max(pairs.rows for _, pairs in compared)
        close = [(run, pairs) for run, pairs in compared if pairs.rows >= OVERLAP * most]
        before, pairs = min(close, key=lambda one: one[1].gain)
        by_run = tuple(points("gain_by_run_points", other, group=run.name) for run, other in compared)
        valid = before.pairs(poc, "valid")
        kept = (points("valid_change_points", valid, by=before.name),) if valid.rows else ()
        tables, quoted = lost(data, before, poc, self.pass_score)
        measures = (
            points("gain_points", pairs, by=f"{pairs.rows:,} examples of {before.name} and poc"),
            *by_run,
            *kept,
        )
        return Result((*measures, *self._power(pairs)), tables, (*self._told(before, pairs), *quoted))

    def _power(self, pairs: Pairs) -> tuple[Measure, ...]:
        """How sure the gain is, and how many examples would make it so."""
        wanted, decided = self.gain_points / 100, self._decided(pairs)
        counts = {
            "gain_examples_needed": pairs.examples_needed(wanted),
            "gain_examples_to_settle": None if decided else pairs.examples_to_settle(wanted),
        }
        power = Measure(name="gain_power", value=pairs.power(wanted), kind="share", basis="estimated")
        return (
            Measure(name="gain_p", value=pairs.p, kind="score"),
            Measure(name="gain_examples", value=pairs.rows),
            Measure(name="gain_effective_examples", value=pairs.size, of=pairs.rows),
            Measure(name="gain_discordance", value=pairs.discordance, kind="share", of=pairs.rows),
            *(() if decided else (power,)),
            *(
                Measure(name=name, value=value, basis="estimated")
                for name, value in counts.items()
                if value is not None
            ),
        )

    def _decided(self, pairs: Pairs) -> bool:
        """Whether the interval lies on one side of the wanted gain."""
        low, high = (100 * edge for edge in pairs.interval)
        return low >= self.gain_points or high < self.gain_points

    def _told(self, before: Run, pairs: Pairs) -> tuple[str, ...]:
        """What the numbers of examples are about, and how many would tell on which side of the wanted gain the true one lies."""
        low, high = (100 * edge for edge in pairs.interval)
        wanted, decided = self.gain_points, self._decided(pairs)
        named = "gain_examples_needed is" if decided else "gain_power and gain_examples_needed are"
        about = (
            f"{named} about a gain of exactly {wanted:g} points where the two differ on {pairs.discordance:.1%} of the "
            "examples, not about the gain seen; a larger gain shows on fewer examples."
        )
        if decided:
            return (about,)
        more = pairs.examples_to_settle(wanted / 100)
        settled = f"about {more:,}" if more else "no number of examples"
        told = (
            f"The PoC gains {100 * pairs.gain:+.1f} points over {before.name} ({low:+.1f} to {high:+.1f}) on {pairs.size:,.0f} "
            f"independent examples; {settled} would settle whether it is {wanted:g} points, if the gain seen is the true one."
        )
        return told, about
