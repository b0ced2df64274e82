"""Looks at the graph once a second for what may keep messages from arriving."""

from __future__ import annotations

from collections.abc import Callable
import time
from typing import Any

from rclpy.clock import Clock
from rclpy.clock import ClockType
from rclpy.node import Node
from rclpy.qos import qos_check_compatible
from rclpy.qos import QoSCompatibility
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy

from omnibind_core.diagnostics.input_watch import Hint
from omnibind_core.diagnostics.input_watch import InputWatch
from omnibind_core.diagnostics.input_watch import Offer
from omnibind_ros.guarded import guarded
from omnibind_ros.running import CONTEXT_GONE
from omnibind_ros.sensor_input import type_advice
from omnibind_ros.sensor_input import type_name

_EVERY = 1.0  # seconds, of the steady clock: a topic may be silent because /clock is


class InputMonitor:
    """Hints for one subscription: logged once each, and kept for diagnostics.

    :param node: whose subscription and log it is.
    :param subscription: as rclpy made it, overrides of its quality of service included.
    :param last: when the last message arrived, steady nanoseconds; ``None``: never.
    :param silent_after: seconds of silence that are nothing to speak of; 0: for ever.
    """

    def __init__(
        self,
        node: Node,
        subscription: Any,
        *,
        last: Callable[[], int | None],
        silent_after: Callable[[], float],
    ) -> None:
        self._node = node
        #: Full name of the topic.
        self.topic = subscription.topic_name
        self._type = type_name(subscription.msg_type)
        self._qos: QoSProfile = subscription.qos_profile
        self._last = last
        self._silent_after = silent_after
        self._watch = InputWatch(
            self.topic, self._type, _reliability(self._qos), time.monotonic_ns()
        )
        #: What is wrong now, if anything.
        self.hint: Hint | None = None
        #: How many publishers there are, of whatever type.
        self.publishers = 0
        clock = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = node.create_timer(_EVERY, self.look, clock=clock)

    @guarded
    def look(self) -> None:
        """Look now."""
        offers = [self._offer(info) for info in self._node.get_publishers_info_by_topic(self.topic)]
        self.publishers = len(offers)
        self.hint = self._watch.look(
            offers,
            self._last(),
            time.monotonic_ns(),
            silent_after=round(self._silent_after() * 1e9),
        )
        news = self._watch.news(self.hint)
        if news is not None:
            self._node.get_logger().warning(news)

    def failed(self, where: str, error: Exception) -> None:
        """The graph could not be asked: hints are missing, nothing else."""
        if isinstance(error, CONTEXT_GONE) and not self._node.context.ok():
            return
        text = f'{where} at the publishers of {self.topic} failed: {error!r}'
        self._node.get_logger().error(text, throttle_duration_sec=60.0)

    def destroy(self) -> None:
        """Stop looking."""
        self._node.destroy_timer(self._timer)

    def _offer(self, info: Any) -> Offer:
        fits, reason = qos_check_compatible(info.qos_profile, self._qos)
        return Offer(
            node=f'{info.node_namespace.rstrip("/")}/{info.node_name}',
            type_name=info.topic_type,
            reliability=_reliability(info.qos_profile),
            mismatch=reason.strip(' ;') if fits == QoSCompatibility.ERROR else '',
            advice=type_advice(self._type, info.topic_type),
        )


def _reliability(qos: QoSProfile) -> str:
    policy = qos.reliability
    known = policy in (ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT)
    return policy.name.lower() if known else 'unknown'
