"""Where the prices of a plan come from: the shipped table, with those of a file on top."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.answers import FILE
from auditor.errors import PolicyError
from auditor.prices import Prices, load_prices
from auditor.tomlfile import read_toml

_PRICES = "prices"
_TABLES = ("answer", "prices", "results", "frameworks")
"""What a readiness.toml holds; any other file is one of prices."""


def prices_of(path: Path | None, folder: Path) -> Prices:
    """The prices of a file, a readiness.toml with its `[prices]` or one of prices alone; by default of the
    readiness.toml in `folder`, where there is one.

    Raises:
        PolicyError: the file or a price is wrong.
    """
    if path is None:
        path = folder / FILE
        if not path.is_file():
            return load_prices()
    _, found = read_toml(path)
    return load_prices(_table(found, path.name), path.name)


def _table(found: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    if not any(name in found for name in _TABLES):
        return found
    prices = found.get(_PRICES, {})
    if not isinstance(prices, Mapping):
        message = f"{where}: prices = {prices!r} is no table; write [prices] and a line for each"
        raise PolicyError(message)
    return prices
