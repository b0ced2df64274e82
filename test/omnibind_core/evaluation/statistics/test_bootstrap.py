"""The clustered bootstrap against scipy, by hand, and its paired nature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from omnibind_core.errors import InputError
from omnibind_core.evaluation.statistics.bootstrap import Bootstrap
from omnibind_core.evaluation.statistics.bootstrap import estimate
from omnibind_core.evaluation.statistics.bootstrap import mean_of_columns
from omnibind_core.evaluation.statistics.bootstrap import sums_by_cluster


def test_interval_against_scipy() -> None:
    """Of a ratio of sums over clusters of unequal size: scipy draws the clusters itself."""
    random = np.random.default_rng(0)
    counts = random.integers(1, 9, 60).astype(float)
    sums = counts * random.beta(3.0, 2.0, 60)
    draws = Bootstrap(60, 10_000, seed=1).ratios(sums[:, None], counts[:, None])[:, 0]
    found = estimate(float(sums.sum() / counts.sum()), draws)
    expected = stats.bootstrap(
        (sums, counts),
        lambda above, below, axis: above.sum(axis=axis) / below.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=10_000,
        method='percentile',
        random_state=np.random.default_rng(2),
    )
    assert abs(found.low - expected.confidence_interval.low) < 0.003
    assert abs(found.high - expected.confidence_interval.high) < 0.003
    assert abs(draws.std() - expected.standard_error) < 0.001


def test_views_of_one_instance_are_no_new_evidence() -> None:
    """Every sample eight times within its cluster: the same interval, not a narrower one."""
    random = np.random.default_rng(0)
    right = (random.random(80) < 0.7).astype(float)
    bootstrap = Bootstrap(80, 2000)
    once = bootstrap.ratios(right[:, None], np.ones((80, 1)))
    often = bootstrap.ratios(8.0 * right[:, None], np.full((80, 1), 8.0))
    assert np.allclose(once, often)
    alone = Bootstrap(640, 2000).ratios(np.repeat(right, 8)[:, None], np.ones((640, 1)))
    assert alone.std() < 0.5 * often.std()


def test_p_values_by_counting() -> None:
    """Three of 99 draws at or above 0: one-sided (1 + 3) / 100, two-sided twice that."""
    draws = np.concatenate([np.full(96, -1.0), [0.0, 1.0, 2.0]])
    found = estimate(-0.9, draws)
    assert found.p_below == pytest.approx(0.04)
    assert found.p_two_sided == pytest.approx(0.08)
    other = estimate(0.9, -draws)
    assert other.p_two_sided == pytest.approx(0.08)
    assert other.p_below == pytest.approx(0.98)
    equal = estimate(0.0, np.zeros(99))
    assert equal.p_two_sided == equal.p_below == 1.0
    assert estimate(float('nan'), np.full(9, np.nan)).p_below == 1.0


def test_error_of_the_first_kind() -> None:
    """Where there is no difference, 5 % is claimed about 5 % of the time."""
    random = np.random.default_rng(3)
    bootstrap = Bootstrap(60, 800)
    differences = random.normal(size=(60, 400))
    draws = bootstrap.ratios(differences, np.ones((60, 1)))
    p_values = [
        estimate(float(differences[:, q].mean()), draws[:, q]).p_two_sided for q in range(400)
    ]
    assert 0.025 < float(np.mean(np.array(p_values) <= 0.05)) < 0.09


def test_paired_and_reproducible() -> None:
    """All statistics of one bootstrap see the same draws; a seed gives them again."""
    random = np.random.default_rng(4)
    base = random.random(50)
    bootstrap = Bootstrap(50, 500, seed=3)
    draws = bootstrap.ratios(np.stack([base, base + 0.1], axis=1), np.ones((50, 1)))
    assert np.allclose(draws[:, 1] - draws[:, 0], 0.1)
    again = Bootstrap(50, 500, seed=3).ratios(base[:, None], np.ones((50, 1)))
    assert np.allclose(again[:, 0], draws[:, 0], rtol=0, atol=1e-12)
    assert (bootstrap.weights.sum(axis=1) == 50).all()
    other = Bootstrap(50, 500, seed=4).ratios(base[:, None], np.ones((50, 1)))
    assert not np.allclose(other, again)


def test_sums_by_cluster() -> None:
    """By hand; clusters without a sample are 0."""
    values = np.array([[1, 10], [2, 20], [4, 40], [8, 80]], float)
    found = sums_by_cluster(values, np.array([2, 0, 2, 3]), 5)
    assert found.tolist() == [[2, 20], [0, 0], [5, 50], [8, 80], [0, 0]]
    flags = sums_by_cluster(np.array([[True], [True], [False]]), np.array([1, 1, 0]), 2)
    assert flags.tolist() == [[0], [2]]
    assert sums_by_cluster(np.zeros((0, 2)), np.zeros(0, int), 2).tolist() == [[0, 0], [0, 0]]


def test_what_cannot_be_drawn() -> None:
    """One cluster says nothing of others; shapes must fit."""
    with pytest.raises(InputError, match='2 clusters'):
        Bootstrap(1)
    with pytest.raises(InputError, match='100 draws'):
        Bootstrap(5, 10)
    with pytest.raises(InputError, match='sums'):
        Bootstrap(5, 100).ratios(np.ones((4, 1)), np.ones((5, 1)))


def test_mean_of_columns() -> None:
    """Statistics that a draw has no sample of are left out of its mean."""
    nan = float('nan')
    found = mean_of_columns(np.array([[1.0, 3.0], [nan, 3.0], [nan, nan]]))
    assert found[:2].tolist() == [2.0, 3.0]
    assert np.isnan(found[2])
