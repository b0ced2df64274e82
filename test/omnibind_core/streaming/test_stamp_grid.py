"""Decimation on a grid of stamps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.streaming.stamp_grid import SECOND
from omnibind_core.streaming.stamp_grid import StampGrid


@pytest.mark.parametrize(('incoming', 'wanted'), [(30, 10), (30, 15), (60, 10), (10, 10), (9, 10)])
@pytest.mark.parametrize('jitter', [0.0, 0.003])
def test_the_wanted_rate_comes_out_despite_jitter(
    incoming: float, wanted: float, jitter: float
) -> None:
    """Within 5 %, and never more than the grid allows. `last + 1/rate` would give 7.5 of 10 Hz."""
    random = np.random.default_rng(0)
    count = 3000
    stamps = 10**9 + (np.arange(count) / incoming + random.normal(0, jitter, count)) * SECOND
    grid = StampGrid(wanted)
    passed = sum(grid.accepts(int(stamp)) for stamp in np.sort(stamps))
    rate = passed / (count / incoming)
    expected = min(incoming, wanted)
    # Where both rates are equal, a jittering stamp may fall twice into one cell and be dropped.
    slack = 0.25 if incoming == wanted else 0.05
    assert expected * (1 - slack) <= rate <= expected * 1.001


def test_zero_lets_everything_through() -> None:
    """Also what goes backwards."""
    grid = StampGrid(0)
    assert all(grid.accepts(stamp) for stamp in (5, 5, 3, 9))


def test_a_clock_set_back_starts_anew() -> None:
    """A bag loop must not silence the sensor; a message out of order is dropped."""
    grid = StampGrid(10)
    assert grid.accepts(100 * SECOND)
    assert not grid.accepts(100 * SECOND - SECOND // 2)
    assert grid.accepts(50 * SECOND)
    assert grid.accepts(51 * SECOND)


@given(
    stamps=st.lists(st.integers(0, 20 * SECOND), min_size=1, max_size=50),
    rate=st.floats(0.1, 200),
)
def test_never_two_in_one_cell(stamps: list[int], rate: float) -> None:
    """Whatever comes, in order: at most one a cell, and the first always passes."""
    grid = StampGrid(rate)
    period = round(SECOND / rate)
    passed = [stamp for stamp in sorted(stamps) if grid.accepts(stamp)]
    assert passed[0] == min(stamps)
    cells = [stamp // period for stamp in passed]
    assert len(cells) == len(set(cells))
