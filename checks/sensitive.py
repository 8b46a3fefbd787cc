"""Sensitive: personal data and secrets that a model would learn and tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from checks.contract import Data, Evidence, Measure, Result
from checks.places import place
from checks.private.kinds import KINDS, NAMES
from checks.private.rows import Held, held

_SECRET = frozenset(kind.name for kind in KINDS if kind.secret)


@dataclass(frozen=True, slots=True)
class Sensitive:
    """No row holds personal data or secrets, which a model would learn and may tell to anybody.

    `sensitive_rows`: rows of train and eval that hold any of it in their text, system prompt, rejected answer or label;
    `secret_rows`: those with a secret (API keys and tokens, private keys, passwords in URLs); `personal_rows`: those with
    personal data (e-mail addresses, phone numbers, bank accounts, payment cards, US social security numbers, public IP
    addresses); a row may hold both. `found`: values by kind, as often as they stand there; `distinct`: different ones.
    `examples`: values that documentation shows and that are nobody's: example.com, telephone numbers with 555, test
    cards, AKIAIOSFODNN7EXAMPLE, private and reserved IP addresses, keys of x's; they do not count in the others.
    Unit: rows, values.

    A value counts by its published form, length, prefix and check digits: IBAN by length of its country and remainder by
    97, cards by issuer, length and Luhn digit, SSN by assigned areas; telephone numbers in international form, or behind
    a word such as phone or call, toll-free ones left out; IP addresses where no version number is meant. Not looked
    for: names, postal addresses, other numbers of persons, addresses in other letters than ASCII, passwords in
    sentences. Evidence shows the place, the kind and the value masked; excerpts that other checks quote are masked too.
    Source: S0, safety note (sensitive information in the data will be learned); each kind's own in `checks.private`.
    """

    id: ClassVar[str] = "sensitive"
    title: ClassVar[str] = "Personal data and secrets in the texts"
    needs: ClassVar[frozenset[str]] = frozenset({"train.text"})
    measures: ClassVar[tuple[str, ...]] = (
        "sensitive_rows",
        "secret_rows",
        "personal_rows",
        "found",
        "distinct",
        "examples",
    )

    def run(self, data: Data) -> Result:
        """Count rows and values, and show where they stand."""
        seen = data.once(held)
        rows = sum(split.rows for split in data.splits)
        secret = {place[:2] for place in seen.places if place[2] in _SECRET}
        personal = {place[:2] for place in seen.places if place[2] not in _SECRET}
        kinds = [name for name in NAMES if name in seen.values]
        measures = (
            Measure(name="sensitive_rows", value=len(secret | personal), of=rows),
            Measure(name="secret_rows", value=len(secret), of=rows),
            Measure(name="personal_rows", value=len(personal), of=rows),
            *(Measure(name="found", group=name, value=len(seen.values[name])) for name in kinds),
            *(Measure(name="distinct", group=name, value=len(set(seen.values[name]))) for name in kinds),
            Measure(name="examples", value=sum(seen.examples.values())),
        )
        return Result(measures, _evidence(data, seen), _notes(seen))


def _evidence(data: Data, seen: Held) -> tuple[Evidence, ...]:
    """Where each value stands, secrets first, and what kinds there are."""
    if not seen.places:
        return ()
    rank = {name: number for number, name in enumerate(NAMES)}
    tables = []
    for split in data.splits:
        here = [place for place in seen.places if place[0] == split.role]
        table = place(split, np.array([row for _, row, _, _ in here], np.int64))
        columns = {"kind": [kind for _, _, kind, _ in here], "value": [value for *_, value in here]}
        told = pl.DataFrame(columns, {"kind": pl.String, "value": pl.String})
        tables.append(table.hstack(told).select(pl.lit(split.role).alias("split"), pl.all()))
    table = pl.concat(tables)
    order = table["kind"].replace_strict(rank, return_dtype=pl.Int64)
    table = table.with_columns(order=order).sort(
        "order", "split", "row", "value", descending=[False, True, False, False]
    )
    return (Evidence("Personal data and secrets, masked", table.drop("order"), ("value",)),)


def _notes(seen: Held) -> tuple[str, ...]:
    told = ", ".join(f"{number:,} of {name}" for name, number in sorted(seen.examples.items()))
    return (
        *([f"Examples of documentation do not count: {told}."] if told else []),
        "Names, postal addresses and passwords in sentences are not looked for.",
    )
