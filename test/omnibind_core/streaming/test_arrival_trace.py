"""The traffic simulator: it must do what it says, or every figure from it is void."""

from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_core.streaming.arrival_trace import looped
from omnibind_core.streaming.arrival_trace import replay
from omnibind_core.streaming.arrival_trace import simulate
from omnibind_core.streaming.arrival_trace import Source
from omnibind_core.streaming.arrival_trace import SPACE
from omnibind_core.streaming.arrival_trace import stalled
from omnibind_core.streaming.config import WindowConfig

SECOND = 1_000_000_000


def seconds(arrivals: list[Arrival]) -> np.ndarray:
    return np.array([[one.vector.stamp, one.time] for one in arrivals]) / SECOND


def test_regular_traffic() -> None:
    source = Source(name='camera', rate=10.0, phase=0.05, latency=0.03, arrival_jitter=0.0)
    found = simulate([source], duration=1.0, seed=0, start=100.0)
    expected = 100.05 + np.arange(10) / 10
    np.testing.assert_allclose(seconds(found)[:, 0], expected, atol=1e-9)
    np.testing.assert_allclose(seconds(found)[:, 1], expected + 0.03, atol=1e-9)
    assert [one.vector.seq for one in found] == list(range(10))
    assert {one.vector.space for one in found} == {SPACE}
    assert all(one.vector.received == one.time for one in found)


def test_a_seed_makes_it_again_and_another_does_not() -> None:
    sources = [Source(name='camera', rate=10.0, stamp_jitter=0.001, dropped=0.1)]
    assert simulate(sources, duration=5.0, seed=3) == simulate(sources, duration=5.0, seed=3)
    assert simulate(sources, duration=5.0, seed=3) != simulate(sources, duration=5.0, seed=4)


def test_a_sensor_is_the_same_whoever_is_beside_it() -> None:
    camera = Source(name='camera', rate=10.0)
    alone = simulate([camera], duration=5.0, seed=0)
    together = simulate([camera, Source(name='lidar', rate=7.0)], duration=5.0, seed=0)
    assert alone == [one for one in together if one.vector.sensor == 'camera']


def test_jitter_latency_and_losses() -> None:
    source = Source(
        name='camera', rate=100.0, phase=0.0, latency=0.02, arrival_jitter=0.004,
        stamp_jitter=0.001, dropped=0.25,
    )  # fmt: skip
    found = simulate([source], duration=100.0, seed=0, start=0.0)
    assert len(found) == pytest.approx(7500, rel=0.02)
    ideal = np.array([one.vector.seq for one in found]) / 100.0
    stamps, times = seconds(found).T
    assert np.std(stamps - ideal) == pytest.approx(0.001, rel=0.05)
    delay = times - ideal
    assert delay.min() == pytest.approx(0.020, abs=1e-5)
    assert delay.max() == pytest.approx(0.024, abs=1e-5)
    assert delay.mean() == pytest.approx(0.022, abs=1e-4)


def test_a_publisher_keeps_the_order_of_its_vectors() -> None:
    source = Source(name='camera', rate=100.0, arrival_jitter=0.05)
    found = simulate([source], duration=5.0, seed=0)
    assert [one.vector.seq for one in found] == list(range(500))
    assert (np.diff(seconds(found)[:, 1]) >= 0).all()


def test_all_in_order_of_arrival_and_only_while_active() -> None:
    sources = [
        Source(name='touch', rate=10.0, active=((1.0, 2.0), (3.0, 3.5))),
        Source(name='camera', rate=30.0, latency=0.2),
    ]
    found = simulate(sources, duration=5.0, seed=0, start=0.0)
    assert [one.time for one in found] == sorted(one.time for one in found)
    touched = [one.vector.stamp / SECOND for one in found if one.vector.sensor == 'touch']
    assert len(touched) == 15
    assert all(1.0 <= at < 2.0 or 3.0 <= at < 3.5 for at in touched)


def test_a_stall_delays_what_falls_into_it() -> None:
    found = simulate([Source(name='camera', rate=10.0, phase=0.0)], duration=2.0, seed=0, start=0.0)
    held_up = stalled(found, 0.5, 1.0)
    for before, after in zip(found, held_up, strict=True):
        assert after.vector == before.vector
        inside = SECOND // 2 <= before.time < SECOND
        assert after.time == (SECOND if inside else before.time)


def test_a_loop_repeats_the_stamps() -> None:
    found = simulate([Source(name='camera', rate=10.0)], duration=2.0, seed=0)
    again = looped(found, 3, 2.0)
    assert len(again) == 3 * len(found)
    assert [one.vector for one in again] == [one.vector for one in found] * 3
    assert again[len(found)].time == found[0].time + 2 * SECOND


def test_replay_polls_in_time_and_to_the_end() -> None:
    sources = [
        Source(name='camera', rate=10.0, phase=0.0, arrival_jitter=0.0),
        Source(name='lidar', rate=10.0, phase=0.0, latency=0.05, arrival_jitter=0.0),
    ]
    found = simulate(sources, duration=5.0, seed=0, start=100.0)
    found.remove(max(found))  # the last of the lidar
    window = AdaptiveWindow(WindowConfig(), SPACE)
    closed = [*replay(window, found)]
    assert window.undecided == 0
    # the last window was given up when its time had come: latency and a grace of 1 ms
    assert closed[-1].closed_by == 'timeout'
    assert closed[-1].closed_at == pytest.approx(round(104.951 * SECOND), abs=2)
