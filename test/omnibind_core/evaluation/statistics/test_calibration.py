"""Calibration error by hand, and the band that a perfect model stays in."""

from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_core.evaluation.statistics.calibration import perfect_band
from omnibind_core.evaluation.statistics.calibration import reliability


def test_by_hand() -> None:
    """Two bins of five: 0.55 and 0.6 (one of two right), 0.9 and 1.0 and 0.95 (all right)."""
    confidence = np.array([0.55, 0.9, 0.6, 1.0, 0.95])
    correct = np.array([True, True, False, True, True])
    found = reliability(confidence, correct, bins=5)
    assert found.count.tolist() == [0, 0, 2, 0, 3]
    assert found.confidence[2] == pytest.approx(0.575)
    assert found.accuracy[2] == 0.5
    assert found.confidence[4] == pytest.approx(0.95)
    assert found.error == pytest.approx((2 * 0.075 + 3 * 0.05) / 5)


def test_edges_belong_to_the_lower_bin() -> None:
    """As Guo et al. have it: intervals open below, closed above; 0 falls into the first."""
    found = reliability(np.array([0.0, 0.2, 0.2000001, 1.0]), np.ones(4, bool), bins=5)
    assert found.count.tolist() == [2, 1, 0, 0, 1]


def test_band_of_a_perfect_model() -> None:
    """Models that are as often right as they say lie in it 95 % of the time; others above it."""
    random = np.random.default_rng(0)
    inside, above = 0, 0
    for _ in range(200):
        confidence = random.beta(4.0, 1.5, 300)
        low, high = perfect_band(confidence, random=random)
        perfect = reliability(confidence, random.random(300) < confidence).error
        overconfident = reliability(confidence, random.random(300) < confidence - 0.15).error
        inside += low <= perfect <= high
        above += overconfident > high
    assert 180 <= inside <= 200
    assert above > 180


def test_band_narrows_with_samples() -> None:
    """By about the root of their number."""
    random = np.random.default_rng(1)
    few, many = random.beta(4.0, 1.5, 200), random.beta(4.0, 1.5, 20_000)
    assert 7 < perfect_band(few, random=random)[1] / perfect_band(many, random=random)[1] < 14


def test_certain_and_right() -> None:
    """No error, and no band: a perfect model that is certain is never wrong."""
    found = perfect_band(np.ones(50), random=np.random.default_rng(0))
    assert found[1] < 0.002
    assert reliability(np.ones(50), np.ones(50, bool)).error == 0.0


@pytest.mark.parametrize('values', [[], [1.5], [float('nan')], [[0.5]]])
def test_what_is_no_confidence(values: list[float]) -> None:
    """Refused."""
    with pytest.raises(InputError, match='confidence'):
        reliability(np.array(values), np.ones(np.shape(values), bool))
    with pytest.raises(InputError, match='correct'):
        reliability(np.array([0.5]), np.ones(2, bool))
