"""Simulated time between ticks, by hand."""

from __future__ import annotations

from omnibind_core.evaluation.live.simulated_clock import SimulatedClock


def test_the_least_late_tick_counts() -> None:
    """Ticks 0, 25, 50 that come 3, 1 and 9 after system time 1000 + what they say."""
    clock = SimulatedClock(window=1000)
    clock.ticks([1003, 1026, 1059], [0, 25, 50])
    assert clock.at(1003) == 0
    assert clock.at(1030) == 29
    assert clock.at(1060) == 59


def test_a_clock_that_was_held_back_is_followed() -> None:
    """What is older than the window no longer counts."""
    clock = SimulatedClock(window=100)
    clock.ticks([1000, 1050, 1300], [0, 50, 100])
    assert clock.at(1050) == 50
    assert clock.at(1310) == 110


def test_without_a_tick_there_is_no_time() -> None:
    clock = SimulatedClock(window=100)
    assert clock.at(5) is None
    clock.ticks([1000], [0])
    assert clock.at(999) is None
    assert clock.at(1101) is None
