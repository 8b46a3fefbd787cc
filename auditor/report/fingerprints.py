"""What identifies a finding from one audit to the next: the texts it is about, not the rows they stand in."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import polars as pl

from auditor.report.fingerprintkey import secret
from auditor.report.titles import without_counts
from checks.contract import Data
from checks.text.texts import Texts, eval_texts, train_texts

BYTES = 8
"""Of a fingerprint: a million findings collide with probability 3e-8."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Makes the fingerprints of the evidence of one audit.

    A fingerprint is BLAKE2b over the check, the title of the table without its counts, and the hashes of the texts of
    all rows that the finding names. So it stays when rows move, when files are renamed and when a measured value
    changes, and goes when the text is edited. A finding about a record without text (one that could not be read, a row
    of a sketch) is identified by what its other cells say instead, without numbers. Several findings of a table about the same texts are numbered.

    It reveals no text, but whoever guesses the whole text of a row can see whether the guess is right, and of a record
    without text what is said of it, which may quote a few words. A secret in
    AUDITOR_FINGERPRINT_KEY takes this away from those who do not have it; only fingerprints of the same secret can be
    compared.
    """

    texts: Mapping[str, Texts]
    key: bytes
    roles: Mapping[str | None, str] = field(default_factory=dict)
    """Role of each file that serves one alone."""

    def of(self, check: str, title: str, table: pl.DataFrame) -> tuple[str, ...]:
        """One for each row of a table; none for a table that names no places.

        Args:
            check: id of the check.
            title: of the evidence.
            table: with its texts, whether the report shows them or not.
        """
        if not any(name.endswith("file") for name in table.columns):
            return ()
        named = without_counts(title)
        sides = [
            self._side(table, name.removesuffix("row")) for name in table.columns if name.endswith("row")
        ]
        seen, found = dict[str, int](), list[str]()
        for at, row in enumerate(table.iter_rows(named=True)):
            about = [side[at] for side in sides]
            told = about if any(about) else _cells(row)
            mark = self._hash(msgspec.json.encode([check, named, told], enc_hook=str)).hex()[: 2 * BYTES]
            seen[mark] = seen.get(mark, 0) + 1
            found.append(mark if seen[mark] == 1 else f"{mark}-{seen[mark]}")
        return tuple(found)

    def _side(self, table: pl.DataFrame, prefix: str) -> list[str | None]:
        """Hashes of the texts of the rows that the columns with this prefix name; None where there is no text."""
        side = prefix.rstrip("_")
        own = table["split"].to_list() if "split" in table.columns else [None] * table.height
        files = (
            table[f"{prefix}file"].to_list() if f"{prefix}file" in table.columns else [None] * table.height
        )
        said = [side] * table.height if side in self.texts else own
        roles = [self.roles.get(file, role) for file, role in zip(files, said, strict=True)]
        rows = table[f"{prefix}row"].to_list()
        hashes = {role: self._hashes(texts, {row for row, of in zip(rows, roles, strict=True) if of == role and row is not None})
                  for role, texts in self.texts.items()}  # fmt: skip
        return [hashes.get(role, {}).get(row) for row, role in zip(rows, roles, strict=True)]

    def _hashes(self, texts: Texts, rows: set[int]) -> dict[int, str]:
        wanted = np.array(sorted(row for row in rows if 0 <= row < len(texts)), np.int64)
        if not len(wanted):
            return {}
        picked = texts.pick(wanted)
        data, bounds = picked.data.tobytes(), picked.bounds.tolist()
        return {
            row: self._hash(data[bounds[i] : bounds[i + 1]]).hex() for i, row in enumerate(wanted.tolist())
        }

    def _hash(self, content: bytes) -> bytes:
        return hashlib.blake2b(content, digest_size=16, key=self.key).digest()


def fingerprints_of(data: Data) -> Fingerprints:
    """For the evidence about some data."""
    made = {"train": data.once(train_texts), "eval": data.once(eval_texts)}
    stored = {split.role for split in data.splits if "text" in split.stored}
    texts: dict[str, Texts] = {role: one for role, one in made.items() if one is not None and role in stored}
    served = [(part.file, split.role) for split in data.splits for part in split.parts]
    several = {file for file, count in Counter(file for file, _ in set(served)).items() if count > 1}
    return Fingerprints(texts, secret(), {file: role for file, role in served if file not in several})


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    """What is said beside the place and what was counted or measured."""
    places = ("row", "line", "column", "file")
    return {
        name: value
        for name, value in row.items()
        if value is not None and not name.endswith(places) and type(value) not in (int, float)
    }
