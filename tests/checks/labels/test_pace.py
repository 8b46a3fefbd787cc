"""Pace: times as seconds; steady crowds do not speed, batches tell nothing, who clicks through is found."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.labels.pace import pace, seconds

NOON = datetime(2024, 2, 29, 12, 0, 5, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29T12:00:05Z", NOON),
        ("2024-02-29 12:00:05", NOON),
        (" 2024-02-29T12:00:05.250Z ", NOON + 0.25),
        ("2024-02-29T12:00:05,5", NOON + 0.5),
        ("2024-02-29T14:00:05+02:00", NOON),
        ("2024-02-29T14:30:05+0230", NOON),
        ("2024-02-29T07:00:05-05", NOON),
        ("2024-02-29T12:00", NOON - 5),
        ("2024-02-29", NOON - 12 * 3600 - 5),
        ("1709208005", NOON),
        ("1709208005.25", NOON + 0.25),
        ("1.709208005e9", NOON),
        ("1709208005000", NOON),
        ("1709208005000000", NOON),
        ("1709208005000000000", NOON),
    ],
)
def test_times_as_seconds(text, expected):
    assert seconds(pl.Series([text], dtype=pl.String))[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    "text", [None, "", "soon", "12.5", "-3", "nan", "2024-13-01", "2024-02-30T10:00:00Z", "29.02.2024", "inf"]
)
def test_what_is_no_time(text):
    assert not np.isfinite(seconds(pl.Series([text], dtype=pl.String))[0])


def test_no_times():
    assert len(seconds(pl.Series([], dtype=pl.String))) == 0


@given(
    st.datetimes(datetime(1975, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone is drawn, too
    st.integers(-14 * 60, 14 * 60),
)
def test_any_iso_time(moment, minutes):
    there = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert seconds(pl.Series([there.isoformat()]))[0] == pytest.approx(there.timestamp(), abs=1e-5)


def times(rng, medians, judgements: int = 80, spread: float = 0.6):
    """Labelers and times of judgements at log-normal gaps with one break of an hour."""
    gaps = np.exp(rng.normal(0, spread, (len(medians), judgements))) * np.array(medians)[:, None]
    gaps[:, judgements // 2] += 3600
    return np.repeat(np.arange(len(medians)), judgements), (1.7e9 + gaps.cumsum(axis=1)).ravel()


def test_people_differ_and_nobody_speeds():
    """Medians of 20 people with a spread of .35 on the logarithmic scale."""
    rng = np.random.default_rng(0)
    named = 0
    for _ in range(50):
        found = pace(*times(rng, 8 * np.exp(rng.normal(0, 0.35, 20))))
        named += int(found.speeding.sum())
    assert named <= 3, "of 1,000"


def test_who_clicks_through_is_found():
    rng = np.random.default_rng(1)
    found = pace(*times(rng, [8, 9, 7, 1.2, 10, 8]))
    assert found.labeler[found.speeding].tolist() == [3]
    assert found.median[3] == pytest.approx(1.2, rel=0.3)
    assert found.blinks[3] > 0.6
    assert found.usual == pytest.approx(8, rel=0.2)


def test_the_order_of_judgements_changes_nothing():
    rng = np.random.default_rng(2)
    who, when = times(rng, [8, 9, 7, 1.2])
    order = rng.permutation(len(who))
    for one, other in zip(pace(who, when), pace(who[order], when[order]), strict=True):
        assert np.array_equal(one, other)


def test_batches_tell_nothing():
    who = np.repeat(np.arange(4), 50)
    assert pace(who, np.full(200, 1.7e9 + 3)) is None, "all at once"
    assert pace(who, 1.7e9 + 86400.0 * np.arange(200)) is None, "days"
    assert pace(who, 1.7e9 + 60.0 * np.arange(200)) is None, "whole minutes"
    assert pace(who, 1.7e9 + 0.01 * np.arange(200)) is None, "as a program writes them"
    rng = np.random.default_rng(3)
    who, when = times(rng, [8, 9, 7, 8])
    when[who == 2] = when[who == 2][0]
    found = pace(who, when)
    assert found.labeler.tolist() == [0, 1, 3], "one of them sent theirs in a batch"
    assert not found.speeding.any()


@pytest.mark.parametrize("medians", [[], [8], [8, 1]])
def test_fewer_than_three_have_no_usual_pace(medians):
    assert pace(*times(np.random.default_rng(4), medians)) is None


def test_few_judgements_are_not_timed():
    assert pace(*times(np.random.default_rng(5), [8, 8, 1, 8], judgements=20)) is None


def test_missing_times_are_left_out():
    who, when = times(np.random.default_rng(6), [8, 8, 8])
    when[::7] = np.nan
    assert pace(who, when).gaps.tolist() == [67, 67, 68] or sum(pace(who, when).gaps) > 190
