"""Rates over a sliding window, against a plain count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest

from omnibind_core.diagnostics.rate_meter import RateMeter

SECOND = 1_000_000_000


def test_a_steady_stream_has_its_rate_from_the_first_second_on() -> None:
    """10 Hz, and nothing once it has been silent for the window."""
    meter = RateMeter(start=0)
    for number in range(100):
        now = number * SECOND // 10 + SECOND // 10
        meter.add(now)
        if now >= SECOND:
            assert meter.rate(now) == pytest.approx(10.0)
    assert meter.last == 10 * SECOND
    assert meter.rate(12 * SECOND) == pytest.approx(6.0)  # 3 of 5 s are left
    assert meter.rate(15 * SECOND) == 0.0
    assert meter.last == 10 * SECOND


def test_the_first_happening_is_no_high_rate() -> None:
    """One in the first millisecond is one a second."""
    meter = RateMeter()
    meter.add(7)
    assert meter.rate(1_000_007) == 1.0


def test_more_than_it_remembers_is_still_the_right_rate() -> None:
    """5 kHz over five seconds are 25000; 10000 are remembered."""
    meter = RateMeter(start=0)
    for number in range(25_000):
        meter.add(number * 200_000)
    assert meter.rate(25_000 * 200_000) == pytest.approx(5000.0, rel=1e-3)


def test_a_step_back_or_a_reset_starts_afresh() -> None:
    """Nothing of before is counted."""
    meter = RateMeter(start=0)
    for number in range(50):
        meter.add(100 * SECOND + number)
    meter.add(SECOND)
    assert meter.rate(SECOND) == 1.0
    assert meter.rate(0) == 0.0
    meter.add(SECOND)
    meter.reset(2 * SECOND)
    assert meter.last is None
    assert meter.rate(4 * SECOND) == 0.0


def test_threads_that_are_out_of_step_lose_nothing() -> None:
    """A status reads the clock, then the worker counts one more, then the status asks."""
    meter = RateMeter(start=0)
    for number in range(1, 51):
        meter.add(number * SECOND // 10)
    assert meter.rate(5 * SECOND - 1_000_000) == 10.0
    meter.add(5 * SECOND - 2_000_000)
    assert meter.rate(5 * SECOND) == 10.2
    assert meter.last == 5 * SECOND


@given(
    steps=st.lists(st.tuples(st.integers(0, 3 * SECOND), st.booleans()), max_size=60),
    window=st.integers(SECOND, 10 * SECOND),
)
def test_agrees_with_a_plain_count(steps: list[tuple[int, bool]], window: int) -> None:
    """Whatever is added when, and looked at when."""
    meter = RateMeter(window, start=0)
    now, times = 0, []
    for step, happens in steps:
        now += step
        if happens:
            meter.add(now)
            times.append(now)
        count = sum(now - window < time for time in times)
        covered = min(window, max(now, SECOND))
        assert meter.rate(now) == pytest.approx(count * SECOND / covered)
