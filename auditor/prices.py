"""What things cost: the dated and sourced table of the articles, with the user's own prices on top."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from auditor.errors import PolicyError, suggest
from checks.measures import Range

_FILE = Path(__file__).with_name("policies") / "prices.toml"
CURRENCY, RATE, BY_SOURCE = "currency", "rate", "label-by-source"
"""Keys of [prices] that are no prices: the currency, units of it for one of the table's, and labels of each source."""
MOST = 1e15
"""No price, rate or count may be larger: what is reckoned from them stays finite."""
_PARTS = ("low", "expected", "high")


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one source says something costs or takes."""

    expected: float
    unit: str
    kind: Literal["money", "time", "count"]
    source: str
    date: str
    """When it was taken from the source."""
    low: float | None = None
    high: float | None = None
    currency: str = ""
    """Of money."""
    example: bool = False
    """Whether the source made it up to show how to reckon, so that it never stands in for the user's own."""
    positive: bool = False
    """Whether it is divided by or multiplied with, so that 0 has no sense."""
    note: str = ""

    @property
    def range(self) -> Range:
        """Lowest, expected and highest."""
        low = self.expected if self.low is None else self.low
        return Range(low, self.expected, self.expected if self.high is None else self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What an audit reckons with."""

    values: Mapping[str, Range]
    """By name, in the order of the table; examples only where the user stated them."""
    currency: str
    own: frozenset[str] = frozenset()
    """Names that the user stated."""
    label_by_source: Mapping[str, Range]
    """Price of a label by the source or labeler it comes from; those not named cost `label`."""

    @property
    def defaults(self) -> frozenset[str]:
        """Names that nobody stated, so that the table's figure stands in."""
        return frozenset(self.values) - self.own

    def origin(self, name: str) -> str:
        """Who says so: `your price`, `S1, 2026-11-21` or `tool default, 2026-11-21`."""
        found = price_table()[name]
        source = found.source.partition(":")[0]
        return "your price" if name in self.own else f"{source}, {found.date}"


@cache
def price_table() -> Mapping[str, Price]:
    """The table that ships with the package, by name."""
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), dict[str, Price])


def load_prices(overrides: Mapping[str, Any] | None = None, where: str = "readiness.toml") -> Prices:
    """The prices of the table, with those of a parsed `[prices]` in their places.

    A price is a number, `[low, expected, high]` or a table of these three; `currency` holds for all of them.

    Raises:
        PolicyError: an unknown name, no number, NaN, infinite, negative, falling from low to high, or a mixture of
            currencies; names the file and the price.
    """
    given, table = overrides or {}, price_table()
    known = (*table, CURRENCY, RATE, BY_SOURCE)
    for name in given:
        if name not in known:
            message = f"{where}: [prices] has no price {name!r}{suggest(name, known)}"
            raise PolicyError(message)
    base = _currency_of_table()
    currency = _currency(given.get(CURRENCY, base), f"{where}: [prices]")
    own = {
        name: _range(given[name], _place(where, name), currency, positive=table[name].positive)
        for name in table
        if name in given
    }
    factor = _factor(given, own, currency=currency, base=base, where=where)
    standing = {
        name: _scaled(price.range, factor if price.kind == "money" else 1)
        for name, price in table.items()
        if not price.example and name not in own
    }
    by_source = _table(given.get(BY_SOURCE, {}), _place(where, BY_SOURCE))
    return Prices(
        values={
            name: own[name] if name in own else standing[name] for name in table if {name} & {*own, *standing}
        },
        currency=currency,
        own=frozenset(own),
        label_by_source={
            source: _range(value, f"{_place(where, BY_SOURCE)}, {source!r}", currency, positive=False)
            for source, value in by_source.items()
        },
    )


def _factor(given: Mapping[str, Any], own: Iterable[str], *, currency: str, base: str, where: str) -> float:
    """What the table's money is multiplied with, so that all of it is of one currency."""
    rate = given.get(RATE)
    place = _place(where, RATE)
    if currency == base:
        if rate is not None:
            message = f"{place} = {rate!r} is not needed: all prices are in {base}; leave it out or name the currency"
            raise PolicyError(message)
        return 1.0
    if rate is not None:
        return _range(rate, place, currency, positive=True, several=False).expected
    missing = [
        name
        for name, price in price_table().items()
        if price.kind == "money" and not price.example and name not in own
    ]
    if missing:
        message = (
            f"{where}: [prices] currency is {currency}, but the table's prices are in {base} and currencies must not "
            f"mix; add rate = (how many {currency} make one {base}), or state your own {', '.join(missing)}"
        )
        raise PolicyError(message)
    return 1.0


def _range(value: object, place: str, currency: str, *, positive: bool, several: bool = True) -> Range:
    """A price as it was written."""
    parts: tuple[object, ...]
    if several and isinstance(value, Mapping):
        parts = _named_parts(value, place, currency)
    elif several and isinstance(value, list | tuple):
        if len(value) != len(_PARTS):
            message = f"{place} has {len(value)} numbers; a range has three: [low, expected, high]"
            raise PolicyError(message)
        parts = tuple(value)
    else:
        parts = (value, value, value)
    low, expected, high = (_number(part, place, positive=positive, several=several) for part in parts)
    if not low <= expected <= high:
        message = (
            f"{place}: {low:g}, {expected:g}, {high:g} must not fall; write the lowest first, then the expected, "
            "then the highest"
        )
        raise PolicyError(message)
    return Range(low, expected, high)


def _named_parts(value: Mapping[Any, object], place: str, currency: str) -> tuple[object, ...]:
    """Low, expected and high of a table."""
    for key in value:
        if key not in (*_PARTS, CURRENCY):
            message = f"{place} has no key {key!r}{suggest(str(key), _PARTS)}"
            raise PolicyError(message)
    own = _currency(value.get(CURRENCY, currency), place)
    if own != currency:
        message = (
            f"{place} is in {own}, the other prices are in {currency}; currencies must not mix: "
            "convert it, or set the currency of [prices] for all of them"
        )
        raise PolicyError(message)
    if lacks := [part for part in _PARTS if part not in value]:
        message = f"{place} lacks {', '.join(lacks)}; a range has low, expected and high"
        raise PolicyError(message)
    return tuple(value[part] for part in _PARTS)


def _number(value: object, place: str, *, positive: bool, several: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        written = "a number" + (
            ", [low, expected, high] or {low = , expected = , high = }" if several else ""
        )
        hint = f"; its currency goes into {CURRENCY}" if isinstance(value, str) else ""
        message = f"{place} = {value!r} is no price: write {written}{hint}"
        raise PolicyError(message)
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not 0 <= number <= MOST or (positive and number == 0):  # NaN lies nowhere
        least = "above 0" if positive else "0 or more"
        message = f"{place} = {number:g} has no sense: it must be {least}, at most {MOST:g}"
        raise PolicyError(message)
    return number


def _currency(value: object, place: str) -> str:
    if not isinstance(value, str) or len(value) != 3 or not (value.isascii() and value.isalpha()):
        message = f'{place}: {CURRENCY} {value!r} is no currency: write its three letters, as "EUR"'
        raise PolicyError(message)
    return value.upper()


def _currency_of_table() -> str:
    """The one currency of the shipped table."""
    (currency,) = {price.currency for price in price_table().values() if price.kind == "money"}
    return currency


def _table(value: object, place: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        message = f"{place} = {value!r} is no table of prices: write {{ name = price }}"
        raise PolicyError(message)
    return value


def _scaled(price: Range, factor: float) -> Range:
    return Range(price.low * factor, price.expected * factor, price.high * factor)


def _place(where: str, name: str) -> str:
    return f"{where}: [prices] {name}"
