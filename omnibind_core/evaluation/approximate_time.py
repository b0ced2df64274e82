"""The synchronizer that ROS users know, driven by simulated traffic for comparison.

``message_filters`` is imported where it is used, since this package runs without ROS. Its filters
take anything that has a ``header.stamp``; vectors are handed over in such a shape.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from omnibind_core.errors import UnavailableError
from omnibind_core.streaming.arrival_trace import Arrival

SECOND = 1_000_000_000


@dataclass(frozen=True)
class SynchronizedSet:
    """One set that the synchronizer passed on.

    :param time: when, nanoseconds.
    :param members: its vectors with their arrivals, in the order of the sensors.
    """

    time: int
    members: tuple[Arrival, ...]


def synchronize(
    arrivals: Iterable[Arrival], sensors: Sequence[str], *, slop: float, queue_size: int
) -> list[SynchronizedSet]:
    """The sets that ``message_filters.ApproximateTimeSynchronizer`` makes of a trace.

    :param sensors: the fixed list that it synchronizes.
    :param slop: largest difference of stamps within a set, seconds.
    :param queue_size: vectors kept of each sensor.
    :raises UnavailableError: without message_filters.
    """
    try:
        interfaces = import_module('builtin_interfaces.msg')
        message_filters = import_module('message_filters')
    except ImportError as error:
        raise UnavailableError(
            f'{error.name} is not installed: it comes with ROS (ros-<distro>-message-filters), '
            'source its setup first'
        ) from error
    filters = {sensor: message_filters.SimpleFilter() for sensor in sensors}
    synchronizer = message_filters.ApproximateTimeSynchronizer(
        [*filters.values()], queue_size, slop
    )
    sets: list[SynchronizedSet] = []
    now = 0

    def collect(*messages: Any) -> None:
        sets.append(SynchronizedSet(now, tuple(message.arrival for message in messages)))

    synchronizer.registerCallback(collect)
    for arrival in arrivals:
        now = arrival.time
        sec, nanosec = divmod(arrival.vector.stamp, SECOND)
        header = SimpleNamespace(stamp=interfaces.Time(sec=sec, nanosec=nanosec))
        message = SimpleNamespace(header=header, arrival=arrival)
        filters[arrival.vector.sensor].signalMessage(message)
    return sets
