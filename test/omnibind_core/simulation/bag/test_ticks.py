"""When messages are taken, stamped and received."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from omnibind_core.data.seeding import generator
from omnibind_core.simulation.bag.sensor_settings import Timing
from omnibind_core.simulation.bag.ticks import Tick
from omnibind_core.simulation.bag.ticks import ticks
from omnibind_core.simulation.bag.timetable import Period

START = 1_700_000_000_000_000_000
TIMING = Timing(
    rate=10.0, jitter_ms=3.0, clock_offset_ms=-12.0, latency_ms=30.0, latency_jitter_ms=5.0
)


def made(timing: Timing, periods: list[Period], *, stretch: bool = False) -> list[Tick]:
    """With one seed."""
    return ticks(timing, periods, start=START, random=generator('t'), stretch=stretch)


def test_pictures() -> None:
    """On a grid with jitter; stamped by a clock that is off; received later."""
    found = made(TIMING, [Period(0.0, 200.0)])
    times = np.array([tick.time for tick in found])
    assert len(found) in (1999, 2000)
    gaps = np.diff(times)
    assert abs(gaps.mean() - 0.1) < 1e-4
    # two jitters to a gap
    assert abs(gaps.std() - 0.003 * np.sqrt(2.0)) < 3e-4
    stamps = np.array([tick.stamp - START for tick in found]) * 1e-9
    np.testing.assert_allclose(stamps, times - 0.012, atol=2e-9)
    latency = np.array([tick.received - START for tick in found]) * 1e-9 - times
    assert latency.min() >= 0.03 - 1e-8
    # mean of the absolute value of a normal distribution
    assert abs(latency.mean() - 0.03 - 0.005 * np.sqrt(2.0 / np.pi)) < 3e-4


def test_stretches() -> None:
    """Lie on the grid without a gap; only their stamps jitter; latency counts from their end."""
    found = made(TIMING, [Period(0.0, 50.0)], stretch=True)
    np.testing.assert_allclose([tick.time for tick in found], np.arange(500) / 10.0)
    stamps = np.array([tick.stamp - START for tick in found]) * 1e-9
    off = stamps - np.arange(500) / 10.0
    assert abs(off.mean() + 0.012) < 5e-4
    assert abs(off.std() - 0.003) < 3e-4
    assert min(tick.received - START - round(tick.time * 1e9) for tick in found) >= 130_000_000


@given(
    st.floats(0.5, 200.0),
    st.floats(0.0, 100.0),
    st.floats(0.0, 300.0),
    st.lists(st.floats(0.1, 2.0), min_size=1, max_size=6),
    st.booleans(),
)
def test_order(
    rate: float, jitter: float, latency: float, lengths: list[float], stretch: bool
) -> None:
    """Whatever the settings: in order, each within a period, received in order and not before."""
    edges = np.cumsum([0.0, *lengths]).tolist()
    periods = [Period(*pair) for pair in zip(edges[::2], edges[1::2], strict=False)]
    timing = Timing(rate=rate, jitter_ms=jitter, latency_ms=5.0, latency_jitter_ms=latency)
    found = made(timing, periods, stretch=stretch)
    for tick in found:
        assert any(tick.time in period for period in periods)
        assert tick.received >= START + round(tick.time * 1e9)
    for before, after in pairwise(found):
        assert before.time < after.time
        assert before.received < after.received


def test_an_outage_changes_nothing_else() -> None:
    """The other messages are the same as without it."""
    whole = made(TIMING, [Period(0.0, 10.0)])
    broken = made(TIMING, [Period(0.0, 3.0), Period(5.0, 10.0)])
    assert set(broken) < set(whole)
    assert len(whole) - len(broken) == 20
    assert not any(3.0 <= tick.time < 5.0 for tick in broken)
    assert made(TIMING, []) == []
