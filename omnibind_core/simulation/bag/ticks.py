"""When a sensor's messages are taken, stamped and received."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from omnibind_core.simulation.bag.sensor_settings import Timing
from omnibind_core.simulation.bag.timetable import Period

SECOND = 1_000_000_000
_MOST_JITTER = 0.4  # of a period: pictures never overtake one another
_APART = 1000  # ns, least time between two receptions on one topic


@dataclass(frozen=True)
class Tick:
    """One message of a sensor.

    :param number: counted from the begin of the bag, whether the sensor was plugged in or not.
    :param time: when it is taken, of a stretch its begin; s after the begin of the bag.
    :param stamp: the same by the sensor's own clock, ns of ROS time.
    :param received: ns of ROS time.
    """

    number: int
    time: float
    stamp: int
    received: int


def ticks(
    timing: Timing,
    periods: Sequence[Period],
    *,
    start: int,
    random: np.random.Generator,
    stretch: bool = False,
) -> list[Tick]:
    """A sensor's messages in order.

    Every message that there could be has its own random numbers: what happens while a sensor is
    unplugged changes nothing about the others.

    :param periods: when it is plugged in, in order.
    :param start: of the bag, ns of ROS time.
    :param stretch: messages are stretches of time from one grid point to the next.
    """
    count = int(np.ceil(periods[-1].end * timing.rate)) if periods else 0
    spread = random.standard_normal((2, count))
    phase = 0.0 if stretch else float(random.random())
    period = 1.0 / timing.rate
    most = _MOST_JITTER * period
    jitter = np.clip(spread[0] * timing.jitter_ms * 1e-3, -most, most)
    grid = (np.arange(count) + phase) * period
    times = grid if stretch else np.maximum(grid + jitter, 0.0)
    stamps = times + timing.clock_offset_ms * 1e-3 + (jitter if stretch else 0.0)
    ends = times + (period if stretch else 0.0)
    latency = (timing.latency_ms + np.abs(spread[1]) * timing.latency_jitter_ms) * 1e-3
    received = np.rint((ends + latency) * SECOND).astype(np.int64)
    # one connection delivers in order
    order = _APART * np.arange(count)
    received = np.maximum.accumulate(received - order) + order if count else received
    return [
        Tick(number, time, start + round(stamp * SECOND), start + arrival)
        for number, (time, stamp, end, arrival) in enumerate(
            zip(times.tolist(), stamps.tolist(), ends.tolist(), received.tolist(), strict=True)
        )
        if any(item.begin <= time and end <= item.end + 1e-9 for item in periods)
        and time < periods[-1].end
    ]
