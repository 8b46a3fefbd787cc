"""Structure: can every record be read and trained on?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from checks.contract import Data, Evidence, Measure, Result, Split
from checks.faults import FAULTS, eval_faults, train_faults
from checks.places import place, quote
from checks.text.prints import Prints
from checks.text.scan import scan


@dataclass(frozen=True, slots=True)
class Structure:
    """Every record can be read and holds what its format promises.

    `bad_records`: records that could not be used at all (broken JSON, wrong types, missing fields, ragged CSV rows,
    bytes that are not UTF-8), from the ledger of the readers; unit records. `oddities`: records or files that were
    read all the same but that other tools may trip over (byte order mark, a JSON array named .jsonl, a foreign
    encoding, records of another format). The other counts are rows of train and eval with one defect each:
    `blank_rows` (white space only), `empty_turns` (an empty message), `unanswered_rows` (no assistant turn at the end
    while other rows have one), `unlabeled_rows`, `rejected_missing_rows`, `identical_preference_rows`,
    `unknown_role_rows`, `role_order_rows`, `placeholder_rows` (unrendered {{name}}), `control_character_rows` (other
    than tab and line ends). A row can have several.

    `long_rows`: rows over `max_tokens`, only if that is set. Tokens are estimated offline as the larger of 4/3 per
    word and 1 per 4.5 bytes, plus 4 per message; on English and code that is within about 15 % of the tokenizers in
    use, so rows near the limit may fall on either side.
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
        "long_rows",
    )

    max_tokens: int = 0
    """Longest row the trainer takes, in tokens; 0: not checked."""

    def run(self, data: Data) -> Result:
        """Count the ledger and the faulty rows."""
        rows = _records(data)
        lost, odd = (int(data.ledger.filter(lost=flag)["records"].sum()) for flag in (True, False))
        measures = [
            Measure(name="bad_records", value=lost, of=rows + lost),
            Measure(name="oddities", value=odd),
        ]
        evidence = [_ledger_evidence(data)] if data.ledger.height else []
        tables = {"train": data.once(train_faults), "eval": data.once(eval_faults)}
        prints = data.once(scan) if "train.text" in data.offers() else None
        found: list[pl.DataFrame] = []
        for fault in FAULTS:
            flags = {
                split.role: tables[split.role]
                for split in data.splits
                if fault.name in tables[split.role].columns
            }
            if flags:
                found += _faulty(data, {role: table[fault.name] for role, table in flags.items()}, fault.what)
                total = sum(int(table[fault.name].sum()) for table in flags.values())
                measures.append(Measure(name=fault.name, value=total, of=rows))
        if prints is not None:
            control = {"train": pl.Series(prints.train.control)}
            if prints.eval is not None:
                control["eval"] = pl.Series(prints.eval.control)
            found += _faulty(data, control, "control characters in the text")
            total = sum(int(flags.sum()) for flags in control.values())
            measures.append(Measure(name="control_character_rows", value=total, of=rows))
            if self.max_tokens:
                long: dict[str, pl.Series] = {
                    split.role: self._long(split, part)
                    for split, part in _scanned(data, prints.train, prints.eval)
                }
                found += _faulty(data, long, f"more than about {self.max_tokens:,} tokens")
                total = sum(int(flags.sum()) for flags in long.values())
                measures.append(Measure(name="long_rows", value=total, of=rows, basis="estimated"))
        if found:
            evidence.append(Evidence("Faulty rows", pl.concat(found), ("text",)))
        return Result(tuple(measures), tuple(evidence), self._notes())

    def _long(self, split: Split, prints: Prints) -> pl.Series:
        beside = [pl.col(name) for name in ("system", "rejected") if name in split.columns]
        turns = pl.col("turns").str.len_bytes() if "turns" in split.columns else pl.lit(1)
        table = split.frame.select(
            bytes=pl.sum_horizontal(text.str.len_bytes() for text in (pl.col("text"), *beside)),
            words=pl.sum_horizontal(pl.lit(0), *(text.str.count_matches(r"\w+") for text in beside)),
            turns=turns,
        ).collect()
        by_words = (prints.words + table["words"].to_numpy()) * (4 / 3)
        by_bytes = table["bytes"].to_numpy() / 4.5
        tokens = np.maximum(by_words, by_bytes) + 4 * table["turns"].to_numpy()
        return pl.Series(tokens > self.max_tokens)

    def _notes(self) -> tuple[str, ...]:
        if not self.max_tokens:
            return ("Row lengths were not held against a context limit: set max_tokens to do so.",)
        return (
            f"Rows over {self.max_tokens:,} tokens were found by an offline estimate, not by a tokenizer.",
        )


def _records(data: Data) -> int:
    """Records that could be read: in multi-annotator data the judgements, else the rows."""
    judged = {}
    if data.labels is not None:
        judged = dict(data.labels.group_by("split").len().collect().iter_rows())
    return sum(max(split.rows, judged.get(split.role, 0)) for split in data.splits)


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
            text = (
                quote(split, rows)
                if "text" in split.stored
                else pl.Series("text", [None] * len(rows), pl.String)
            )
            frame = place(split, rows).with_columns(text)
            frames.append(
                frame.select(pl.lit(split.role).alias("split"), pl.lit(what).alias("fault"), pl.all())
            )
    return frames


def _ledger_evidence(data: Data) -> Evidence:
    order = data.ledger.sort("lost", descending=True, maintain_order=True)
    return Evidence("What the readers found", order, ("what",))
