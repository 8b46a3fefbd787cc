"""A plan on a terminal: what is short first, then what to do in which order, then the numbers behind it."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.planning.model import Amount, Plan, Step, Supplier, Target
from auditor.report.plain import plain

SHOWN = 12
"""Lines of a table; the JSON has them all."""


def show_plan(plan: Plan, *, quiet: bool) -> None:
    """Print the plan to stdout; `quiet` prints what is short alone."""
    console = Console(
        file=sys.stdout, highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 80
    )
    with console.capture() as printed:
        console.print(Text(plain(plan.headline), "bold"))
        if not quiet:
            console.print(Group(*_parts(plan)))
    sys.stdout.write("".join(line.rstrip() + "\n" for line in printed.get().splitlines()))


def _parts(plan: Plan) -> Iterable[RenderableType]:
    files = ", ".join(f"{one.role} {plain(one.path)} ({one.rows:,})" for one in plan.inputs)
    ruled = f"{plan.stage}, {plan.task or 'no task named'}, policy {plan.policy} ({plan.stance})"
    yield Padding(Group(Text(files), Text(f"planned as {plain(ruled)}")), (1, 0, 0, 2))
    if plan.steps:
        steps = (_step(number, one, plan.currency) for number, one in enumerate(plan.steps, 1))
        yield Padding(Group(Text("In this order", "bold"), *steps), (1, 0, 0, 0))
    if plan.targets:
        yield _targets(plan)
    for by in ("source", "labeler"):
        found = [one for one in plan.suppliers if one.by == by]
        if found:
            yield _suppliers(by, found, plan)
    yield from _lists(plan)


def _step(number: int, step: Step, currency: str) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=4, justify="right")
    table.add_column()
    text = Text.assemble((plain(step.what[0].upper() + step.what[1:]), "bold"), f"  [{step.id}]")
    if (said := _uncertain(step)) is not None:
        text.append(f"\n{said}")
    if step.money is not None and step.days is not None and step.money.expected:
        text.append(f"\n{_money(step.money, currency)}, {_days(step.days)}")
    text.append(f"\n{plain(step.why)}")
    text.append(f"\n{plain(step.cite)}", "dim")
    if step.how:
        text.append(f"\n-> {plain(step.how)}", "italic")
    table.add_row(f"{number}.", text)
    return table


def _uncertain(step: Step) -> str | None:
    """The range of a count, if it has one."""
    if step.count is None or step.count.low == step.count.expected == step.count.high:
        return None
    return f"{_range(step.count)} {step.unit}"


def _range(amount: Amount) -> str:
    return f"{amount.low:,.0f} " + ("or more" if amount.high is None else f"to {amount.high:,.0f}")


def _money(amount: Amount, currency: str) -> str:
    if amount.low == amount.expected == amount.high:
        return f"{amount.expected:,.0f} {currency}"
    return f"{amount.expected:,.0f} {currency} ({_range(amount)})"


def _days(amount: Amount) -> str:
    return f"{amount.expected:,.1f} labeler-days"


def _targets(plan: Plan) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, title_justify="left", title_style="bold")
    table.title = "Usable rows, and rows to label until there are enough"
    for name in ("level", "class", "wanted", "have", "label", "95 %", "at random", "days"):
        table.add_column(name, justify="left" if name in _LEFT else "right", no_wrap=name != "class")
    for one in plan.targets[:SHOWN]:
        table.add_row(
            one.level, Text(plain(one.group or "all")), f"{one.need:,}", f"{one.have:,}", *_label(one)
        )
    tail = [Text(_MEANING if any(one.group for one in plan.targets) else "", "dim")]
    if (more := len(plan.targets) - SHOWN) > 0:
        tail.append(Text(f"{more} more in --format json", "dim"))
    return Padding(Group(table, *tail), (1, 0, 0, 0))


_LEFT = ("level", "class")
_MEANING = "at random: rows like these to label before so many of the class are among them"


def _label(target: Target) -> tuple[str, ...]:
    if not target.short:
        return "", "", "", ""
    drawn = "" if target.at_random is None else f"{target.at_random.expected:,.0f}"
    return (
        f"{target.label.expected:,.0f}",
        _range(target.label).replace(" to ", "-"),
        drawn,
        f"{target.days.expected:,.0f}",
    )


def _suppliers(by: str, found: list[Supplier], plan: Plan) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, title_justify="left", title_style="bold")
    right = " and right" if any(one.wrong_share is not None for one in found) else ""
    table.title = f"Usable{right} rows for 100 {plan.currency}, by {by}"
    for name in (by, "of", "usable", "wrong", f"usable{right or ' share'}", "for 100", ""):
        table.add_column(name, justify="left" if name in (by, "") else "right")
    for one in found[:SHOWN]:
        low, high = one.usable_interval
        table.add_row(
            Text(plain(one.group)),
            f"{one.of:,}",
            f"{one.usable:,.0f}",
            "?" if one.wrong_share is None else f"{one.wrong_share:.1%}",
            f"{one.usable_share:.1%} ({low:.0%}-{high:.0%})",
            f"{one.per_100.expected:,.0f}" if one.price.expected else "free",
            one.standing,
        )
    tail = [Text(plain(_choice(found)), "dim")]
    if (more := len(found) - SHOWN) > 0:
        tail.append(Text(f"{more} more in --format json", "dim"))
    return Padding(Group(table, *tail), (1, 0, 0, 0))


def _choice(found: list[Supplier]) -> str:
    """What the table says about whom to choose."""
    behind = sum(one.standing == "behind" for one in found)
    others = (
        "all others" if behind == len(found) - 1 else f"{behind} of {len(found) - 1} others" if behind else ""
    )
    if not others:
        return f"{found[0].group} gives most so far, but the ranges do not tell it from any other."
    return f"{found[0].group} gives most, certainly more than {others}."


def _lists(plan: Plan) -> Iterable[RenderableType]:
    prices = [f"{one.name}: {_price(one.value)}, {one.origin}" for one in plan.prices]
    parts = {
        "Cannot be told yet": [f"{one.what} -> {one.settle}" for one in plan.unknown],
        "Besides": [
            f"{one.verdict} {one.gate}: {one.measure} {one.why} -> {one.fix}" for one in plan.besides
        ],
        f"Prices, in {plan.currency}": prices,
        "Notes": list(plan.notes),
        "Sources": [f"{name}  {title}" for name, title in plan.sources.items()],
    }
    for title, lines in parts.items():
        if lines:
            body = [Padding(Text("- " + plain(line)), (0, 0, 0, 2)) for line in lines]
            yield Padding(Group(Text(title, "bold"), *body), (1, 0, 0, 0))


def _price(amount: Amount) -> str:
    if amount.low == amount.high:
        return f"{amount.expected:,.4g}"
    return f"{amount.expected:,.4g} ({amount.low:,.4g} to {amount.high or 0:,.4g})"
