"""Embeddings as they come over the wire into vectors; what cannot be used is counted and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
import time

from rclpy.node import Node

from omnibind.msg import Embedding
from omnibind_core.diagnostics.fusion import FusionMeters
from omnibind_core.diagnostics.throttle import Throttle
from omnibind_core.errors import InputError
from omnibind_core.streaming.clock_hint import ClockHint
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.refusal import refusal_text
from omnibind_core.streaming.refusal import refused
from omnibind_core.streaming.vector import Vector
from omnibind_ros.embedding_message import to_vector


class EmbeddingIntake:
    """Warns at most once in five seconds about each sensor and field.

    :param node: for its log and clock.
    :param dimension: of the vectors.
    :param space: that they must live in.
    """

    def __init__(self, node: Node, meters: FusionMeters, *, dimension: int, space: str) -> None:
        self._node = node
        self._meters = meters
        self._dimension = dimension
        self._space = space
        self._throttle = Throttle()
        #: Whether the stamps have anything to do with the clock.
        self.hint = ClockHint()

    def take(self, message: Embedding, sent: int, now: int) -> Vector | None:
        """A message came; ``None``: it is malformed.

        :param sent: when the publisher handed it to the middleware, system time; 0: unknown.
        :param now: ROS time.
        """
        steady = time.monotonic_ns()
        self._meters.vectors.add(steady)
        try:
            vector = to_vector(message, dimension=self._dimension)
        except InputError as error:
            self._meters.malformed.add(error.field)
            self._warn(message.sensor, error.field, f'embedding refused: {error}')
            return None
        if sent > 0:
            self._meters.latency.add('of which transport', time.time_ns() - sent, steady)
        simulated = self._node.get_parameter('use_sim_time').value
        hint = self.hint.look(vector.sensor, vector.stamp, now, at=steady, simulated=simulated)
        if hint is not None:
            self._node.get_logger().error(hint)
        return replace(vector, arrived=now)

    def accepted(
        self,
        vector: Vector,
        before: Mapping[Outcome, int],
        after: Mapping[Outcome, int],
        config: WindowConfig,
    ) -> bool:
        """Whether the window took it; a refusal is logged.

        :param before: the window's outcomes, as ``after``.
        """
        outcome = refused(before, after)
        if outcome is None:
            return True
        text = refusal_text(outcome, vector, vector.arrived, config, self._space)
        self._warn(vector.sensor, outcome.value, text)
        return False

    def _warn(self, sensor: str, reason: str, text: str) -> None:
        now = time.monotonic_ns()
        sensor = sensor[:60]  # whatever came over the wire
        self._meters.refused.add(now)
        if self._throttle.allows(f'{sensor} {reason}', now):
            self._node.get_logger().warning(f'sensor {sensor!r}: {text}')
