"""One result of a model on one example, as a file tells it, and what its values mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from auditor.load.arrays import as_text, is_scalar
from auditor.load.ledger import shown

RIGHT = ("true", "correct", "right", "pass", "passed", "success", "yes", "ok")
WRONG = ("false", "incorrect", "wrong", "fail", "failed", "failure", "no")
WORDS: Mapping[str, float] = {**dict.fromkeys(RIGHT, 1.0), **dict.fromkeys(WRONG, 0.0)}
"""What may stand for a score besides a number."""
NOTHING = frozenset(
    {"", "-", "none", "null", "nan", "n/a", "na", "ok", "correct", "pass", "passed", "success"}
)
"""What stands in a column of failure types where nothing failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One result, its values still as they were written."""

    line: int
    """Line in the file; of files without lines the number of the record."""
    scores: Mapping[str, Any] = field(default_factory=dict)
    """Metric -> value; empty where the model was not scored."""
    id: str | None = None
    position: int | None = None
    """Row of the eval set, from 0, where the file numbers its examples."""
    attempt: int = 1
    """The same example may be tried several times; scores of its attempts are averaged."""
    variant: str = ""
    """Which model or prompt it is of, where a file holds several."""
    output: str | None = None
    failure: str | None = None
    valid: Any = None
    seconds: Any = None
    cost: Any = None


def score_of(value: Any) -> float | None:  # noqa: ANN401  any value of a record
    """A score as a number; None where nothing stands.

    Raises:
        ValueError: it is neither a number nor a word for right or wrong.
    """
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float | Decimal):
        number = _float(value)
        return None if math.isnan(number) else number
    if value is None:
        return None
    if not isinstance(value, str):
        message = f"a {type(value).__name__} is no score"
        raise ValueError(message)
    text = value.strip()
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if not text or text.lower() in NOTHING:
        return None
    try:
        return score_of(float(text))
    except ValueError:
        message = f"{shown(text, 40)!r} is no number, nor a word such as correct, wrong, true or false"
        raise ValueError(message) from None


def _float(value: float | Decimal) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return math.inf if value > 0 else -math.inf


def truth_of(value: Any) -> bool | None:  # noqa: ANN401  as above
    """Yes or no; None where nothing stands.

    Raises:
        ValueError: it is neither.
    """
    number = {"valid": 1.0, "invalid": 0.0}.get(str(value).strip().lower())
    number = score_of(value) if number is None else number
    if number not in (None, 0.0, 1.0):
        message = f"{shown(str(value), 40)!r} is neither true nor false"
        raise ValueError(message)
    return None if number is None else bool(number)


def amount_of(value: Any) -> float | None:  # noqa: ANN401  as above
    """Seconds or money; None where nothing stands.

    Raises:
        ValueError: it is no number, or below 0.
    """
    text = value.strip().removeprefix("$") if isinstance(value, str) else value
    try:
        number = None if text is None or text == "" else float(text)
    except (TypeError, ValueError, OverflowError):
        message = f"{shown(str(value), 40)!r} is no number"
        raise ValueError(message) from None
    if number is None or math.isnan(number):
        return None
    if not 0 <= number < math.inf:
        message = f"{shown(str(value), 40)!r} must not be below 0, nor without bound"
        raise ValueError(message)
    return number


def name_of(value: Any) -> str | None:  # noqa: ANN401  as above
    """An id as text, alike in all formats: 7, 7.0 and " 7 " are one; None where nothing stands."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = as_text(value) if is_scalar(value) else None
    if text is None or not (text := text.strip()):
        return None
    whole, point, rest = text.partition(".")
    return whole if point and rest.strip("0") == "" and whole.lstrip("-").isdigit() else text


def words_of(value: Any) -> str | None:  # noqa: ANN401  as above
    """What a model said, or a word for it, as text; None where nothing stands."""
    if isinstance(value, list) and len(value) == 1:
        return words_of(value[0])
    if value is None or is_scalar(value):
        return None if value is None else as_text(value)
    import msgspec

    return msgspec.json.encode(value, enc_hook=str).decode()


def failure_of(value: Any) -> str | None:  # noqa: ANN401  as above
    """The word for what went wrong; None where nothing did."""
    text = words_of(value)
    return None if text is None or text.strip().lower() in NOTHING else text.strip()
