"""Patterns of floors and walls."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.simulation.surface_pattern import KINDS
from omnibind_core.simulation.surface_pattern import SIDE
from omnibind_core.simulation.surface_pattern import SurfacePattern


def drawn(seed: int, period: float = 1.0) -> SurfacePattern:
    return SurfacePattern.drawn(np.random.default_rng(seed), period)


def along(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_reflectances_are_those_of_real_surfaces(seed: int) -> None:
    pattern = drawn(seed)
    assert [len(level) for level in pattern.levels] == [128, 64, 32, 16, 8, 4, 2, 1]
    for level in pattern.levels:
        assert level.dtype == np.float32
        assert 0.0 < level.min() <= level.max() < 1.0
    means = np.array([level.mean(axis=(0, 1), dtype=np.float64) for level in pattern.levels])
    np.testing.assert_allclose(means, means[:1].repeat(8, axis=0), rtol=1e-4)


def test_it_repeats_without_a_seam() -> None:
    """Values one period on are the same, and the step over the edge is like any other."""
    for seed in range(12):
        pattern = drawn(seed, 0.5)
        u = np.random.default_rng(seed).uniform(-1, 1, 50)
        sharp = np.full(50, 1e-4, np.float32)
        here = pattern.at(along(u), along(u * 0.7), sharp)
        there = pattern.at(along(u + 1.5), along(u * 0.7 - 2.0), sharp)
        np.testing.assert_allclose(here, there, atol=2e-3)
    noisy = next(item for seed in range(99) if (item := drawn(seed)).kind == 'plaster').levels[0]
    inside = np.abs(np.diff(noisy, axis=0)).mean()
    assert np.abs(noisy[0] - noisy[-1]).mean() < 2 * inside


def test_texel_centres_give_texels() -> None:
    """And half-way between two their mean: by hand."""
    pattern = drawn(4, 2.0)
    centre = along([(7 + 0.5) / SIDE * 2.0])
    row = along([(90 + 0.5) / SIDE * 2.0])
    between = along([(8.0) / SIDE * 2.0])
    fine = along([1e-3])
    texels = pattern.levels[0]
    np.testing.assert_allclose(pattern.at(centre, row, fine)[0], texels[90, 7], atol=1e-5)
    mean = (texels[90, 7] + texels[90, 8]) / 2
    np.testing.assert_allclose(pattern.at(between, row, fine)[0], mean, atol=1e-5)


def test_far_away_it_is_even() -> None:
    pattern = next(item for seed in range(99) if (item := drawn(seed)).kind == 'checks')
    u = along(np.random.default_rng(0).uniform(-5, 5, 200))
    spread = [
        float(pattern.at(u, u[::-1].copy(), np.full(200, size, np.float32)).std(axis=0).max())
        for size in (0.005, 0.6, 1.0, 50.0)
    ]
    assert spread[0] > spread[1]
    assert spread[2] < 1e-6
    assert spread[3] < 1e-6


def test_every_kind_is_drawn_as_often_as_stated() -> None:
    assert sum(KINDS.values()) == pytest.approx(1.0)
    counts = Counter(drawn(seed).kind for seed in range(400))
    for kind, share in KINDS.items():
        assert counts[kind] == pytest.approx(400 * share, abs=4.5 * np.sqrt(400 * share))


def test_the_generator_decides() -> None:
    assert np.array_equal(drawn(5).levels[0], drawn(5).levels[0])
    assert not np.array_equal(drawn(5).levels[0], drawn(6).levels[0])
