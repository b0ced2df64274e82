"""The fusion node: embeddings of whatever sensors there are in, recognitions out."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from typing import Any

from rclpy.qos_overriding_options import QoSOverridingOptions

from omnibind.msg import Embedding
from omnibind.msg import Labels
from omnibind.msg import Recognition
from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.errors import InputError
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.config import WindowConfig
from omnibind_ros.embedding_message import to_vector
from omnibind_ros.managed_node import ManagedNode
from omnibind_ros.managed_node import run
from omnibind_ros.parameters import declare
from omnibind_ros.parameters import on_change
from omnibind_ros.parameters import read_parameters
from omnibind_ros.qos import EMBEDDINGS_QOS
from omnibind_ros.qos import LATCHED_QOS
from omnibind_ros.qos import RECOGNITION_QOS
from omnibind_ros.recognition_message import labels_message
from omnibind_ros.recognition_message import recognition_message

# A timer must have a period; it is cancelled until a deadline is known.
IDLE_NS = 1_000_000_000
WARN_EVERY = 5.0  # seconds


class FusionNode(ManagedNode):
    """Combines what arrived within a window. It is configured with no list of sensors."""

    def __init__(self) -> None:
        super().__init__('fusion')
        declare(self, FusionParameters)
        #: Embeddings that were malformed, by field; what is well-formed the window counts.
        self.refused: Counter[str] = Counter()
        self._config: FusionParameters | None = None
        self._recognizer: Recognizer | None = None
        self._window: AdaptiveWindow | None = None
        self._subscription: Any = None
        self._timer: Any = None
        self._publishers_of: dict[str, Any] = {}
        self.add_on_set_parameters_callback(on_change(self, FusionParameters, self._apply))

    def configure(self) -> None:
        """Read the parameters and load the fusion part of the bundle."""
        parameters = read_parameters(self, FusionParameters)
        # No encoder: the vectors arrive encoded.
        self._recognizer = Recognizer.load(
            parameters.bundle, modalities=(), warn=self.get_logger().warning
        )
        self._window = AdaptiveWindow(_window_config(parameters), self._recognizer.space)
        self._apply(parameters)
        options = QoSOverridingOptions.with_default_policies()
        make = self.create_lifecycle_publisher
        self._publishers_of = {
            'recognition': make(
                Recognition, 'recognition', RECOGNITION_QOS, qos_overriding_options=options
            ),
            'labels': make(Labels, 'labels', LATCHED_QOS),
        }
        loaded = self._recognizer
        self.get_logger().info(
            f'bundle {loaded.bundle_id}, {len(loaded.labels.class_ids)} labels, '
            f'fusion: {loaded.fusion} ({loaded.fusion_reason})'
        )

    def activate(self) -> None:
        """Subscribe to whatever encoders there are and will be."""
        assert self._recognizer is not None and self._window is not None
        self._window.clock_jumped(self._now())  # nothing of an earlier activation takes part
        self._timer = self.create_timer(IDLE_NS / 1e9, self._deadline)
        self._timer.cancel()
        self._subscription = self.create_subscription(
            Embedding,
            'embeddings',
            self._receive,
            EMBEDDINGS_QOS,
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        labels = labels_message(self._recognizer.labels, self.get_clock().now().to_msg())
        # A lifecycle publisher is silent until the transition is through.
        self._publish_labels = self.create_timer(0.0, lambda: self._publish_once(labels))

    def deactivate(self) -> None:
        """Unsubscribe; what is still open is dropped."""
        if self._subscription is not None:
            self.destroy_subscription(self._subscription)
            self._subscription = None
        if self._timer is not None:
            self.destroy_timer(self._timer)
            self._timer = None

    def cleanup(self) -> None:
        """Free the bundle and the publishers."""
        for publisher in self._publishers_of.values():
            self.destroy_lifecycle_publisher(publisher)
        self._publishers_of = {}
        self._recognizer = None
        self._window = None

    def _now(self) -> int:
        now: int = self.get_clock().now().nanoseconds
        return now

    def _apply(self, parameters: FusionParameters) -> None:
        self._config = parameters
        if self._window is not None:
            self._window.set_config(_window_config(parameters))

    def _publish_once(self, labels: Labels) -> None:
        self.destroy_timer(self._publish_labels)
        if 'labels' in self._publishers_of:
            self._publishers_of['labels'].publish(labels)

    def _receive(self, message: Embedding) -> None:
        if self._window is None or self._recognizer is None:
            return
        try:
            vector = to_vector(message, dimension=self._recognizer.dimension)
        except InputError as error:
            self.refused[error.field] += 1
            self.get_logger().warning(
                f'embedding of {message.sensor!r} refused: {error}',
                throttle_duration_sec=WARN_EVERY,
            )
            return
        self._publish(self._window.receive(vector, self._now()))

    def _deadline(self) -> None:
        if self._window is not None and self._timer is not None:
            self._timer.cancel()
            self._publish(self._window.poll(self._now()))

    def _publish(self, closed: tuple[ClosedWindow, ...]) -> None:
        assert self._recognizer is not None and self._config is not None
        for window in closed:
            if window.publish:
                message = recognition_message(window, self._recognizer, self._config)
                self._publishers_of['recognition'].publish(message)
        self._arm()

    def _arm(self) -> None:
        """Let the timer fire when the window must be looked at next."""
        assert self._window is not None
        deadline = self._window.next_deadline()
        if deadline is None or self._timer is None:
            return
        self._timer.timer_period_ns = max(deadline - self._now(), 100_000)
        self._timer.reset()


def _window_config(parameters: FusionParameters) -> WindowConfig:
    return WindowConfig(
        **{item.name: getattr(parameters, item.name) for item in fields(WindowConfig)}
    )


def main() -> int:
    """Run the fusion node."""
    return run(FusionNode)
