"""Simulated traffic of a robot's sensors, and its replay through a window: exact and seeded."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
import math
from typing import NamedTuple
from typing import TYPE_CHECKING

from omnibind_core.streaming.config import nanoseconds
from omnibind_core.streaming.vector import Vector

if TYPE_CHECKING:
    import numpy as np

    from omnibind_core.streaming.adaptive_window import AdaptiveWindow
    from omnibind_core.streaming.closed_window import ClosedWindow

SPACE = 'simulated'


class Arrival(NamedTuple):
    """A vector reaching the fusion node at ``time``, nanoseconds."""

    time: int
    vector: Vector


@dataclass(frozen=True, kw_only=True)
class Source:
    """How one simulated sensor sends. Its publisher keeps the order of its vectors.

    Two sources of one name make a sensor that changes its rate, or comes back.

    :param name: the sensor's.
    :param rate: vectors a second, Hz.
    :param phase: first stamp after the start, seconds; drawn from one period where ``None``.
    :param latency: from stamp to arrival at the fusion node, encoding included, seconds.
    :param arrival_jitter: added to the latency, uniform in [0, this], seconds.
    :param stamp_jitter: standard deviation of the stamps (normal), seconds.
    :param dropped: share of vectors that never arrive.
    :param active: intervals in which it sends, seconds after the start; ``None``: always.
    :param span: length of what a vector covers, seconds.
    """

    name: str
    rate: float
    phase: float | None = None
    latency: float = 0.030
    arrival_jitter: float = 0.003
    stamp_jitter: float = 0.0
    dropped: float = 0.0
    active: tuple[tuple[float, float], ...] | None = None
    span: float = 0.0


def simulate(
    sources: Sequence[Source], *, duration: float, seed: int, start: float = 1000.0
) -> list[Arrival]:
    """The vectors of all sources in order of arrival.

    :param duration: stamps end this long after the start, seconds.
    :param seed: of the random numbers; every source draws its own, whatever the others do.
    :param start: ROS time at which the traffic begins, seconds.
    """
    import numpy as np

    arrivals: list[Arrival] = []
    latest: dict[str, int] = {}
    for index, source in enumerate(sources):
        generator = np.random.default_rng([seed, index])
        for arrival in _send(source, duration, start, generator):
            # A publisher's vectors never overtake each other.
            time = max(arrival.time, latest.get(source.name, arrival.time))
            latest[source.name] = time
            arrivals.append(Arrival(time, replace(arrival.vector, received=time)))
    return sorted(arrivals, key=lambda arrival: (arrival.time, arrival.vector.sensor))


def stalled(arrivals: Iterable[Arrival], begin: float, end: float) -> list[Arrival]:
    """The same with a stall: what would arrive between two times (seconds) arrives at the second.

    The order is kept, as by a queue.
    """
    first, last = nanoseconds(begin), nanoseconds(end)
    return [
        arrival._replace(time=last) if first <= arrival.time < last else arrival
        for arrival in arrivals
    ]


def looped(arrivals: Sequence[Arrival], times: int, length: float) -> list[Arrival]:
    """A bag played several times over while the clock goes on: equal stamps, later arrivals.

    :param length: of one loop, seconds.
    """
    step = nanoseconds(length)
    return [
        arrival._replace(time=arrival.time + loop * step)
        for loop in range(times)
        for arrival in arrivals
    ]


def replay(window: AdaptiveWindow, arrivals: Iterable[Arrival]) -> Iterator[ClosedWindow]:
    """Drive a window as an ideal node does, polling at each deadline; yields what closes.

    A deadline at the time of an arrival comes after it. At the end the last deadline is awaited.
    """
    for arrival in arrivals:
        yield from until(window, arrival.time)
        yield from window.receive(arrival.vector, arrival.time)
    yield from until(window, math.inf)


def until(window: AdaptiveWindow, time: float) -> Iterator[ClosedWindow]:
    """Poll a window at each of its deadlines before a time (ns); yields what closes."""
    while (deadline := window.next_deadline()) is not None and deadline < time:
        yield from window.poll(deadline)


def _send(
    source: Source, duration: float, start: float, generator: np.random.Generator
) -> Iterator[Arrival]:
    period = 1.0 / source.rate
    phase = generator.uniform(0.0, period) if source.phase is None else source.phase
    for seq in range(max(math.ceil((duration - phase) * source.rate), 0)):
        at = phase + seq * period
        shifted, delay, luck = generator.normal(), generator.uniform(), generator.uniform()
        if luck < source.dropped or not _active(source, at):
            continue
        stamp = nanoseconds(start + at + shifted * source.stamp_jitter)
        time = nanoseconds(start + at + source.latency + delay * source.arrival_jitter)
        vector = Vector(
            sensor=source.name,
            modality=source.name,
            stamp=stamp,
            span=nanoseconds(source.span),
            received=time,
            seq=seq,
            informative=True,
            space=SPACE,
            payload=None,
            encode_ms=0.0,
        )
        yield Arrival(time, vector)


def _active(source: Source, at: float) -> bool:
    return source.active is None or any(begin <= at < end for begin, end in source.active)
