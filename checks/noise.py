"""Noise: what share of the labels is wrong, how that is known, and which ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from checks.contract import LABEL_LIST, Data, Evidence, Measure, Result
from checks.labels.aspects import Aspect, aspects, rare_labels
from checks.labels.classes import distinct_labels
from checks.labels.contradictions import contradicted, copies, near_contradicted
from checks.labels.doubts import confused_classes, found_by_looking, suspected_rows
from checks.labels.judgements import first_of_each, labels_given
from checks.labels.ladder import ENOUGH, ladder, overlap_rate, repeated_rate, review_rate
from checks.labels.opinion import Opinion, asked, opinion
from checks.labels.reviewed import reviewed_notes, reviewed_wrong
from checks.labels.side import train_side
from checks.labels.suspicion import SKILLED, TRUSTED, Suspicion, examine, examined
from checks.places import brief, place, quote, quoting, unquoted
from checks.text.clusters import train_clusters
from checks.unpaired import verdicts

ASKED = 51
"""Questions of which a rate is told: `label` and 50 further columns or labels of lists; each takes a model of its own."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Few enough labels are wrong for training to bear them.

    `noise_rate`: share of wrong labels, by the best evidence there is, which the report names. In this order:
    1. `reviewed_noise_rate`: rows that somebody judged again, drawn by `auditor review` in strata by suspicion. What was
    judged is known, copies of it too; of each stratum the other rows are wrong at a rate of Beta(wrong + 1/3, right + 1/3), for the lower
    end of the 95 % interval of Beta(wrong + 1/10, right + 1/3), in 4,000 draws. Rows that are unclear count as right for
    the lower end and as wrong for the upper one. Of 200 rows in simulated reviews at least 93 % of the intervals held
    the truth; with a good model they settled 5 % in nine of ten cases at 2 % wrong labels, in all at 10 %. Labels that
    were mended or taken out since are wrong no more. Rows that came since the draw count as right for the lower end and
    as wrong for the upper one. Texts are drawn by the first of their copies and weighed by the rows that they stand for
    (D. Horvitz, D. Thompson 1952). Counts as measured.
    2. `overlap_noise_rate`: items that several labelers judged; it is the rate of single judgements, while labels that
    most of several gave are better (`majority_noise_rate` of the check agreement). With a disagreement D of pairs and K
    classes, random slips at rate e disagree in D = 2e - e^2 K/(K-1), so e = (K-1)/K * (1 - sqrt(1 - D K/(K-1))); the
    95 % interval is Wilson's for D with the effective number of items n = (sum m)^2 / sum m^2, m judgements each, put
    through the same formula. Counts as measured.
    3. `repeated_noise_rate`: the same for texts that stand in train more than once, word for word or at a Jaccard
    similarity of `near`. An estimate: copies made together with their label agree without being judged twice.
    4. `model_noise_rate`: the labels against a model of the classes that had not seen the row (linear classifiers on
    words and likeness of character runs, brought together by maximum likelihood). The model is unsure of hard texts,
    a slip falls on any text, which tells them apart. The interval reaches from the lower end for random slips alone
    to the upper end for slips and confusions of like classes together (profile likelihood). An estimate, so a pass
    stays unverified. On real questions with planted noise of 0 to 20 % its interval lay wholly above 5 % at no true rate
    up to 3 %, and wholly below at none from 10 % on. Texts that say nothing of their class pass for slips: on made-up
    texts, 20 % of them such, 3 % wrong labels were told as 5 to 7 %, for certain above 5 % in one run of 16. What words do
    not show (punctuation, layout, what was said before) looks wrong to it, and what all labelers get wrong alike right
    (on MD-Agreement it says 1 % of 17 %). Not estimable where the model agrees with fewer than `least_accuracy` of the
    labels (`model_accuracy`), or hardly more often than a guess of the most frequent class: the gain over that guess, of
    what it leaves, is under `least_skill` (with half of a rare class mislabelled, the rest looks like the mistake).
    Where a higher rung decides, `least_model_noise_rate` is the lower end by the model: what that rung may not have seen.
    A rung of fewer than 73 things judged twice gives way to the next one: even full agreement would leave 5 % possible.

    `suspected_rows`: rows whose label is wrong with a probability above a half, by the model; listed, most suspicious
    first. `contradicted_rows`: labelled rows whose folded text stands elsewhere with another label.
    `certain_wrong_rows`: how many labels must be wrong at least, whichever is right: rows of each such text minus its
    most frequent label. `near_contradictions`: texts labelled otherwise than the near-duplicate that represents their
    cluster, at least: two members of one cluster are not compared with each other; for review.
    `self_contradicted_items`: items to which one labeler gave different labels; not part of `contradicted_rows`, which
    compares rows, but shown among the items with different labels. For the rate only the first of them counts.
    Where rows have several labels (further columns, or a list), rates and suspected rows are told of each by its name;
    a label of a list is a question that 10 rows or more answer with yes. `unrated_questions`: those of which no rate is known.
    Nothing is measured where labels are no classes: on unpaired preferences (KTO), and of a column (or of combinations of
    labels) of which more than half of 50 labelled rows or more have a value of their own.
    Source: S1 (5 % label noise stalls training), S2 (noise is amplified).
    """

    id: ClassVar[str] = "noise"
    title: ClassVar[str] = "Labels that are wrong"
    needs: ClassVar[frozenset[str]] = frozenset({"train.label", "train.line"})
    measures: ClassVar[tuple[str, ...]] = (
        "noise_rate",
        "reviewed_noise_rate",
        "overlap_noise_rate",
        "repeated_noise_rate",
        "model_noise_rate",
        "least_model_noise_rate",
        "unrated_questions",
        "model_accuracy",
        "suspected_rows",
        "contradicted_rows",
        "certain_wrong_rows",
        "near_contradictions",
        "self_contradicted_items",
    )

    near: float = 0.9
    """Similarity from which two texts should carry the same label; lower ones often differ in what matters."""
    least_accuracy: float = TRUSTED
    """Share of labels that the model must say itself; below, what it does not know looks like wrong labels."""
    least_skill: float = SKILLED
    """Share that the model must get right of what always saying the most frequent class gets wrong."""

    def __post_init__(self) -> None:
        for name in ("near", "least_accuracy", "least_skill"):
            value = getattr(self, name)
            if not 0 < value <= 1:
                message = f"{name} is {value:g}; it must be a share above 0, at most 1"
                raise ValueError(message)

    def run(self, data: Data) -> Result:
        """Find contradictions and suspicious rows, then the rate by the best evidence."""
        if verdicts(data.train) is not None:
            return Result(
                (), (), ("The labels say which answers are good; a good and a bad one are no contradiction.",)
            )
        no_classes = data.once(distinct_labels).no_classes
        if no_classes and len(data.once(aspects)) == 1:
            return Result((), (), (no_classes,))
        labels = data.train.frame.select("row", "label").collect()
        given = labels_given(data, "train")
        measures, evidence = _of_items(data, given)
        if "train.text" in data.offers() and not no_classes:
            for found, shown in (
                contradicted(data.train, copies(data.once(train_clusters), labels), labels["label"].count()),
                near_contradicted(data, labels, self.near),
            ):
                measures, evidence = (*measures, *found), (*evidence, *shown)
        rates, doubted, notes = self._rates(data, None if given is None else first_of_each(given))
        evidence = (
            *_found_wrong(data),
            *suspected_rows(data.train, doubted),
            *confused_classes(doubted),
            *found_by_looking(doubted),
            *evidence,
        )
        notes = (*notes, *reviewed_notes(data), *self._too_low(data), *unquoted(*evidence))
        return Result((*rates, *measures), evidence, notes)

    def _rates(
        self, data: Data, judged: pl.DataFrame | None
    ) -> tuple[tuple[Measure, ...], dict[str | None, Suspicion], tuple[str, ...]]:
        """Rates of wrong labels of each question that labels answer, what the model found, and what is to be said."""
        no_classes = data.once(distinct_labels).no_classes
        measures: list[Measure] = []
        notes = [no_classes] if no_classes else []
        doubted: dict[str | None, Suspicion] = {}
        unrated = 0
        questions, left_out = _questions(data)
        for number, aspect in enumerate(questions):
            classes = _classes(aspect, judged if number == 0 else None)
            rungs = [review_rate(data), overlap_rate(judged, classes)] if number == 0 else []
            notes += [
                f"{rung.measure.by} are too few to tell the rate by: it takes {ENOUGH}."
                for rung in rungs[:1]
                if rung and not rung.enough
            ]
            said = Opinion()
            if "train.text" in data.offers() and (number or not (_lists(data) or no_classes)):
                clusters = data.once(train_clusters)
                rungs.append(repeated_rate(copies(clusters, aspect.labels, self.near), classes))
                found = data.once(examined) if number == 0 else examine(train_side(data), aspect.labels)
                said = opinion(found, aspect.name, self.least_accuracy, self.least_skill)
                if said.found is not None:
                    doubted[aspect.name] = said.found
            rungs.append(said.rung)
            rates = ladder(rungs)
            measures += [replace(rate, group=aspect.name) for rate in rates]
            measures += said.measures
            unrated += not rates and not (number == 0 and _lists(data))
            notes += [*_first(aspect.name, classes, rates, said), *said.notes]
        if len(questions) > 1:
            asked_for = len(questions) - _lists(data)
            measures.append(Measure(name="unrated_questions", value=unrated, of=asked_for))
        return tuple(measures), doubted, (*notes, *left_out)

    def _too_low(self, data: Data) -> tuple[str, ...]:
        """That `near` is lower than what any pair was looked for at."""
        least = data.text.threshold
        if self.near >= least or "train.text" not in data.offers():
            return ()
        return (
            f"near is {self.near:g}, but near-duplicates are looked for from the threshold of [text] on, {least:g}.",
        )


def _lists(data: Data) -> bool:
    """Whether rows have lists of labels, so that `label` is a combination that need not occur twice."""
    return LABEL_LIST in data.train.stored


def _questions(data: Data) -> tuple[tuple[Aspect, ...], tuple[str, ...]]:
    """The questions that a rate is told of, and a note on those that are left out."""
    asked = data.once(aspects)
    left = data.once(rare_labels) + max(0, len(asked) - ASKED)
    note = f"{left:,} labels of lists are left out of the rates: too rare, or more than {ASKED - 1}."
    return asked[:ASKED], (note,) if left else ()


def _first(question: str | None, classes: int, rates: Sequence[Measure], said: Opinion) -> tuple[str, ...]:
    """What decides, or why nothing does."""
    of = asked(question)
    if rates:
        # Of several questions there are too many to tell.
        return (f"The noise rate is that by {rates[0].by}.",) if question is None else ()
    if classes < 2:
        return (f"There is only one class{of}, so labels cannot disagree.",)
    known = f"The noise rate{of} is not known: nothing was judged twice, and there is no estimate."
    return (known,) if said.notes or question is None else ()


def _classes(aspect: Aspect, judged: pl.DataFrame | None) -> int:
    """Distinct labels among rows and judgements."""
    found = [aspect.labels["label"], *([] if judged is None else [judged["label"]])]
    return pl.concat(found).drop_nulls().n_unique()


def _found_wrong(data: Data) -> tuple[Evidence, ...]:
    """The rows that a review found wrong."""
    wrong = reviewed_wrong(data)
    long = quoting(wrong, "label", "correct_label")
    return (Evidence("Labels that the review found wrong", wrong, ("text",), long),) if wrong.height else ()


def _of_items(data: Data, given: pl.DataFrame | None) -> tuple[tuple[Measure, ...], tuple[Evidence, ...]]:
    """What the judgements of items show."""
    if given is None:
        return (), ()
    split = _disagreements(data, given)
    long = ("labels",) if quoting(given, "label") else ()
    shown = Evidence("Items with different labels", brief(split, "labels"), ("text",), long)
    return (_self_contradicted(given),), (shown,) if split.height else ()


def _self_contradicted(given: pl.DataFrame) -> Measure:
    """Items to which one labeler gave different labels, of the items that somebody named judged."""
    named = given.drop_nulls("labeler").group_by("row", "labeler").agg(several=pl.col("label").n_unique() > 1)
    items = named.group_by("row").agg(pl.col("several").any())["several"]
    return Measure(name="self_contradicted_items", value=int(items.sum()), of=len(items))


def _disagreements(data: Data, given: pl.DataFrame) -> pl.DataFrame:
    """Items with more than one label, those that split their labelers most evenly first.

    A labeler has one vote for each label they gave; judgements without a name are one vote each.
    """
    once = given.drop_nulls("labeler").unique(["row", "labeler", "label"])
    votes = (
        pl.concat([once, given.filter(pl.col("labeler").is_null())])
        .group_by("row", "label")
        .len("votes")
        .sort(["row", "votes", "label"], descending=[False, True, False])
        .group_by("row", maintain_order=True)
        .agg(
            labels=pl.format("{} {}", "votes", "label").str.join(", "),
            top=pl.col("votes").max() / pl.col("votes").sum(),
            several=pl.len() > 1,
        )
        .filter("several")
        .sort("top", "row")
    )
    rows = votes["row"].cast(pl.Int64).to_numpy()
    split = pl.lit("train").alias("split")
    return place(data.train, rows).select(split, pl.all(), votes["labels"], quote(data.train, rows))
