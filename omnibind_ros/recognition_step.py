"""A closed window into everything that is published of it, and how long each part took."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
import time

from rclpy.node import Node

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.diagnostics.fusion import FusionMeters
from omnibind_core.inference.recognition import Recognized
from omnibind_core.inference.recognize_window import recognize_window
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.overlay.content import Overlay
from omnibind_core.overlay.summary import summary
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.sensor import SensorStatus
from omnibind_ros.overlay_view import OverlayView
from omnibind_ros.recognition_output import RecognitionOutput

Sensors = Mapping[str, SensorStatus]


class RecognitionStep:
    """Fuses, publishes, measures, and shows; in this order, so that nobody waits for a picture.

    :param node: for its clock.
    """

    #: Must be set before the first window, and whenever they change.
    parameters: FusionParameters

    def __init__(
        self,
        node: Node,
        recognizer: Recognizer,
        output: RecognitionOutput,
        overlay: OverlayView,
        meters: FusionMeters,
    ) -> None:
        self._node = node
        self._recognizer = recognizer
        self._output = output
        self._overlay = overlay
        self._meters = meters
        self._last: tuple[ClosedWindow, Recognized, int] | None = None

    def run(self, window: ClosedWindow, since: int, sensors: Callable[[], Sensors]) -> None:
        """Recognise and publish.

        :param since: steady time at which the window could be closed: its last vector had arrived,
            or its deadline was reached.
        :param sensors: how they fare, for whoever looks.
        """
        parameters = self.parameters
        began = time.monotonic_ns()
        recognized = recognize_window(
            window,
            self._recognizer,
            top_k=parameters.top_k,
            abstain_below=parameters.abstain_below,
        )
        fused = time.monotonic_ns()
        self._output.publish(
            window,
            recognized,
            space=self._recognizer.space,
            embedding=parameters.publish_embedding,
        )
        published = time.monotonic_ns()
        self._measure(window, since, began, fused, published)
        self._last = window, recognized, published
        self._overlay.offer(lambda: self._summary(sensors()))

    def idle(self, sensors: Sensors) -> None:
        """Show that nothing happens, when nothing does."""
        if self._overlay.idle_for > 1.0:
            self._overlay.offer(lambda: self._summary(sensors))

    def about(self) -> dict[str, str]:
        """What runs here, for diagnostics."""
        loaded = self._recognizer
        return {
            'bundle': loaded.bundle_id,
            'space': loaded.space,
            'fusion': f'{loaded.fusion} ({loaded.fusion_reason})',
            'labels': f'{len(loaded.labels.class_ids)} ({loaded.labels.labels_id})',
            'sync': self.parameters.sync,
        }

    def _measure(
        self, window: ClosedWindow, since: int, began: int, fused: int, published: int
    ) -> None:
        now: int = self._node.get_clock().now().nanoseconds
        add = self._meters.latency.add
        self._meters.recognitions.add(published)
        for vector in window.fresh:
            add('sensor to encoder', vector.received - vector.stamp, published)
            add('encoder to fusion', vector.arrived - vector.received, published)
            add('of which model', round(vector.encode_ms * 1e6), published)
            add('window', window.closed_at - vector.arrived, published)
            add('total', now - vector.stamp, published)
        add('fuse', fused - began, published)
        add('publish', published - fused, published)
        add('closing', published - since, published)

    def _summary(self, sensors: Sensors) -> Overlay:
        now = time.monotonic_ns()
        window, recognized, at = self._last or (None, None, 0)
        total = self._meters.latency.quantiles(now).get('total')
        return summary(
            window,
            recognized,
            sensors,
            self._recognizer.labels,
            silent_for=None if window is None else (now - at) / 1e9,
            rate=self._meters.recognitions.rate(now),
            latency=None if total is None else total.p50 / 1e9,
        )
