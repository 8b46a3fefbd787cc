"""Which source or labeler gives the most usable rows for the money."""

from __future__ import annotations

from typing import Literal

from auditor.planning.model import Amount, Supplier
from auditor.planning.situation import LABEL, Situation
from auditor.report.model import MeasureModel
from checks.measures import Range

By = Literal["source", "labeler"]
PER = 100
"""Of the currency, that usable rows are told for."""


def suppliers(at: Situation) -> tuple[Supplier, ...]:
    """Sources, then labelers, those that give most first; nothing where there is no choice."""
    return (*_of("source", at), *_of("labeler", at))


def _of(by: By, at: Situation) -> tuple[Supplier, ...]:
    shares = at.measures("yields", f"{by}_usable_share")
    if len(shares) < 2:
        return ()
    rows = {one.group: one for one in at.measures("yields", f"{by}_rows")}
    wrong = {one.group: one for one in at.measures("yields", f"{by}_wrong_share")}
    found = [_supplier(by, share, rows[share.group], wrong.get(share.group), at) for share in shares]
    found.sort(key=lambda one: (-one.per_100.expected, one.group))
    return tuple(_placed(one, found[0]) for one in found)


def _supplier(
    by: By, share: MeasureModel, rows: MeasureModel, wrong: MeasureModel | None, at: Situation
) -> Supplier:
    name = share.group or ""
    price = at.prices.label_by_source.get(name, at.prices.values[LABEL])
    value, (low, high) = share.value or 0.0, _ends(share)
    return Supplier(
        by=by,
        group=name,
        usable=rows.value or 0.0,
        of=rows.of or 0,
        wrong_share=wrong.value if wrong is not None else None,
        wrong_interval=_ends(wrong) if wrong is not None else None,
        judged=wrong.of if wrong is not None else None,
        usable_share=value,
        usable_interval=(low, high),
        price=Amount(low=price.low, expected=price.expected, high=price.high),
        per_100=_per(low, value, high, price),
        standing="behind",
    )


def _ends(measure: MeasureModel) -> tuple[float, float]:
    low, high = measure.interval or (measure.value, measure.value)
    return float(low or 0.0), float(high if high is not None else 1.0)


def _per(low: float, share: float, high: float, price: Range) -> Amount:
    """Usable rows for `PER` of the currency: the best share at the lowest price, and the worst at the highest.

    What costs nothing gives no number; it is told as the largest one there is for an expected price of nothing.
    """
    expected = PER * share / price.expected if price.expected > 0 else float(10**9) * (share > 0)
    return Amount(
        low=min(expected, PER * low / price.high) if price.high > 0 else expected,
        expected=expected,
        high=max(expected, PER * high / price.low) if price.low > 0 else None,
    )


def _placed(one: Supplier, best: Supplier) -> Supplier:
    """Told from the best by the shares that are certain; prices are those that are expected, which all may share."""
    standing: Literal["best", "as good as the best", "behind"] = "behind"
    if one is best:
        standing = "best"
    elif _reach(one, 1) >= _reach(best, 0):
        standing = "as good as the best"
    return Supplier(**{name: getattr(one, name) for name in one.__struct_fields__} | {"standing": standing})


def _reach(one: Supplier, end: int) -> float:
    """Usable rows for the expected price at one end of the share."""
    return one.usable_interval[end] / one.price.expected if one.price.expected > 0 else one.per_100.expected
