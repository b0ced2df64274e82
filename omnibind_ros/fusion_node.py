"""The fusion node: embeddings of whatever sensors there are in, recognitions out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
import time
import traceback
from typing import Any

from rclpy.clock import Clock
from rclpy.clock import ClockType
from rclpy.clock import JumpThreshold
from rclpy.duration import Duration
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.lifecycle import LifecycleState
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.qos_overriding_options import QoSOverridingOptions

from omnibind.msg import Embedding
from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.diagnostics.fusion import fusion_status
from omnibind_core.diagnostics.fusion import FusionMeters
from omnibind_core.diagnostics.fusion import FusionView
from omnibind_core.diagnostics.status import Status
from omnibind_core.diagnostics.throttle import Throttle
from omnibind_core.errors import UnavailableError
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.recorded_window import RecordedWindow
from omnibind_core.streaming.recorded_window import TraceFile
from omnibind_ros.deadline_timer import DeadlineTimer
from omnibind_ros.diagnostics import DiagnosticsPublisher
from omnibind_ros.embedding_intake import EmbeddingIntake
from omnibind_ros.guarded import guarded
from omnibind_ros.label_service import LabelService
from omnibind_ros.managed_node import ManagedNode
from omnibind_ros.managed_node import run
from omnibind_ros.overlay_view import OverlayView
from omnibind_ros.parameters import declare
from omnibind_ros.parameters import on_change
from omnibind_ros.parameters import read_parameters
from omnibind_ros.qos import EMBEDDINGS_QOS
from omnibind_ros.recognition_output import RecognitionOutput
from omnibind_ros.recognition_step import RecognitionStep
from omnibind_ros.sensor_graph import SensorGraph
from omnibind_ros.window_choice import make_window
from omnibind_ros.window_choice import Window
from omnibind_ros.window_choice import window_config

HOUSEKEEPING = 0.5  # seconds between two looks at the graph


class FusionNode(ManagedNode):
    """Combines what arrived within a window. It is configured with no list of sensors.

    :param kwargs: passed on to the rclpy node: ``node_name``, ``namespace``, ``context``,
        ``parameter_overrides``, ``use_global_arguments`` ...
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(kwargs.pop('node_name', 'fusion'), **kwargs)
        declare(self, FusionParameters)
        self._meters = FusionMeters()
        self._throttle = Throttle()
        self._config: FusionParameters | None = None
        self._recognizer: Recognizer | None = None
        self._window: Window | None = None
        self._trace: TraceFile | None = None
        self._output: RecognitionOutput | None = None
        self._overlay: OverlayView | None = None
        self._step: RecognitionStep | None = None
        self._subscription: Any = None
        self._timer: DeadlineTimer | None = None
        self._housekeeping: Any = None
        self._jumps: Any = None
        self._graph = SensorGraph(self)
        self._intake: EmbeddingIntake | None = None
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        # With the namespace: every robot of a graph reports on the same topic.
        name = f'{self.get_fully_qualified_name()}: fusion'
        period = self.get_parameter('diagnostics_period').value
        self._diagnostics = DiagnosticsPublisher(self, name, self._status, period)
        # In every state: an answer that is on its way needs its service.
        self._labels = LabelService(self, self._set_labels)
        on_change(self, FusionParameters, self._apply)

    def configure(self) -> None:
        """Read the parameters and load the fusion part of the bundle."""
        parameters = read_parameters(self, FusionParameters)
        # No encoder: the vectors arrive encoded.
        loaded = Recognizer.load(parameters.bundle, modalities=(), warn=self.get_logger().warning)
        self._recognizer = loaded
        self._window = self._recorded(make_window(parameters, loaded.space), parameters)
        self._config = None
        self._output = RecognitionOutput(self)
        self._overlay = OverlayView(self, parameters)
        self._step = RecognitionStep(self, loaded, self._output, self._overlay, self._meters)
        self._graph = SensorGraph(self)
        self._intake = EmbeddingIntake(
            self, self._meters, dimension=loaded.dimension, space=loaded.space
        )
        self._apply(parameters)
        self.get_logger().info(
            f'bundle {loaded.bundle_id}, {len(loaded.labels.class_ids)} labels, '
            f'fusion: {loaded.fusion} ({loaded.fusion_reason}), sync: {parameters.sync}'
        )

    def activate(self) -> None:
        """Subscribe to whatever encoders there are and will be."""
        assert self._window is not None
        self._window.clock_jumped(self._now())  # nothing of an earlier activation takes part
        self._meters.reset(time.monotonic_ns())
        if self._intake is not None:
            self._intake.hint.reset()
        self._timer = DeadlineTimer(self, self._deadline)
        self._subscription = self.create_subscription(
            Embedding,
            'embeddings',
            self._receive,
            EMBEDDINGS_QOS,
            event_callbacks=SubscriptionEventCallbacks(matched=self._matched),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        self._housekeeping = self.create_timer(HOUSEKEEPING, self._look, clock=self._steady)
        threshold = JumpThreshold(
            min_forward=None, min_backward=Duration(nanoseconds=-1), on_clock_change=True
        )
        self._jumps = self.get_clock().create_jump_callback(threshold, post_callback=self._jumped)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See :meth:`activate`; a lifecycle publisher is silent until the transition is through."""
        result = super().on_activate(state)
        if result == TransitionCallbackReturn.SUCCESS:
            self._publish_labels()
        return result

    def deactivate(self) -> None:
        """Unsubscribe; what is still open is closed and counted, but no longer published."""
        if self._jumps is not None:
            self._jumps.unregister()
            self._jumps = None
        if self._subscription is not None:
            self.destroy_subscription(self._subscription)
            self._subscription = None
        if self._timer is not None:
            self._timer.destroy()
            self._timer = None
        if self._housekeeping is not None:
            self.destroy_timer(self._housekeeping)
            self._housekeeping = None
        if self._overlay is not None:
            self._overlay.stop()
        if self._window is not None:
            for window in self._window.flush(self._now()):
                self._meters.windows.add(window.closed_by)

    def cleanup(self) -> None:
        """Free the bundle and the publishers."""
        for part in (self._overlay, self._output):
            if part is not None:
                part.destroy()
        self._overlay = self._output = self._step = self._intake = None
        self._recognizer = self._window = None
        if self._trace is not None:
            self._trace.close()
            self._trace = None

    def failed(self, where: str, error: Exception) -> None:
        """Count and log what a callback raised."""
        if not self.context.ok():
            return  # a signal took the context away under its feet
        self._meters.failures.add(f'{where}: {type(error).__name__}')
        if self._throttle.allows(f'{where} {type(error).__name__}', time.monotonic_ns()):
            text = ''.join(traceback.format_exception(error))
            self.get_logger().error(f'{where} failed, the node goes on:\n{text}')

    def _recorded(self, window: Window, parameters: FusionParameters) -> Window:
        """The window, or one that records what is done to it."""
        if not parameters.arrival_trace or self._recognizer is None:
            return window
        self._trace = TraceFile(Path(parameters.arrival_trace), self.get_logger().warning)
        self.get_logger().info(f'every arrival is recorded in {self._trace.path}')
        return RecordedWindow(
            window, self._trace, space=self._recognizer.space, sync=parameters.sync
        )

    def _now(self) -> int:
        now: int = self.get_clock().now().nanoseconds
        return now

    def _apply(self, parameters: FusionParameters) -> None:
        before, self._config = self._config, parameters
        self._diagnostics.set_period(parameters.diagnostics_period)
        if self._overlay is not None:
            self._overlay.set_rate(parameters.overlay_rate)
        if self._step is not None:
            self._step.parameters = parameters
        if self._window is None:
            return
        self._window.set_config(window_config(parameters))
        # `ros2 param set` cannot send an empty list of texts; one empty text stands for it.
        off = set(parameters.disabled_sensors) - {''}
        for name in sorted(set(before.disabled_sensors if before else ()) - off - {''}):
            self._window.set_enabled(name, True)
        for name in sorted(off):
            self._window.set_enabled(name, False)
        self._arm()

    @guarded
    def _receive(self, message: Embedding, info: dict[str, Any]) -> None:
        window, intake = self._window, self._intake
        if window is None or intake is None:
            return
        steady, wall = time.monotonic_ns(), time.time_ns()
        vector = intake.take(message, info.get('source_timestamp', 0), self._now())
        if vector is None:
            return
        before = window.outcomes
        try:
            closed = window.receive(vector, vector.arrived)
        finally:
            self._arm()
        if intake.accepted(vector, before, window.outcomes, window.config):
            self._graph.watch.heard(vector.sensor)
        came = info.get('received_timestamp', 0)  # when the middleware had it, system time
        self._recognize(closed, steady - max(wall - came, 0) if came > 0 else steady)

    @guarded
    def _deadline(self, since: int) -> None:
        if self._window is None:
            return
        try:
            closed = self._window.poll(self._now())
        finally:
            self._arm()
        self._recognize(closed, since)

    @guarded
    def _jumped(self, jump: Any) -> None:
        window = self._window
        if window is None:
            return
        if self._throttle.allows('clock', time.monotonic_ns()):  # two publishers of /clock
            seconds = jump.delta.nanoseconds / 1e9
            self.get_logger().warning(
                f'the clock jumped by {seconds:.3f} s: everything starts afresh'
            )
        if self._intake is not None:
            self._intake.hint.reset()
        try:
            closed = window.clock_jumped(self._now())
        finally:
            self._arm()
        self._recognize(closed, time.monotonic_ns())

    def _recognize(self, closed: Sequence[ClosedWindow], since: int) -> None:
        for window in closed:
            self._meters.windows.add(window.closed_by)
            if window.publish and self._step is not None:
                self._recognize_one(window, since)

    @guarded
    def _recognize_one(self, window: ClosedWindow, since: int) -> None:
        assert self._step is not None and self._window is not None
        self._step.run(window, since, lambda: self._window.sensors(self._now()))

    def _arm(self) -> None:
        """Let the timer fire when the window must be looked at next."""
        if self._window is not None and self._timer is not None:
            self._timer.set(self._window.next_deadline())

    @guarded
    def _matched(self, _: Any) -> None:
        self._look()

    @guarded
    def _look(self) -> None:
        """What changes slowly: publishers, states of the sensors, who watches the overlay."""
        if self._window is None or self._subscription is None:
            return
        sensors = self._graph.look(self._window, self._subscription, self._now())
        self._arm()
        if self._overlay is not None and self._step is not None:
            self._overlay.look()
            self._step.idle(sensors)

    def _set_labels(self, labels: Sequence[str], prompt: str) -> str:
        """On the service's own thread."""
        recognizer = self._recognizer
        if recognizer is None:
            raise UnavailableError('no bundle is loaded whose labels could be replaced: configure')
        bank = recognizer.set_labels(labels or None, prompt=prompt)
        self._publish_labels()
        kind = 'labels, not calibrated' if labels else "of the bundle's own labels"
        text = f'{len(bank)} {kind}: {bank.labels_id}'
        self.get_logger().info(f'labels replaced: {text}')
        return text

    def _publish_labels(self) -> None:
        if self._output is not None and self._recognizer is not None:
            self._output.publish_labels(self._recognizer.labels)

    def _status(self, now: int) -> Status:
        window, loaded = self._window, self._recognizer
        view = FusionView(state=self.phase, failure=self.failure)
        if window is not None and loaded is not None:
            malformed = sum(self._meters.malformed.snapshot().values())
            view = replace(
                view,
                about=self._step.about() if self._step is not None else {},
                sensors=window.sensors(self._now()),
                outcomes=window.outcomes,
                received=window.received + malformed,
                undecided=window.undecided,
                unpublished=window.unpublished,
                publishers=self._graph.watch.publishers,
                doubled=self._graph.watch.doubled,
                hint=self._intake.hint.current(now) if self._intake is not None else '',
            )
        return fusion_status(view, self._meters, self._config, now)


def main() -> int:
    """Run the fusion node."""
    return run(FusionNode)
