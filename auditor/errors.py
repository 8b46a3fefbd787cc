"""The errors a user can cause and mend. Each says what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable


class AuditorError(Exception):
    """Anything that stops the work and is not a bug; its text is the whole message for the user."""


class DataError(AuditorError):
    """The files, or how the command names them."""


class UnreadableError(DataError):
    """One input holds nothing that can be read; the others are loaded all the same.

    `columns` are those its records have, if their names are the trouble.
    """

    def __init__(self, message: str, columns: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.columns = tuple(columns)


class PolicyError(AuditorError):
    """The policy or the settings."""


def suggest(name: str, known: Iterable[str], listed: str = "known are") -> str:
    """What to add behind "unknown x": the nearest of the known names, or all of them if none is near.

    Near is a rapidfuzz ratio of 60 of 100: two wrong letters of five are a slip, more make another word.
    """
    from rapidfuzz import fuzz, process, utils
    from rapidfuzz.distance import OSA

    names = sorted(known)
    near = process.extract(
        name, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=60, limit=None
    )
    if near:  # of these the one with the fewest slips: lable is label with two letters swapped, not labeler
        best = max((found for found, _, _ in near), key=lambda found: OSA.normalized_similarity(name, found))
        return f"; did you mean '{best}'?"
    return f"; {listed} {', '.join(names)}" if names else ""
