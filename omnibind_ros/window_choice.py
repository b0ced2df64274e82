"""What brings vectors together: the adaptive window, or a synchronizer of ``message_filters``."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import fields
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from typing import TypeAlias

from builtin_interfaces.msg import Time

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.errors import UnavailableError
from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.config import nanoseconds
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.recorded_window import RecordedWindow
from omnibind_core.streaming.synchronized_window import SynchronizedWindow
from omnibind_core.streaming.synchronized_window import Synchronizer
from omnibind_core.streaming.vector import Vector
from omnibind_ros.conversions.stamp import ns_to_stamp

Window: TypeAlias = AdaptiveWindow | SynchronizedWindow | RecordedWindow


def make_window(parameters: FusionParameters, space: str) -> Window:
    """What ``sync`` asks for.

    :param space: that the vectors must live in.
    :raises UnavailableError: when ``message_filters`` is needed and not installed.
    """
    config = window_config(parameters)
    if parameters.sync == 'adaptive':
        return AdaptiveWindow(config, space)
    make, length = synchronizer_factory(
        parameters.sync,
        parameters.sync_sensors,
        queue_size=parameters.sync_queue,
        slop=parameters.sync_slop,
    )
    return SynchronizedWindow(
        config, space, sensors=parameters.sync_sensors, length=length, make=make
    )


def window_config(parameters: FusionParameters) -> WindowConfig:
    """The window's part of the node's parameters."""
    return WindowConfig(
        **{item.name: getattr(parameters, item.name) for item in fields(WindowConfig)}
    )


def synchronizer_factory(
    mode: str, sensors: Sequence[str], *, queue_size: int, slop: float
) -> tuple[Callable[[], Synchronizer], int]:
    """What makes synchronizers of a kind, and the largest difference of stamps in a set (ns).

    :param mode: ``approximate`` or ``exact``.
    :raises UnavailableError: when ``message_filters`` is not installed.
    """
    try:
        package = import_module('message_filters')
    except ImportError as error:
        raise UnavailableError(
            f'sync: {mode} needs the Python package message_filters, which cannot be imported '
            f'({error}): install ros-$ROS_DISTRO-message-filters, or choose sync: adaptive'
        ) from error
    names = tuple(sensors)
    if mode == 'exact':
        return lambda: _Filters(
            names, package, lambda fs: package.TimeSynchronizer(fs, queue_size)
        ), 1
    return lambda: _Filters(
        names, package, lambda fs: package.ApproximateTimeSynchronizer(fs, queue_size, slop)
    ), nanoseconds(slop)


class _Filters:
    """One synchronizer with a filter for each sensor.

    It calls back while it holds a lock that an exception would leave locked for ever; so the
    callback only collects.
    """

    def __init__(
        self, sensors: Sequence[str], package: Any, make: Callable[[list[Any]], Any]
    ) -> None:
        self._filters = {name: package.SimpleFilter() for name in sensors}
        self._synchronizer = make([*self._filters.values()])
        self._synchronizer.registerCallback(self._collect)
        self._sets: list[tuple[Vector, ...]] = []

    def put(self, vector: Vector) -> Sequence[tuple[Vector, ...]]:
        sec, nanosec = ns_to_stamp(vector.stamp)
        header = SimpleNamespace(stamp=Time(sec=sec, nanosec=nanosec))
        self._sets = []
        self._filters[vector.sensor].signalMessage(SimpleNamespace(header=header, vector=vector))
        return self._sets

    def waiting(self) -> Mapping[str, int]:
        queues = self._synchronizer.queues
        return {name: len(queue) for name, queue in zip(self._filters, queues, strict=True)}

    def _collect(self, *messages: Any) -> None:
        self._sets.append(tuple(message.vector for message in messages))
