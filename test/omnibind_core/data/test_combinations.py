"""Random subsets of modalities."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.data.combinations import Combinations
from omnibind_core.errors import ConfigError
from omnibind_core.modalities.registry import NAMES
from omnibind_core.modalities.registry import SENSOR_NAMES


def test_every_subset_comes_up_and_sizes_are_even() -> None:
    """All 63 subsets of six sensors; sizes within four standard deviations of uniform."""
    drawn = Combinations(SENSOR_NAMES)
    random = np.random.default_rng(0)
    count = 12_000
    found = Counter(drawn.draw(random, SENSOR_NAMES) for _ in range(count))
    every = {subset for size in range(1, 7) for subset in combinations(SENSOR_NAMES, size)}
    assert set(found) == every
    deviation = math.sqrt(count * (1 / 6) * (5 / 6))
    for size in range(1, 7):
        total = sum(number for subset, number in found.items() if len(subset) == size)
        assert abs(total - count / 6) < 4 * deviation
    # all subsets of one size are alike: 20 of size 3, expected 100 each
    triples = [number for subset, number in found.items() if len(subset) == 3]
    assert max(triples) < 160 > 40 < min(triples)


def test_weights_and_sizes() -> None:
    """First draws go by weight; sizes by their chances; a weight of 0 leaves out."""
    random = np.random.default_rng(1)
    drawn = Combinations(('image', 'audio', 'touch'), {'image': 3.0, 'touch': 0.0}, (1.0, 0.0, 0.0))
    found = Counter(drawn.draw(random, NAMES) for _ in range(4000))
    assert set(found) == {('image',), ('audio',)}
    assert abs(found[('image',)] - 3000) < 4 * math.sqrt(4000 * 0.75 * 0.25)


@given(
    available=st.sets(st.sampled_from(NAMES)),
    modalities=st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    seed=st.integers(0, 100),
    sizes=st.booleans(),
)
def test_only_what_is_there(
    available: set[str], modalities: list[str], seed: int, sizes: bool
) -> None:
    """Never empty if something is there; in order; each once."""
    chances = (0.0,) * (len(modalities) - 1) + (1.0,) if sizes else ()
    drawn = Combinations(tuple(modalities), {}, chances)
    got = drawn.draw(np.random.default_rng(seed), sorted(available))
    possible = [name for name in modalities if name in available]
    assert bool(got) == bool(possible)
    assert list(got) == [name for name in possible if name in got]
    if sizes:  # only the largest is wanted
        assert list(got) == possible


@pytest.mark.parametrize(
    ('modalities', 'weights', 'sizes'),
    [
        (('smell',), {}, ()),
        (('image', 'image'), {}, ()),
        ((), {}, ()),
        (('image',), {'image': -1.0}, ()),
        (('image',), {'image': 0.0}, ()),
        (('image',), {'audio': 1.0}, ()),
        (('image',), {}, (1.0, 1.0)),
        (('image',), {}, (0.0,)),
        (('image',), {'image': float('nan')}, ()),
    ],
)
def test_unusable_settings(
    modalities: tuple[str, ...], weights: dict[str, float], sizes: tuple[float, ...]
) -> None:
    """One ConfigError."""
    with pytest.raises(ConfigError):
        Combinations(modalities, weights, sizes)
