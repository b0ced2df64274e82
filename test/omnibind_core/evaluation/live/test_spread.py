"""Percentiles, slopes and gaps, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from omnibind_core.evaluation.live.spread import first_and_last
from omnibind_core.evaluation.live.spread import longest_gap
from omnibind_core.evaluation.live.spread import slope
from omnibind_core.evaluation.live.spread import Spread
from omnibind_core.evaluation.live.spread import spread


def test_percentiles_are_values_that_occurred() -> None:
    """Of 1 to 200 in any order: the 100th, the 198th, the last."""
    values = np.random.default_rng(3).permutation(np.arange(1.0, 201.0)).tolist()
    assert spread(values) == Spread(200, 100.0, 198.0, 200.0)
    for percent, found in ((50, spread(values).p50), (99, spread(values).p99)):
        assert found == np.percentile(values, percent, method='inverted_cdf')


def test_one_value_is_every_percentile() -> None:
    assert spread([7.5]) == Spread(1, 7.5, 7.5, 7.5)
    assert spread([7.5]).figures('ms') == {'ms_p50': 7.5, 'ms_p99': 7.5, 'ms_max': 7.5}


def test_no_value_has_no_percentile() -> None:
    with pytest.raises(ValueError, match='no values'):
        spread([])


def test_slope_is_that_of_the_line_of_least_squares() -> None:
    """(0, 1), (1, 3), (2, 2): mean (1, 2), so (1*1 + 0 + 1*0) / 2."""
    assert slope([0.0, 1.0, 2.0], [1.0, 3.0, 2.0]) == pytest.approx(0.5)
    random = np.random.default_rng(0)
    times = random.random(50).tolist()
    values = random.random(50).tolist()
    assert slope(times, values) == pytest.approx(np.polyfit(times, values, 1)[0])


def test_nothing_grows_at_one_moment() -> None:
    assert slope([], []) == 0.0
    assert slope([4.0, 4.0], [1.0, 9.0]) == 0.0
    with pytest.raises(ValueError, match='1 times for 2 values'):
        slope([1.0], [1.0, 2.0])


def test_the_longest_gap_counts_both_ends() -> None:
    """Events outside do not count, and nothing at all is one long gap."""
    assert longest_gap([3.0, 1.0, 4.5], 0.0, 5.0) == 2.0
    assert longest_gap([1.0], 0.0, 5.0) == 4.0
    assert longest_gap([4.0], 0.0, 5.0) == 4.0
    assert longest_gap([-1.0, 9.0], 0.0, 5.0) == 5.0


def test_stretches_show_the_same_part_of_the_recording() -> None:
    """300 s of a 73 s bag: the last minute begins at 240 s, three rounds after 21 s."""
    assert first_and_last(300.0, 73.0, 60.0) == (21.0, 240.0)
    first, last = first_and_last(200.0, 30.0, 60.0)
    assert (last, math.remainder(last - first, 30.0)) == (140.0, 0.0)


@pytest.mark.parametrize('duration', [60.0, 90.0, 120.0])
def test_a_short_run_compares_with_its_begin(duration: float) -> None:
    """There is no round before the last stretch."""
    assert first_and_last(duration, 73.0, 60.0) == (0.0, duration - 60.0)
