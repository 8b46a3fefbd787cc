"""What can be wrong with a single readable row: one expression a rule, shared by the checks that count rows."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from checks.contract import Data, Split

_TURNS = pl.col("turns")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A defect that a row can have."""

    name: str
    """Name of the measure that counts it."""
    what: str
    needs: frozenset[str]
    """Columns the rule looks at; a split without them cannot have the fault."""
    rule: pl.Expr
    unusable: bool
    """Whether the row teaches nothing and so does not count as a row."""
    if_any: str | None = None
    """A column that must hold a value in some row of the split: rows may lack what is not there yet."""


FAULTS = (
    Fault(
        name="blank_rows",
        what="nothing in it but white space",
        unusable=True,
        needs=frozenset({"turns"}),
        rule=~_TURNS.fill_null("").str.contains("[uawcx]"),
    ),
    Fault(
        name="empty_turns",
        what="an empty message or field",
        unusable=True,
        needs=frozenset({"turns"}),
        rule=_TURNS.str.contains("[UAW]") & _TURNS.str.contains("[uawcx]"),
    ),
    Fault(
        name="unanswered_rows",
        what="no assistant turn at the end, or none of a weight above 0, so nothing to learn",
        unusable=True,
        needs=frozenset({"turns", "response"}),
        rule=~_TURNS.str.contains("[aAwWcC]$")
        | (_TURNS.str.contains("[wW]") & ~_TURNS.str.contains("[aAcC]")),
        if_any="response_bytes",
    ),
    Fault(
        name="unlabeled_rows",
        what="no label (or a tie between its labelers), while other rows have one",
        unusable=True,
        needs=frozenset({"label"}),
        rule=pl.col("label").is_null(),
        if_any="label",
    ),
    Fault(
        name="rejected_missing_rows",
        what="no rejected answer beside the chosen one",
        unusable=True,
        needs=frozenset({"rejected"}),
        rule=pl.col("rejected").str.strip_chars().fill_null("") == "",
    ),
    Fault(
        name="identical_preference_rows",
        what="the chosen and the rejected answer are the same",
        unusable=True,
        needs=frozenset({"rejected", "chosen"}),
        rule=pl.col("rejected") == pl.col("chosen"),
    ),
    Fault(
        name="unknown_role_rows",
        what="a message whose role is none of system, user, assistant, tool",
        unusable=True,
        needs=frozenset({"turns"}),
        rule=_TURNS.str.contains("[xX]"),
    ),
    Fault(
        name="role_order_rows",
        what="roles out of order: two turns of one side, system later on, or assistant first",
        unusable=False,
        needs=frozenset({"turns"}),
        rule=_TURNS.str.contains("[uU][uU]|[aAwW][aAwW]|[^sS][sS]|^[sS]*[aAwWcC]."),
    ),
    Fault(
        name="placeholder_rows",
        what="an unrendered {{placeholder}}",
        unusable=False,
        needs=frozenset({"text"}),
        rule=pl.col("text").str.contains(r"\{\{\s*[A-Za-z_][\w.]*\s*\}\}"),
    ),
)


def present(split: Split) -> tuple[Fault, ...]:
    """The faults that rows of this split can have."""
    columns = split.columns
    able = [fault for fault in FAULTS if fault.needs <= columns]
    return tuple(fault for fault in able if fault.if_any is None or split.holds(fault.if_any))


def fault_table(data: Data, role: str) -> pl.DataFrame:
    """One boolean column per present fault, one line per row; use `train_faults` or `eval_faults` with `data.once`."""
    split = data.train if role == "train" else data.eval
    if split is None:
        return pl.DataFrame()
    return split.frame.select(
        fault.rule.fill_null(value=False).alias(fault.name) for fault in present(split)
    ).collect()


def train_faults(data: Data) -> pl.DataFrame:
    """Faults of the training rows; use it as `data.once(train_faults)`."""
    return fault_table(data, "train")


def eval_faults(data: Data) -> pl.DataFrame:
    """Faults of the eval rows; use it as `data.once(eval_faults)`."""
    return fault_table(data, "eval")


def usable(faults: pl.DataFrame, rows: int) -> pl.Series:
    """Which rows have none of the faults that make a row worthless."""
    names = [fault.name for fault in FAULTS if fault.unusable and fault.name in faults.columns]
    if not names:
        return pl.repeat(value=True, n=rows, eager=True)
    return faults.select(~pl.any_horizontal(names)).to_series()
