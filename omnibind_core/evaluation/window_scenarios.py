"""The arrival traces on which windows are compared: what robots' sensors do, simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_core.streaming.arrival_trace import looped
from omnibind_core.streaming.arrival_trace import simulate
from omnibind_core.streaming.arrival_trace import Source
from omnibind_core.streaming.arrival_trace import stalled
from omnibind_core.streaming.config import nanoseconds

START = 1000.0


@dataclass(frozen=True)
class Scenario:
    """A named trace.

    :param name: as printed.
    :param sources: the sensors, for a duration of the traffic in seconds.
    :param sporadic: sensors configured as sporadic.
    :param change: what happens to the traffic on the way, ``(arrivals, duration) -> arrivals``.
    """

    name: str
    sources: Callable[[float], tuple[Source, ...]]
    sporadic: tuple[str, ...] = ()
    change: Callable[[list[Arrival], float], list[Arrival]] | None = None

    def arrivals(self, *, duration: float, seed: int) -> list[Arrival]:
        """The traffic of this scenario, in order of arrival; ``duration`` in seconds."""
        simulated = simulate(self.sources(duration), duration=duration, seed=seed, start=START)
        return simulated if self.change is None else self.change(simulated, duration)

    def sensors(self, duration: float) -> tuple[str, ...]:
        """The names of its sensors, sorted."""
        return tuple(sorted({source.name for source in self.sources(duration)}))


CAMERA = Source(name='camera', rate=10.0)
FAST_CAMERA = Source(name='camera', rate=30.0)
THERMAL = Source(name='thermal', rate=9.0)
LIDAR = Source(name='lidar', rate=5.0)


def _contacts(duration: float) -> tuple[tuple[float, float], ...]:
    """A finger that touches for 1.5 s in every 6 s."""
    return tuple((begin, begin + 1.5) for begin in _steps(2.0, duration, 6.0))


def _taps(duration: float) -> tuple[tuple[float, float], ...]:
    """A finger that taps, every other second on average and unevenly: one vector each."""
    return tuple(
        (begin + 0.7 * (index % 3), begin + 0.7 * (index % 3) + 0.1)
        for index, begin in enumerate(_steps(1.0, duration, 2.0))
    )


def _steps(first: float, end: float, step: float) -> list[float]:
    return [first + step * index for index in range(int(max(end - first, 0.0) / step) + 1)]


def _touch(active: tuple[tuple[float, float], ...]) -> Source:
    return Source(name='touch', rate=10.0, active=active)


def _stall_often(arrivals: list[Arrival], duration: float) -> list[Arrival]:
    for begin in _steps(5.0, duration, 5.0):
        arrivals = stalled(arrivals, START + begin, START + begin + 0.3)
    return arrivals


def _loop(arrivals: list[Arrival], duration: float) -> list[Arrival]:
    """The first third of the traffic, three times."""
    third = duration / 3.0
    end = nanoseconds(START + third)
    return looped([one for one in arrivals if one.vector.stamp < end], 3, third)


SCENARIOS = (
    Scenario('one camera 10 Hz', lambda _: (CAMERA,)),
    Scenario('camera 10 + thermal 9 + lidar 5 Hz', lambda _: (CAMERA, THERMAL, LIDAR)),
    Scenario(
        'two synchronised cameras 30 Hz',
        lambda _: (
            Source(name='left', rate=30.0, phase=0.005),
            Source(name='right', rate=30.0, phase=0.005),
        ),
    ),
    Scenario(
        'camera 30 Hz + sporadic touch',
        lambda duration: (FAST_CAMERA, _touch(_contacts(duration))),
        sporadic=('touch',),
    ),
    Scenario(
        'camera 30 Hz + touch 0.5 Hz', lambda duration: (FAST_CAMERA, _touch(_taps(duration)))
    ),
    Scenario(
        'camera 30 + audio 2 Hz',
        lambda _: (FAST_CAMERA, Source(name='audio', rate=2.0, span=1.0)),
    ),
    Scenario(
        'six sensors',
        lambda duration: (
            CAMERA,
            THERMAL,
            Source(name='event', rate=10.0),
            LIDAR,
            Source(name='audio', rate=2.0, span=1.0),
            _touch(_contacts(duration)),
        ),
        sporadic=('touch',),
    ),
    Scenario(
        'lidar dies half-way',
        lambda duration: (
            CAMERA,
            THERMAL,
            Source(name='lidar', rate=5.0, active=((0.0, duration / 2.0),)),
        ),
    ),
    Scenario(
        'one vector in 20 dropped, stamps +-2 ms',
        lambda _: tuple(
            Source(name=name, rate=rate, dropped=0.05, stamp_jitter=0.002)
            for name, rate in (('camera', 10.0), ('thermal', 9.0), ('lidar', 5.0))
        ),
    ),
    Scenario(
        'lidar 120 ms behind a camera 30 Hz',
        lambda _: (FAST_CAMERA, Source(name='lidar', rate=10.0, latency=0.120)),
    ),
    Scenario(
        'a stall of 0.3 s every 5 s',
        lambda _: (CAMERA, THERMAL, LIDAR),
        change=_stall_often,
    ),
    Scenario(
        'a bag played 3 times, clock going on',
        lambda _: (CAMERA, THERMAL, LIDAR),
        change=_loop,
    ),
)
