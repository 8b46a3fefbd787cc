"""The part of the vocabulary of checks that needs no data frame: what is measured, and what a report can say about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["train", "eval"]
Kind = Literal["count", "share", "score", "money", "points", "time", "answer"]
"""`answer` is 1 for yes and 0 for no."""
Basis = Literal["measured", "estimated", "declared"]
Shingle = Literal["auto", "c5", "w3", "w5"]
Picture = Literal["waterfall", "bars", "stack", "ranges", "histogram", "curve"]
"""`waterfall`: changes that lead from the first value to what is left; `bars`: a length each; `stack`: parts of a length;
`ranges`: a value between two ends; `histogram`: counts from each edge to the next; `curve`: a height at each place."""

NAME = 60
"""Longest label, in characters, that is still a name; the classes of public intent data have up to 50, answers more."""
ROLES: tuple[Role, ...] = ("train", "eval")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number a policy can hold a limit against. Never a verdict."""

    name: str
    value: float
    kind: Kind = "count"
    group: str | None = None
    """A class, labeler or source; None for the whole."""
    of: int | None = None
    """Denominator."""
    interval: tuple[float, float] | None = None
    """95 % interval of an estimate."""
    basis: Basis = "measured"
    by: str = ""
    """What the number rests on, where a check has several ways to it: "200 reviewed rows"."""
    currency: str = ""
    """Of money, where it is not US dollars: "EUR"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What the columns of a table are in its picture. What is demanded is the policy's, so it is not said here."""

    picture: Picture
    label: str
    """Column with the name of each bar, the lower edge of each bin or the place of each point."""
    values: tuple[str, ...]
    """Columns with what is drawn: of a stack the parts, else side by side."""
    interval: tuple[str, str] | None = None
    """Columns with the lower and the upper end of each value."""
    unit: Kind = "count"
    """Of the values."""
    measure: str = ""
    """Measure of the check that the values are of: its limits are drawn beside them, and its interval beside a curve."""
    along: str = ""
    """What the labels are, where they are places on an axis: "tokens"."""
    places: Kind = "count"
    """Of these places."""
    at: float | None = None
    """A place on that axis to point out."""
    at_says: str = ""
    """What stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Which measure counts each row of a table that shows why; without any the rows are listed, but not at fault."""

    measures: dict[str, str] = field(default_factory=dict)
    """Value of the column -> name of the measure; rows with another value are not at fault."""
    by: str = ""
    """The column; without one the measure of "" counts all rows."""


@dataclass(frozen=True, slots=True)
class Range:
    """A number that is only known roughly; one that is known has three times the same value."""

    low: float
    expected: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.expected <= self.high:  # NaN lies nowhere
            message = (
                f"{self.low:g}, {self.expected:g}, {self.high:g} must not fall: lowest, expected, highest"
            )
            raise ValueError(message)


Answer = bool | str | Range
"""What a person says to a question: yes or no, one of several words, or a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSettings:
    """How texts are compared: shared by every check that compares them, so that their numbers agree."""

    shingle: Shingle = "auto"
    """`c5` character 5-grams, `w3` / `w5` word n-grams, `auto` characters under 30 words and word 5-grams above."""
    threshold: float = 0.8
    """Jaccard similarity from which two texts are near-duplicates; .8 is what RefinedWeb and SlimPajama used."""
    recall: float = 0.999
    """Share of the pairs at the threshold that the MinHash bands must find; the bands follow from it."""
    permutations: int = 128
    """MinHash permutations, datasketch's default."""

    def __post_init__(self) -> None:
        bounds = {"threshold": (0.3, 1), "recall": (0.5, 0.999999), "permutations": (16, 1024)}
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                message = f"{name} is {getattr(self, name):.10g}; it must lie in {least:g} to {most:g}"
                raise ValueError(message)
        if 1 - (1 - self.threshold) ** self.permutations < self.recall:  # one value a band finds the most
            message = (
                f"{self.permutations} permutations cannot find {self.recall:.4%} of the pairs at similarity "
                f"{self.threshold:g}; raise permutations or threshold"
            )
            raise ValueError(message)
