"""Sensors that come and go: what the graph shows, told to the window and to the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rclpy.node import Node

from omnibind_core.streaming.publisher_watch import PublisherWatch
from omnibind_core.streaming.sensor import SensorStatus
from omnibind_core.streaming.sensor_health import SensorState
from omnibind_ros.window_choice import Window

_AWAY = (SensorState.LOST, SensorState.DISABLED)


class SensorGraph:
    """Compares publishers with sensors whenever :meth:`look` is called.

    :param node: for the graph and the log.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._states: dict[str, SensorState] = {}
        #: Publishers of embeddings, and the sensors that they send.
        self.watch = PublisherWatch()

    def look(self, window: Window, subscription: Any, now: int) -> Mapping[str, SensorStatus]:
        """Tell the window whose publisher vanished or returned, and the log what has changed.

        :param now: ROS time.
        :returns: all sensors.
        """
        publishers = self._node.get_publishers_info_by_topic(subscription.topic_name)
        change = self.watch.look(one.node_name for one in publishers)
        for name in change.gone:
            window.publisher_gone(name)
        for name in change.back:
            window.publisher_back(name)
        sensors = window.sensors(now)
        for name, status in sensors.items():
            before, self._states[name] = self._states.get(name), status.state
            self._tell(name, before, status.state, gone=name in change.gone)
        return sensors

    def _tell(
        self, name: str, before: SensorState | None, state: SensorState, *, gone: bool
    ) -> None:
        """A line for a sensor that comes, goes or returns; what wavers is for diagnostics."""
        if state is before:
            return
        if state is SensorState.LOST:
            reason = 'its publisher is gone' if gone else 'nothing comes from it any more'
            self._node.get_logger().warning(f'sensor {name!r} is lost: {reason}')
        elif state is SensorState.DISABLED:
            self._node.get_logger().info(f'sensor {name!r} is disabled')
        elif before is None or before in _AWAY:
            self._node.get_logger().info(f'sensor {name!r} is here')
