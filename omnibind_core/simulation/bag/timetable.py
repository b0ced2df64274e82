"""What is when: stops, and each sensor's presence and lies."""

from __future__ import annotations

from dataclasses import dataclass

from omnibind_core.simulation.bag.settings import BagSettings
from omnibind_core.simulation.bag.settings import Lie


@dataclass(frozen=True)
class Period:
    """A stretch of time.

    :param begin: s after the begin of the bag, included.
    :param end: likewise, not included.
    """

    begin: float
    end: float

    def __contains__(self, time: object) -> bool:
        return isinstance(time, float) and self.begin <= time < self.end


def stop_periods(settings: BagSettings) -> tuple[Period, ...]:
    """When the robot is at each stop."""
    begins = (0.0, *settings.ends[:-1])
    return tuple(Period(begin, end) for begin, end in zip(begins, settings.ends, strict=True))


def presence(settings: BagSettings, sensor: str) -> tuple[Period, ...]:
    """When a sensor is plugged in, in order: from then to the end, without its outages."""
    begin = settings.timing(sensor).plugged_in
    found = []
    own = sorted((item.begin, item.end) for item in settings.outages if item.sensor == sensor)
    for lost, back in own:
        if lost > begin:
            found.append(Period(begin, lost))
        begin = max(begin, back)
    if begin < settings.duration:
        found.append(Period(begin, settings.duration))
    return tuple(found)


def lie_at(settings: BagSettings, sensor: str, time: float) -> Lie | None:
    """How a sensor is wrong at a time, or ``None``."""
    for lie in settings.lies:
        if lie.sensor == sensor and lie.begin <= time < lie.end:
            return lie
    return None
