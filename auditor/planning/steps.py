"""What to do, in the order in which the sources want it done: the eval set first, then what costs nothing, then labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil

from auditor.planning.counts import rows_to_review
from auditor.planning.evals import eval_steps
from auditor.planning.model import NONE, Amount, Level, Step, Target
from auditor.planning.situation import Situation, cited, whole, wrong_share

REVIEW = 200
"""Rows that a review judges at least, as many as the policy's own advice names and `auditor review` draws."""
POC = (100, 500)
"""Real examples that a proof of concept is trained on (S1)."""
_S1_EVAL_FIRST = "S1: the eval set stands before labels are paid for"


def steps(at: Situation, targets: tuple[Target, ...]) -> tuple[Step, ...]:
    """All that is to be done, the first thing first."""
    return tuple(step for make in _ORDER for step in make(at, targets))


def _eval(at: Situation, _targets: tuple[Target, ...]) -> Iterator[Step]:
    yield from eval_steps(at, _S1_EVAL_FIRST)


def _leaks(at: Situation, _targets: tuple[Target, ...]) -> Iterator[Step]:
    leaked, rows = at.count("leakage", "leaked_eval_rows"), at.count("leakage", "leaking_train_rows")
    if not leaked:
        return
    found = at.measure("leakage", "leaked_eval_rows")
    yield Step(
        id="leaks",
        what=f"take the {rows:,} training rows that hold one of {leaked:,} eval rows out of train",
        count=whole(rows),
        unit="rows",
        have=leaked,
        need=0,
        money=None,
        days=None,
        cite="S1: training data has zero overlap with the eval set",
        why=f"{leaked:,} of {found.of if found else 0:,} eval rows leak; their rows in train count for nothing here",
        how="auditor audit ... --out DIR lists them; auditor sample leaves them out",
    )


def _contradictions(at: Situation, _targets: tuple[Target, ...]) -> Iterator[Step]:
    rows = at.count("noise", "contradicted_rows")
    found = at.measure("noise", "contradicted_rows")
    if found is None or not rows:
        return
    least = at.count("noise", "certain_wrong_rows")
    yield Step(
        id="contradictions",
        what=f"settle the {rows:,} rows whose text stands elsewhere with another label",
        count=whole(rows),
        unit="rows",
        have=rows,
        need=0,
        money=at.money(whole(rows)),
        days=at.days(whole(rows)),
        cite="S1: label noise; of two labels for one text at least one is wrong",
        why=f"at least {least:,} of {found.of or 0:,} labels are wrong, whichever is right",
        how="see 'Same text, different labels' of auditor audit",
    )


def _labelers(at: Situation, _targets: tuple[Target, ...]) -> Iterator[Step]:
    limits = sorted(
        (one for one in at.limits("labelers", "labelers") if one.at_least), key=lambda one: one.at_least.value if one.at_least else 0
    )  # fmt: skip
    known = at.measure("labelers", "labelers")
    if not limits or (known is None and at.count("yields", "labelled_rows")):
        return  # who labelled is not known, which is told elsewhere
    have, wanted = int(known.value or 0) if known is not None else 0, limits[-1]
    need = ceil(wanted.at_least.value) if wanted.at_least else 0
    if have < need:
        yield Step(
            id="labelers",
            what=f"bring in {need - have:,} more labeler{'s' * (need - have > 1)}",
            count=whole(need - have),
            unit="labelers",
            have=have,
            need=need,
            money=None,
            days=None,
            cite=cited(wanted),
            why=f"{have:,} of {need:,} are known; one labeler's habits become the model's",
            how="auditor sample ... --purpose labeling --labelers NAME,NAME,NAME --rows N --to batch.csv",
        )
    yield from _spread(at)


def _spread(at: Situation) -> Iterator[Step]:
    """How much others have to label before the busiest labeler goes on."""
    share = at.measure("labelers", "top_labeler_share")
    limits = [one for one in at.limits("labelers", "top_labeler_share") if one.at_most]
    if share is None or share.value is None or not limits:
        return
    limit = min(limits, key=lambda one: one.at_most.value if one.at_most else 1.0)
    most, of = limit.at_most.value if limit.at_most else 1.0, share.of or 0
    if share.value <= most or most <= 0:
        return
    others = ceil(round(share.value * of / most - of, 6))
    yield Step(
        id="spread",
        what=f"give the next {others:,} labels to others than the busiest labeler",
        count=whole(others),
        unit="labels",
        have=round(share.value * of),
        need=None,
        money=None,
        days=None,
        cite=cited(limit),
        why=f"the busiest gave {share.value:.0%} of {of:,} labels; at most {most:.0%} are wanted",
        how="part of the labels below, not besides them",
    )


def _overlap(at: Situation, targets: tuple[Target, ...]) -> Iterator[Step]:
    found = at.measure("labelers", "overlap_items")
    labelled = at.count("yields", "labelled_rows")
    if found is None and labelled:
        return  # who labelled is not known
    fixed = [one for one in at.limits("labelers", "overlap_items") if one.at_least]
    shares = [one for one in at.limits("labelers", "overlap_share") if one.at_least]
    rows = labelled + int(next((one.label.expected for one in targets if one.group is None and one.short), 0))
    asked = [(ceil(one.at_least.value), one) for one in fixed if one.at_least]
    asked += [(ceil(round(one.at_least.value * rows, 6)), one) for one in shares if one.at_least]
    if not asked or not rows:
        return
    need, limit = max(asked, key=lambda pair: pair[0])
    need, have = min(need, rows), int(found.value or 0) if found is not None else 0
    if have >= need:
        return
    count = whole(need - have)
    yield Step(
        id="overlap",
        what=f"have {need - have:,} items judged by a second labeler",
        count=count,
        unit="items",
        have=have,
        need=need,
        money=at.money(count),
        days=at.days(count),
        cite=cited(limit),
        why=f"{have:,} of {labelled:,} items were; of {rows:,} then {need:,} are wanted, or agreement cannot be checked",
        how=_second(at, need - have, have=have),
    )


def _second(at: Situation, items: int, *, have: int) -> str:
    """How so many items get a second labeler: labelled rows once more, as far as there are any, then rows yet to be labelled.

    As long as rows wait for their first label, a batch holds these and no others.
    """
    waiting, usable = at.count("yields", "waiting_rows"), at.count("yields", "usable_rows")
    again = 0 if waiting else min(items, max(0, usable - have))
    command = "auditor sample ... --purpose labeling --labelers NAME,NAME"
    if not again:
        return f"{command} --rows {max(items, 1)} --to again.csv --overlap {items}"
    now = f"{command} --rows {again} --to again.csv"
    if again == items:
        return now
    return f"{now} judges the {again:,} usable rows there are once more; the other {items - again:,} with --overlap {items - again} when further rows are labelled"


def _poc(at: Situation, _targets: tuple[Target, ...]) -> Iterator[Step]:
    have = at.count("yields", "usable_rows")
    rows = min(POC[1], max(POC[0], have))
    first = "" if have >= rows else f", so label {rows - have:,} more of them first"
    yield Step(
        id="poc",
        what=f"fine-tune on {rows:,} real examples and compare, before more is paid for",
        count=whole(rows),
        unit="rows",
        have=have,
        need=POC[0],
        money=None,
        days=None,
        cite="S1: PoC phase, 100-500 examples first",
        why=f"{have:,} usable rows are labelled{first}; a gain that no such sample shows is rarely worth the rest",
        how=f"auditor sample ... --purpose poc --rows {rows} --to poc.jsonl",
    )


def _rows(level: Level) -> Callable[[Situation, tuple[Target, ...]], Iterator[Step]]:
    def make(at: Situation, targets: tuple[Target, ...]) -> Iterator[Step]:
        yield from _rows_for(at, targets, level)

    return make


def _rows_for(at: Situation, targets: tuple[Target, ...], level: Level) -> Iterator[Step]:
    """Rows to label for a level: those that all rows lack, or those that single classes lack, if they are more.

    Of classes the policy asks for the minimum alone.
    """
    total = next((one for one in targets if one.level == level and one.group is None), None)
    lacking = [one for one in targets if one.level == "minimum" and one.group is not None]
    by_class = sum((one.label for one in lacking), NONE)
    label = max((total.label if total else NONE, by_class), key=lambda one: one.expected)
    minimum = next((one.need for one in targets if one.level == "minimum" and one.group is None), 0)
    further = level == "minimum" or (total is not None and total.short and total.need > minimum)
    if not label.expected or not further:
        return
    classes = f", {by_class.expected:,.0f} of them of {len(lacking)} rare classes" if lacking else ""
    labels = 0.0 if total is not None and not total.money.expected else at.labels_per_row
    before = level == "recommended" and (
        lacking or any(one.level == "minimum" and one.short for one in targets)
    )
    among = ", those of the minimum among them" if before else ""
    yield Step(
        id=f"rows-{level}",
        what=f"{'label' if labels else 'add'} {label.expected:,.0f} more rows{classes}{among}",
        count=label,
        unit="rows",
        have=total.have if total else None,
        need=total.need if total else None,
        money=at.money(label, labels=labels),
        days=at.days(label, labels=labels),
        cite=(total or lacking[0]).cite,
        why=_why_rows(at, total, lacking),
        how="auditor sample ... --purpose labeling --rows N --to batch.csv picks rows without copies and leaks"
        if total is not None and total.waiting
        else "",
    )


def _why_rows(at: Situation, total: Target | None, lacking: list[Target]) -> str:
    parts = []
    if total is not None and total.short:
        parts.append(
            f"{total.have:,} usable rows of {total.of:,} labelled ones; {total.short:,} short of {total.need:,}"
        )
        if total.usable_share is not None:
            right = " and right" if wrong_share(at) is not None else ""
            parts.append(f"{total.usable_share:.1%} of the labelled rows are usable{right}")
        if total.waiting:
            parts.append(f"{total.waiting:,} of them are there without a label")
        if total.usable_share is None and total.new.expected:
            parts.append(
                f"{total.new.expected:,.0f} more have to be found, of which copies and leaks are not labelled"
            )
    if lacking:
        parts.append(f"{len(lacking)} classes lack rows, the rarest {lacking[0].short:,}")
    if at.labels_per_row > 1:
        parts.append(f"each row judged {at.labels_per_row:.2g} times, as so far")
    return "; ".join(parts)


def _review(at: Situation, targets: tuple[Target, ...]) -> Iterator[Step]:
    """Labels to judge again until the noise rate is known and kept."""
    limit = next(
        (one for one in at.limits("noise", "noise_rate") if one.at_most and one.level == "block"), None
    )
    gate = next(
        (one for one in at.report.gates for rule in one.rulings if rule.measure == "noise_rate"), None
    )
    rulings = [rule for rule in gate.rulings if rule.measure == "noise_rate"] if gate is not None else []
    if gate is None or not gate.required or limit is None or all(rule.verdict == "PASS" for rule in rulings):
        return
    rows, found = at.count("yields", "labelled_rows"), wrong_share(at)
    most = limit.at_most.value if limit.at_most else 0.0
    certain = at.measure("noise", "certain_wrong_rows")
    wrong = max(
        found.share if found else most / 2,
        (certain.value or 0) / certain.of if certain and certain.of else 0.0,
    )
    count = rows_to_review(rows, wrong=wrong, limit=most, least=REVIEW)
    if count is None:
        return
    basis = f"{wrong:.2%} of {rows:,} labels are taken to be wrong" + (f", by {found.by}" if found else "")
    unsure = "" if found else ", half of what is allowed: nothing tells yet"
    yield Step(
        id="review",
        what=f"judge {count:,} labels again, and mend those that are wrong",
        count=Amount(low=min(count, REVIEW), expected=count, high=rows),
        unit="rows",
        have=0,
        need=count,
        money=at.money(whole(count)),
        days=at.days(whole(count)),
        cite=cited(limit),
        why=f"{rulings[0].why if rulings else 'the rate of wrong labels is not known'}. {basis}{unsure}",
        how=f"auditor review TRAIN --rows {count} --to sheet.csv, then --reviewed sheet.csv",
    )


_ORDER: tuple[Callable[[Situation, tuple[Target, ...]], Iterator[Step]], ...] = (
    _eval, _leaks, _contradictions, _labelers, _overlap, _poc, _rows("minimum"), _review, _rows("recommended"),
)  # fmt: skip
