"""Structure: can every record be read and trained on?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from checks.contract import Data, Evidence, Measure, Result, Split
from checks.faults import FAULTS, eval_faults, train_faults
from checks.labels.classes import FEWEST, distinct_classes, variants
from checks.measures import Counted
from checks.places import QUOTED, brief, place, quote, quoting
from checks.text.lengths import length_table
from checks.text.prints import Prints
from checks.text.scan import scan
from checks.text.tokens import ERROR, text_tokens, tokens

GAVE_UP = ("not-read", "bad-archive", "truncated-archive")
"""Findings that stand for an unknown number of records; a damaged Parquet file still says how many rows it has."""


@dataclass(frozen=True, slots=True)
class Structure:
    """Every record can be read and holds what its format promises.

    `bad_records`: records that could not be used at all (broken JSON, wrong types, missing fields, ragged CSV rows,
    bytes that are not UTF-8), from the ledger of the readers, out of all records (of judgements, where several
    labelers judge an item); at least, since what stands behind the point where a reader had to give up counts as one.
    `oddities`: records or files that were read all the same but that other tools may trip over (byte order mark, a
    JSON array named .jsonl, a foreign encoding, records of another format, labels that come as 1 and "1"). The other counts are rows
    of train and eval (items, where several labelers judge one) with one defect each:
    `blank_rows` (white space only), `empty_turns` (an empty message), `unanswered_rows` (no assistant turn at the end
    while other rows have one, or all of them of weight 0, so that none is learned), `unlabeled_rows`, `rejected_missing_rows`, `identical_preference_rows`,
    `unknown_role_rows`, `role_order_rows`, `placeholder_rows` (unrendered {{name}}), `control_character_rows` (other
    than tab and line ends). A row can have several.

    `label_variants`: labels that another, more frequent one equals but for case, white space, compatible characters
    (Unicode's NFKC) or zeros at the end of a number; what labelers said counts where several judge an item. Out of all
    different labels of train and eval. `distinct_label_share`: different labels per labelled training row, of 50 rows
    or more; where most rows have a label of their own it is a text, an id or an answer, and no class. Exact.

    `long_rows`: rows over `max_tokens`, only if that is set. Tokens are estimated offline as the larger of 4/3 per
    word and 1 per 4.5 bytes, plus 4 per message; on English and code that is within about 15 % of the tokenizers in
    use; the interval holds the rows whose estimate is over the limit by so much, and those that come so near to it.
    Source: the formats' own specifications; what trainers reject.
    """

    id: ClassVar[str] = "structure"
    title: ClassVar[str] = "Records that can be read and trained on"
    needs: ClassVar[frozenset[str]] = frozenset({"train.line"})
    measures: ClassVar[tuple[str, ...]] = (
        "bad_records",
        "oddities",
        *(fault.name for fault in FAULTS),
        "control_character_rows",
        "label_variants",
        "distinct_label_share",
        "long_rows",
    )

    max_tokens: int = 0
    """Longest row the trainer takes, in tokens; 0: not checked."""

    def __post_init__(self) -> None:
        if self.max_tokens < 0:
            message = f"max_tokens is {self.max_tokens:,}; it must be 0 (not checked) or more"
            raise ValueError(message)

    def run(self, data: Data) -> Result:
        """Count the ledger and the faulty rows."""
        rows = sum(split.rows for split in data.splits)
        lost, odd = (int(data.ledger.filter(lost=flag)["records"].sum()) for flag in (True, False))
        measures = [
            Measure(name="bad_records", value=lost, of=sum(split.records for split in data.splits) + lost),
            Measure(name="oddities", value=odd),
        ]
        evidence = [_ledger_evidence(data)] if data.ledger.height else []
        tables = {"train": data.once(train_faults), "eval": data.once(eval_faults)}
        prints = data.once(scan) if "train.text" in data.offers() else None
        found: list[pl.DataFrame] = []
        lengths: tuple[Evidence, ...] = ()
        for fault in FAULTS:
            flags = {
                split.role: tables[split.role]
                for split in data.splits
                if fault.name in tables[split.role].columns
            }
            if flags:
                found += _faulty(data, {role: table[fault.name] for role, table in flags.items()}, fault.what)
                measures.append(
                    _count(fault.name, {role: table[fault.name] for role, table in flags.items()})
                )
        if prints is not None:
            control = {"train": pl.Series(prints.train.control)}
            if prints.eval is not None:
                control["eval"] = pl.Series(prints.eval.control)
            found += _faulty(data, control, _CONTROL)
            measures.append(_count("control_character_rows", control))
            counted = tokens if self.max_tokens else text_tokens
            sizes = {
                str(split.role): counted(split, part)
                for split, part in _scanned(data, prints.train, prints.eval)
                if "text" in split.columns
            }
            lengths = length_table(sizes, self.max_tokens)
            if self.max_tokens:
                measures.append(self._long_rows(sizes, rows))
                long: dict[str, pl.Series] = {role: about > self.max_tokens for role, about in sizes.items()}
                found += _faulty(data, long, _long(self.max_tokens))
        if found:
            evidence.append(
                Evidence("Faulty rows", pl.concat(found), ("text",), counted=_counted(self.max_tokens))
            )
        notes = (*self._notes(), *_given_up(data), *_unquoted(found))
        labels = _labels(data)
        return Result((*measures, *labels.measures), (*evidence, *labels.evidence, *lengths), notes)

    def _long_rows(self, sizes: dict[str, pl.Series], rows: int) -> Measure:
        """Rows over the limit by the estimate, between those over it for sure and those that may be."""
        low, value, high = (
            sum(int((about > limit).sum()) for about in sizes.values())
            for limit in (self.max_tokens / (1 - ERROR), self.max_tokens, self.max_tokens * (1 - ERROR))
        )
        return Measure(name="long_rows", value=value, of=rows, interval=(low, high), basis="estimated")

    def _notes(self) -> tuple[str, ...]:
        if not self.max_tokens:
            return ("Row lengths were not held against a context limit: set max_tokens to do so.",)
        return (
            f"Rows over {self.max_tokens:,} tokens were found by an offline estimate, not by a tokenizer.",
        )


_CONTROL = "control characters in the text"


def _long(max_tokens: int) -> str:
    return f"more than about {max_tokens:,} tokens"


def _counted(max_tokens: int) -> Counted:
    """The measure of each fault in words."""
    names = {fault.what: fault.name for fault in FAULTS}
    return Counted(
        by="fault", measures={**names, _CONTROL: "control_character_rows", _long(max_tokens): "long_rows"}
    )


def _labels(data: Data) -> Result:
    """Whether the labels are classes, each spelled in one way."""
    given, spelled = distinct_classes(data), variants(data)
    measures, evidence = [], []
    if spelled.labels:
        measures.append(Measure(name="label_variants", value=spelled.extra, of=spelled.labels))
    if given.rows >= FEWEST:
        measures.append(Measure(name="distinct_label_share", value=given.share, kind="share", of=given.rows))
    if spelled.table.height:
        title, both = "Labels that differ in spelling alone", ("like", "label")
        table = brief(spelled.table, *both)
        evidence.append(Evidence(title, table, labels=quoting(spelled.table, *both)))
    return Result(tuple(measures), tuple(evidence))


def _count(name: str, flags: dict[str, pl.Series]) -> Measure:
    """Rows with a fault, of the rows that can have it: a split without the column cannot."""
    found, rows = (sum(one) for one in zip(*((int(f.sum()), len(f)) for f in flags.values()), strict=True))
    return Measure(name=name, value=found, of=rows)


def _given_up(data: Data) -> tuple[str, ...]:
    """That what a reader left unread counts as one record, where one did."""
    files = data.ledger.filter(pl.col("code").is_in(GAVE_UP))["file"].n_unique()
    if not files:
        return ()
    what = (
        "of 1 file could not be read to its end; the rest counts"
        if files == 1
        else (f"of {files:,} files could not be read to their end; each rest counts")
    )
    return (f"The records {what} as one bad record, so there may be more of them.",)


def _unquoted(found: list[pl.DataFrame]) -> tuple[str, ...]:
    """That not all faulty rows carry an excerpt, where one defect alone has too many of them."""
    if all(table.height <= QUOTED for table in found):
        return ()
    return (f"Excerpts are given for the first {QUOTED:,} rows of each split with the same fault.",)


def _scanned(data: Data, train: Prints, evals: Prints | None) -> list[tuple[Split, Prints]]:
    pairs = [(data.train, train)]
    if data.eval is not None and evals is not None:
        pairs.append((data.eval, evals))
    return pairs


def _faulty(data: Data, flags: dict[str, pl.Series], what: str) -> list[pl.DataFrame]:
    """One evidence frame per split for the flagged rows."""
    frames = []
    for split in data.splits:
        rows = (
            flags[split.role].arg_true().cast(pl.Int64).to_numpy()
            if split.role in flags
            else np.zeros(0, np.int64)
        )
        if len(rows):
            frame = place(split, rows).with_columns(quote(split, rows))
            frames.append(
                frame.select(pl.lit(split.role).alias("split"), pl.lit(what).alias("fault"), pl.all())
            )
    return frames


def _ledger_evidence(data: Data) -> Evidence:
    several = pl.when(pl.col("records") != 1).then("records")  # one is no news
    order = data.ledger.sort("lost", descending=True, maintain_order=True).with_columns(records=several)
    return Evidence("What the readers found", order, ("what",), counted=_LEDGER)


_LEDGER = Counted(by="lost", measures={"True": "bad_records", "False": "oddities"})
