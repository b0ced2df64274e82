"""A node's status on ``/diagnostics``, without ``diagnostic_updater``."""

from __future__ import annotations

from collections.abc import Callable
import time
import traceback

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue
from rclpy.clock import Clock
from rclpy.clock import ClockType
from rclpy.node import Node

from omnibind_core.diagnostics.status import Level
from omnibind_core.diagnostics.status import Status

TOPIC = '/diagnostics'


class DiagnosticsPublisher:
    """Publishes a status every ``period`` seconds, in every lifecycle state.

    The timer runs on the steady clock: a node that waits for ``/clock`` must say so, and a paused
    bag must not look like a dead node. An error in ``status`` is published and logged.

    :param node: whose publisher and timer these are.
    :param name: of the status, ``camera: encoder``; aggregators sort by it.
    :param status: called on the node's executor with the steady time, nanoseconds
        (``time.monotonic_ns()``); feed the meters of ``omnibind_core.diagnostics`` from that clock.
    :param period: seconds; 0 publishes only by :meth:`publish`.
    :param hardware_id: which device it is about, if any.
    """

    def __init__(
        self,
        node: Node,
        name: str,
        status: Callable[[int], Status],
        period: float,
        *,
        hardware_id: str = '',
    ) -> None:
        self._node = node
        self._name = name
        self._status = status
        self._hardware_id = hardware_id
        self._clock = Clock(clock_type=ClockType.STEADY_TIME)
        self._publisher = node.create_publisher(DiagnosticArray, TOPIC, 10)
        self._timer = None
        self._period = 0.0
        self.set_period(period)

    def set_period(self, period: float) -> None:
        """Publish every so many seconds from now on; 0: no longer by itself.

        The period that it has already changes nothing, also not when the next one is due.
        """
        if period == self._period:
            return
        self._period = period
        if self._timer is not None:
            self._node.destroy_timer(self._timer)
            self._timer = None
        if period > 0:
            self._timer = self._node.create_timer(period, self.publish, clock=self._clock)

    def publish(self) -> None:
        """Publish the status of now."""
        try:
            status = self._status(time.monotonic_ns())
        except Exception as error:  # noqa: BLE001  a status must never end a node
            text = traceback.format_exc()
            self._node.get_logger().error(f'no status:\n{text}', throttle_duration_sec=60.0)
            status = Status(Level.ERROR, f'no status: {type(error).__name__}: {error}')
        message = DiagnosticArray(status=[to_message(status, self._name, self._hardware_id)])
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)

    def destroy(self) -> None:
        """Stop the timer and withdraw the publisher."""
        self.set_period(0.0)
        self._node.destroy_publisher(self._publisher)


def to_message(status: Status, name: str, hardware_id: str = '') -> DiagnosticStatus:
    """A status as a message; the level is one ``byte``, which Python holds as ``bytes``."""
    return DiagnosticStatus(
        level=bytes([status.level]),
        name=name,
        message=status.message,
        hardware_id=hardware_id,
        values=[KeyValue(key=key, value=value) for key, value in status.values.items()],
    )
