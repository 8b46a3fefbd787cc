"""A small version of the simulation: 5 points are not called proven where they are not there, and printed powers hold."""

import pytest

from checks.paired.mcnemar import needed, power
from tests.bench.results_power import Setting, clustered, power_found, simulated

SMALL = [
    pytest.param(Setting(rows=rows, discordance=share, **more), id=f"{rows} rows, {share:.0%} differ, {name}")
    for rows, share in ((50, 0.1), (120, 0.3), (400, 0.2))
    for name, more in (("independent", {}), ("near copies", {"clusters": True}), ("grades", {"graded": True}))
]


@pytest.mark.parametrize("setting", SMALL)
def test_five_points_are_hardly_ever_proven_where_the_gain_is_just_below(setting):
    assert simulated(setting, 300).proven <= 0.05


@pytest.mark.parametrize("gain", [0.0, 0.03])
def test_smaller_gains_are_proven_even_less(gain):
    assert simulated(Setting(rows=300, discordance=0.2, gain=gain), 300).proven <= 0.02


def test_the_interval_holds_the_true_gain():
    assert simulated(Setting(rows=300, discordance=0.2), 600).covered == pytest.approx(0.95, abs=0.03)


def test_a_gain_well_above_is_proven():
    assert simulated(Setting(rows=1000, discordance=0.3, gain=0.15), 200).proven > 0.95


@pytest.mark.parametrize("discordance", [0.1, 0.2, 0.3, 0.4])
def test_printed_power_and_examples_are_what_simulation_finds(discordance):
    for rows in (60, 500):
        found = power_found(rows, 0.05, discordance, 20_000)
        assert power(rows, 0.05, discordance) == pytest.approx(found, abs=0.02)
    assert power_found(needed(0.05, discordance), 0.05, discordance, 20_000) == pytest.approx(0.8, abs=0.02)


def test_clusters_fill_the_rows():
    for rows in (50, 333, 2000):
        assert len(clustered(rows)) == rows
