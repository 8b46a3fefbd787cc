"""What was found out about pairs of texts, in this audit or an earlier one: it follows from the texts and the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data
from checks.text.grams import PRIME


class Judged(NamedTuple):
    """Pairs of texts and what was found out about each."""

    names: NDArray[np.uint64]
    """Shape (pairs, 4): 256 bits that tell a pair from every other one."""
    values: NDArray[np.float64]
    """Shape (pairs, width)."""


class Memory:
    """Pairs that were judged, `width` numbers each."""

    def __init__(
        self, width: int, known: Judged | None = None, keep: Callable[[Judged], None] | None = None
    ) -> None:
        self._known = known or Judged(np.zeros((0, 4), np.uint64), np.zeros((0, width)))
        keys = _keys(self._known.names)
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]
        self._keep = keep
        self._seen: list[Judged] = []
        self._news = False

    def judged(
        self, names: NDArray[np.uint64], judge: Callable[[NDArray[np.int64]], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """The values of each pair; `judge` is asked for those at the places that are not known."""
        found = np.zeros((len(names), self._known.values.shape[1]))
        unknown = np.ones(len(names), np.bool_)
        if len(self._keys):
            place = np.searchsorted(self._keys, _keys(names))
            at = self._order[np.minimum(place, len(self._keys) - 1)]
            unknown = (self._known.names[at] != names).any(axis=1)
            found = self._known.values[at]
        places = np.flatnonzero(unknown)
        if len(places):
            found[places] = judge(places)
            self._news = True
        self._seen.append(Judged(names, found))
        return found

    def keep(self) -> None:
        """Have all pairs of this audit kept, if some of them were not known."""
        if self._keep is not None and self._news:
            self._keep(Judged(*(np.concatenate(arrays) for arrays in zip(*self._seen, strict=True))))
            self._news = False


def _keys(names: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number for each pair; pairs with the same one, if there ever are any, are judged again."""
    keys: NDArray[np.uint64] = names[:, 0] * PRIME ^ names[:, 2]
    return keys


class Remembered(NamedTuple):
    """What is remembered under a name."""

    name: str
    width: int
    version: int
    """Of how it is found out; what other versions found is not looked at."""

    def empty(self, _data: Data) -> Memory:
        """A memory of nothing; use it as `data.once(X.empty)`, and supply it where pairs are kept."""
        return Memory(self.width)


ALIKE = Remembered("alike", 1, 2)
"""Exact Jaccard similarity of two folded texts, named by the 128-bit hashes of both; 0 where the signatures rule out that
it reaches the threshold."""
EDITED = Remembered("edited", 4, 1)
"""Edit, changed words, severity and place of a witness, see `witnesses`; named by a hash of both texts as written."""
