from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.streaming.stream_clock import StreamClock

MS = 1_000_000
SECOND = 1_000 * MS


def test_the_first_stamp_sets_the_offset() -> None:
    clock = StreamClock(5 * SECOND, 100 * SECOND)
    assert clock.to_ros(6 * SECOND) == 101 * SECOND
    assert clock.to_own(101 * SECOND) == 6 * SECOND
    assert clock.error(6 * SECOND, 101 * SECOND + 7) == 7


def test_a_step_is_a_thousandth_of_the_time_that_went_by() -> None:
    clock = StreamClock(0, 0)
    clock.follow(SECOND, SECOND + 50 * MS)
    assert clock.to_ros(0) == MS
    clock.follow(2 * SECOND, 2 * SECOND - 50 * MS)
    assert clock.to_ros(0) == 0
    clock.follow(3 * SECOND, 3 * SECOND + 5)
    assert clock.to_ros(0) == 5


def test_time_that_does_not_go_on_changes_nothing() -> None:
    clock = StreamClock(SECOND, SECOND)
    for own in (SECOND, SECOND // 2):
        clock.follow(own, 10 * SECOND)
    assert clock.to_ros(0) == 0


def test_time_that_went_by_counts_once() -> None:
    clock = StreamClock(0, 0)
    for own in (SECOND, 0, SECOND, 0, SECOND):
        clock.follow(own, own + SECOND)
    assert clock.to_ros(0) == MS


@pytest.mark.parametrize('drift', [-200e-6, 100e-6])
def test_drift_is_followed_and_jitter_is_not(drift: float) -> None:
    """An hour of messages every 100 ms, their stamps late by 0 to 20 ms, one in fifty by 200 ms."""
    rng = np.random.default_rng(0)
    period = 100 * MS
    late = rng.uniform(0, 20 * MS, 36_000) + 200 * MS * (rng.random(36_000) < 0.02)
    clock = StreamClock(0, int(late[0]))
    errors = []
    for index, delay in enumerate(late):
        own = index * period
        exact = round(own * (1 + drift))
        clock.follow(own, exact + int(delay))
        errors.append(clock.to_ros(own) - exact)
    settled = np.array(errors[1000:]) / MS
    assert settled.min() > 5
    assert settled.max() < 15  # the median of the lateness is 10 ms
    assert abs(settled.mean() - 10) < 2.5
