"""What the adaptive window makes of whole robots: simulated traffic, several seeds, tolerances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.adaptive_window import ClosedWindow
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_core.streaming.arrival_trace import looped
from omnibind_core.streaming.arrival_trace import replay
from omnibind_core.streaming.arrival_trace import simulate
from omnibind_core.streaming.arrival_trace import Source
from omnibind_core.streaming.arrival_trace import SPACE
from omnibind_core.streaming.arrival_trace import stalled
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.outcome import Outcome

SEEDS = range(4)
START = 1000.0
DURATION = 30.0
CONTACTS = tuple((begin, begin + 1.5) for begin in np.arange(2.0, DURATION, 6.0))


class Run:
    """A trace replayed, and what came of it; delays in milliseconds."""

    def __init__(self, arrivals: Sequence[Arrival], **config: Any) -> None:
        self.window = AdaptiveWindow(WindowConfig(**config), SPACE)
        self.closed = [*replay(self.window, arrivals)]
        self.rate = len(self.closed) / DURATION
        self.delays = np.array([one.added_delay for one in self.closed]) / 1e6
        self.median = float(np.median(self.delays))
        self.fresh = float(np.mean([len(one.fresh) for one in self.closed]))
        self.held = float(np.mean([len(one.held) for one in self.closed]))
        self.timeouts = sum(one.closed_by == 'timeout' for one in self.closed)
        # what holds whatever comes
        outcomes = self.window.outcomes
        assert sum(outcomes.values()) == self.window.received == len(arrivals)
        assert self.delays.max() <= 1e3 * WindowConfig(**config).max_wait

    def share(self, sensor: str, part: str) -> float:
        """Share of the windows in which a sensor is fresh or held."""
        return float(np.mean([sensor in names(getattr(one, part)) for one in self.closed]))

    def between(self, begin: float, end: float) -> list[ClosedWindow]:
        """The windows closed between two times, seconds after the start."""
        return [one for one in self.closed if begin <= one.closed_at / 1e9 - START < end]


def names(vectors: Sequence[Any]) -> set[str]:
    return {vector.sensor for vector in vectors}


def run(*sources: Source, seed: int = 0, **config: Any) -> Run:
    return Run(simulate(sources, duration=DURATION, seed=seed, start=START), **config)


def camera(rate: float = 10.0, **more: Any) -> Source:
    return Source(name='camera', rate=rate, **more)


def lidar(rate: float = 5.0, **more: Any) -> Source:
    return Source(name='lidar', rate=rate, **more)


THERMAL = Source(name='thermal', rate=9.0)


@pytest.mark.parametrize('seed', SEEDS)
class TestExpectedSequences:
    def test_camera_thermal_lidar(self, seed: int) -> None:
        found = run(camera(), THERMAL, lidar(), seed=seed)
        assert 9.9 <= found.rate <= 11.0
        assert found.share('lidar', 'fresh') == pytest.approx(0.5, abs=0.04)
        assert found.share('lidar', 'held') == pytest.approx(0.5, abs=0.04)
        assert 5 <= found.median <= 50
        assert found.delays.max() <= 87
        assert found.timeouts <= 5

    def test_camera_and_sporadic_touch(self, seed: int) -> None:
        touch = Source(name='touch', rate=10.0, active=CONTACTS)
        found = run(camera(30.0), touch, seed=seed, sporadic=('touch',))
        assert found.rate == pytest.approx(30.0, abs=0.5)
        assert found.median == 0
        assert found.delays.max() < 40

    def test_camera_and_rare_touch(self, seed: int) -> None:
        moments = np.random.default_rng(seed).uniform(0.0, DURATION, 15)
        contacts = tuple((float(one), float(one) + 0.1) for one in moments)
        found = run(camera(30.0), Source(name='touch', rate=10.0, active=contacts), seed=seed)
        assert found.rate == pytest.approx(30.0, abs=0.5)
        assert found.median == 0

    def test_camera_and_audio(self, seed: int) -> None:
        found = run(camera(30.0), Source(name='audio', rate=2.0, span=1.0), seed=seed)
        assert found.rate == pytest.approx(30.0, abs=0.3)
        assert found.delays.max() <= 36
        assert found.window.outcomes[Outcome.SUPERSEDED] == 0
        waited = [one for one in found.closed if one.added_delay > 0]
        unneeded = [one for one in waited if 'audio' not in names(one.fresh)]
        assert len(unneeded) <= found.timeouts <= 3
        assert found.share('audio', 'held') > 0.85

    def test_two_synchronised_cameras(self, seed: int) -> None:
        pair = [Source(name=name, rate=30.0, phase=0.005) for name in ('left', 'right')]
        found = run(*pair, seed=seed)
        assert found.rate == pytest.approx(30.0, abs=0.1)
        assert found.fresh >= 1.97
        assert found.delays.max() <= 7

    def test_two_cameras_half_a_millisecond_apart(self, seed: int) -> None:
        """A missed vector must not lock the pair to each other's previous pictures."""
        pair = [
            Source(name=name, rate=30.0, phase=phase, dropped=0.02)
            for name, phase in (('left', 0.005), ('right', 0.0055))
        ]
        found = run(*pair, seed=seed)
        apart = [
            abs(one.fresh[0].stamp - one.fresh[1].stamp) / 1e6
            for one in found.closed
            if len(one.fresh) == 2
        ]
        assert np.mean(np.array(apart) < 1.0) > 0.99
        assert float(np.quantile(found.delays, 0.99)) < 10

    def test_six_sensors(self, seed: int) -> None:
        found = run(
            camera(),
            THERMAL,
            Source(name='event', rate=10.0, span=0.05),
            lidar(),
            Source(name='audio', rate=2.0, span=1.0),
            Source(name='touch', rate=10.0, active=CONTACTS),
            seed=seed,
            sporadic=('touch',),
        )
        assert 9.9 <= found.rate <= 11.5
        assert 3.4 <= found.fresh <= 3.9
        assert 1.4 <= found.held <= 2.2

    def test_a_stall_is_over_when_it_is_over(self, seed: int) -> None:
        steady = simulate([camera(), THERMAL, lidar()], duration=DURATION, seed=seed, start=START)
        found = Run(stalled(steady, START + 15.0, START + 15.3))
        before = found.between(5.0, 15.0)
        after = found.between(16.3, 26.3)
        assert np.mean([len(one.fresh) for one in before]) == pytest.approx(
            float(np.mean([len(one.fresh) for one in after])), abs=0.08
        )
        assert len(after) == pytest.approx(len(before), abs=4)


class TestDying:
    @pytest.mark.parametrize('rate', [0.2, 1.0, 2.0, 5.0, 9.7, 10.0, 30.0, 200.0])
    def test_adds_exactly_one_timeout(self, rate: float) -> None:
        """The camera's windows cover all of the event time, so the silence must be noticed."""
        dying = lidar(rate, phase=0.011, arrival_jitter=0.0, active=((0.0, 20.5),))
        steady = camera(20.0, phase=0.0, arrival_jitter=0.0)
        found = run(steady, dying)
        alive = run(steady, lidar(rate, phase=0.011, arrival_jitter=0.0))
        # in the last second the traffic ends, and with it everybody dies
        timeouts = [one for one in found.between(0.0, 29.0) if one.closed_by == 'timeout']
        assert [one for one in alive.between(0.0, 29.0) if one.closed_by == 'timeout'] == []
        assert len(timeouts) == 1
        assert timeouts[0].closed_at / 1e9 - START < 20.6 + max(1 / rate, 1.7)
        assert found.window.sensors()['lidar'].state.value == ('late' if rate < 0.4 else 'lost')

    @pytest.mark.parametrize('seed', SEEDS)
    def test_with_jitter_at_most_one_more(self, seed: int) -> None:
        dying = lidar(active=((0.0, 15.0),))
        found = run(camera(), THERMAL, dying, seed=seed)
        assert found.share('lidar', 'fresh') > 0.2
        missed = [
            one
            for one in found.between(15.0, DURATION)
            if one.closed_by == 'timeout' and {'camera', 'thermal'} <= names(one.fresh)
        ]
        assert len(missed) <= 1

    def test_the_others_go_on_and_it_returns(self) -> None:
        found = run(
            camera(phase=0.0), lidar(10.0, phase=0.005, active=((0.0, 10.0), (20.0, DURATION)))
        )
        assert np.mean(['lidar' in names(one.fresh) for one in found.between(2.0, 10.0)]) > 0.95
        silent = found.between(11.5, 20.0)
        assert all(one.missing == ('lidar',) and not one.added_delay for one in silent)
        assert len(silent) == 85
        back = found.between(20.5, DURATION)
        assert np.mean(['lidar' in names(one.fresh) for one in back]) > 0.95
        assert max(len(one.held) for one in silent) == 0


class TestChanges:
    def test_of_the_rate(self) -> None:
        found = run(
            camera(phase=0.0),
            lidar(10.0, phase=0.005, active=((0.0, 10.0),)),
            lidar(4.0, phase=0.005, active=((10.0, 20.0),)),
            lidar(20.0, phase=0.005, active=((20.0, DURATION),)),
        )
        assert found.timeouts <= 8
        assert found.window.sensors()['lidar'].period == 50_000_000
        for begin, share in ((2.0, 1.0), (14.0, 0.4), (23.0, 1.0)):
            windows = found.between(begin, begin + 6.0)
            fresh = float(np.mean(['lidar' in names(one.fresh) for one in windows]))
            assert fresh == pytest.approx(share, abs=0.08)

    @pytest.mark.parametrize('seed', SEEDS)
    def test_jitter_of_stamps_and_arrivals(self, seed: int) -> None:
        noisy = {'stamp_jitter': 0.004, 'arrival_jitter': 0.015}
        found = run(camera(phase=0.02, **noisy), lidar(10.0, phase=0.03, **noisy), seed=seed)
        assert found.fresh > 1.9
        assert found.rate < 10.6

    @pytest.mark.parametrize('seed', SEEDS)
    def test_dropped_vectors(self, seed: int) -> None:
        found = run(
            camera(phase=0.02, dropped=0.1), lidar(10.0, phase=0.03, dropped=0.1), seed=seed
        )
        # at most one timeout for each dropped vector, and the rest is complete
        dropped = 2 * DURATION * 10 - found.window.received
        assert found.timeouts <= dropped
        assert found.fresh > 1.5

    def test_a_latency_longer_than_the_period(self) -> None:
        sources = (
            Source(name='left', rate=30.0, phase=0.005, latency=0.100),
            Source(name='right', rate=30.0, phase=0.005, latency=0.030),
        )
        # Over 80 ms there are three pictures of the prompt one; the newest is taken.
        found = run(*sources)
        assert found.rate == pytest.approx(10.0, abs=0.3)
        assert found.fresh > 1.95
        # A window shorter than the period pairs each with its own.
        found = run(*sources, window=0.02)
        assert found.rate == pytest.approx(30.0, abs=0.3)
        assert found.fresh > 1.95
        assert found.window.outcomes[Outcome.LATE] < 20
        same = [
            one.fresh[0].stamp == one.fresh[1].stamp for one in found.closed if len(one.fresh) == 2
        ]
        assert np.mean(same) > 0.99

    def test_a_slow_lidar_beside_a_fast_camera(self) -> None:
        sources = camera(30.0), lidar(10.0, latency=0.120)
        found = run(*sources)
        # it can make it within max_wait, so every window waits for it
        assert found.share('lidar', 'fresh') > 0.95
        assert found.rate == pytest.approx(10.0, abs=0.5)
        impatient = run(*sources, max_wait=0.05)
        assert impatient.rate == pytest.approx(30.0, abs=0.5)
        assert impatient.delays.max() == 0
        assert impatient.share('lidar', 'held') > 0.95

    def test_touch_with_contacts_costs_a_timeout_each(self) -> None:
        touch = Source(name='touch', rate=10.0, active=CONTACTS, arrival_jitter=0.0)
        found = run(camera(30.0, arrival_jitter=0.0), touch)
        assert 1 <= found.timeouts <= len(CONTACTS)
        assert run(camera(30.0), touch, sporadic=('touch',)).timeouts <= 2

    def test_a_burst_after_a_stall_of_a_second(self) -> None:
        steady = simulate([camera(), THERMAL, lidar()], duration=DURATION, seed=0, start=START)
        found = Run(stalled(steady, START + 15.0, START + 16.0))
        burst = [one for one in found.closed if one.closed_at == round((START + 16.0) * 1e9)]
        # all at once, in stamp order, none waited for
        assert 10 <= len(burst) <= 25
        recovered = found.between(17.5, 27.5)
        assert np.mean([len(one.fresh) for one in recovered]) > 2.2

    def test_a_bag_that_loops(self) -> None:
        once = simulate([camera(), THERMAL, lidar()], duration=10.0, seed=0, start=START)
        found = Run(looped(once, 3, 10.0), hold=-1.0)
        per_loop = [len(found.between(10.0 * loop, 10.0 * loop + 10.0)) for loop in range(3)]
        assert min(per_loop) >= max(per_loop) - 4


class TestAlone:
    @pytest.mark.parametrize('rate', [0.2, 1.0, 10.0, 30.0, 200.0])
    def test_a_single_sensor_is_never_kept_waiting(self, rate: float) -> None:
        found = run(camera(rate, stamp_jitter=0.0005))
        assert len(found.closed) == found.window.received
        assert found.delays.max() == 0
        assert Counter(one.closed_by for one in found.closed) == {'complete': len(found.closed)}

    def test_a_fast_and_a_slow_one(self) -> None:
        found = run(camera(200.0), lidar(0.2, phase=1.0))
        assert found.window.outcomes[Outcome.LATE] <= 3
        assert found.median == 0
        assert sum('lidar' in names(one.fresh) for one in found.closed) >= 3
