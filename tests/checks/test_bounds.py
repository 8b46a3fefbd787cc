"""Settings of checks: what has sense is taken, what has none is refused with the bounds in words."""

import math

import pytest

from auditor.errors import PolicyError
from auditor.registry import configure
from checks.eval_set import EvalSet
from checks.labelers import Labelers
from checks.noise import Noise
from checks.structure import Structure


@pytest.mark.parametrize(
    ("check", "setting", "wrong", "right"),
    [
        (Structure, "max_tokens", [-1], [0, 1]),
        (Noise, "near", [0.0, -0.1, 1.01, math.nan], [0.01, 1.0]),
        (Labelers, "owner_share", [0.0, -1.0, 1.01, math.nan], [0.01, 1.0]),
        (EvalSet, "discordance", [0.0, -0.2, 1.01, math.nan], [0.01, 1.0]),
    ],
)
def test_settings_without_sense_are_refused(check, setting, wrong, right):
    for value in wrong:
        with pytest.raises(ValueError, match=f"{setting} is .*; it must be "):
            check(**{setting: value})
        with pytest.raises(PolicyError, match=f"check '{check.id}': {setting} is "):
            configure(check, {setting: value})
    for value in right:
        assert getattr(configure(check, {setting: value}), setting) == value
