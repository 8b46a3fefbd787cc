"""How alike pairs of texts are, as earlier audits measured it: it follows from the two texts and the settings alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data
from checks.text.grams import PRIME

VERSION = 1
"""Of what similarities are; those kept by other versions are not looked at."""


class Alike(NamedTuple):
    """Pairs of texts and how alike they are."""

    names: NDArray[np.uint64]
    """Shape (pairs, 4): the 128-bit hashes of both folded texts."""
    similarity: NDArray[np.float64]
    """Exact Jaccard similarity; 0 where the signatures rule out that it reaches the threshold."""


class Memory:
    """The pairs that were judged, in this audit or an earlier one."""

    def __init__(self, known: Alike | None = None, keep: Callable[[Alike], None] | None = None) -> None:
        self._known = known or Alike(np.zeros((0, 4), np.uint64), np.zeros(0))
        keys = _keys(self._known.names)
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]
        self._keep = keep
        self._seen: list[Alike] = []
        self._news = False

    def judged(
        self, names: NDArray[np.uint64], judge: Callable[[NDArray[np.int64]], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """The similarity of each pair; `judge` is asked for those at the places that are not known."""
        found, unknown = np.zeros(len(names)), np.ones(len(names), np.bool_)
        if len(self._keys):
            place = np.searchsorted(self._keys, _keys(names))
            at = self._order[np.minimum(place, len(self._keys) - 1)]
            unknown = (self._known.names[at] != names).any(axis=1)
            found = self._known.similarity[at]
        places = np.flatnonzero(unknown)
        if len(places):
            found[places] = judge(places)
            self._news = True
        self._seen.append(Alike(names, found))
        return found

    def keep(self) -> None:
        """Have all pairs of this audit kept, if some of them were not known."""
        if self._keep is not None and self._news:
            self._keep(Alike(*(np.concatenate(arrays) for arrays in zip(*self._seen, strict=True))))
            self._news = False


def memory(_data: Data) -> Memory:
    """An empty memory; use it as `data.once(memory)`, and supply it where pairs are kept."""
    return Memory()


def _keys(names: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number for each pair; pairs with the same one, if there ever are any, are judged again."""
    keys: NDArray[np.uint64] = names[:, 0] * PRIME ^ names[:, 2]
    return keys
