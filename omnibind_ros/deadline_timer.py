"""A timer that fires at a moment of ROS time, simulated or not."""

from __future__ import annotations

from collections.abc import Callable
import time

from rclpy.node import Node

# A timer must have a period; it is cancelled until a deadline is known.
_IDLE = 1.0  # seconds
_SOONEST_NS = 100_000


class DeadlineTimer:
    """Set anew for each deadline.

    :param node: whose clock and executor it uses.
    :param fired: called when a deadline is reached, with the steady time (ns) at which it was:
        earlier than now by as much as the timer is late.
    """

    def __init__(self, node: Node, fired: Callable[[int], None]) -> None:
        self._node = node
        self._fired = fired
        self._deadline: int | None = None
        self._timer = node.create_timer(_IDLE, self._fire)
        self._timer.cancel()

    def set(self, deadline: int | None) -> None:
        """Fire at this ROS time, nanoseconds, and at no other; ``None``: not at all."""
        self._deadline = deadline
        if deadline is None:
            self._timer.cancel()
            return
        self._timer.timer_period_ns = max(deadline - self._now(), _SOONEST_NS)
        self._timer.reset()

    def destroy(self) -> None:
        """Fire no more."""
        self._node.destroy_timer(self._timer)

    def _now(self) -> int:
        now: int = self._node.get_clock().now().nanoseconds
        return now

    def _fire(self) -> None:
        self._timer.cancel()
        late = 0 if self._deadline is None else max(self._now() - self._deadline, 0)
        self._fired(time.monotonic_ns() - late)
