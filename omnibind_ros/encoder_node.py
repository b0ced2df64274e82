"""The encoder node: one sensor's messages in, embeddings out on the shared topic."""

from __future__ import annotations

import time
from typing import Any

from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSPolicyKind
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

from omnibind.msg import Embedding
from omnibind_core.configuration.parameters import EncoderParameters
from omnibind_core.diagnostics.reason_counts import ReasonCounts
from omnibind_core.diagnostics.status import Level
from omnibind_core.diagnostics.status import Status
from omnibind_core.diagnostics.throttle import Throttle
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.inference.tensorrt.settings import TensorRtSettings
from omnibind_core.modalities.registry import modality
from omnibind_core.streaming.latest_worker import LatestWorker
from omnibind_ros.diagnostics import DiagnosticsPublisher
from omnibind_ros.embedding_message import to_message
from omnibind_ros.encoder_status import encoder_status
from omnibind_ros.input_monitor import InputMonitor
from omnibind_ros.managed_node import ManagedNode
from omnibind_ros.managed_node import run
from omnibind_ros.parameters import declare
from omnibind_ros.parameters import on_change
from omnibind_ros.parameters import read_parameters
from omnibind_ros.qos import EMBEDDINGS_QOS
from omnibind_ros.qos import LATCHED_QOS
from omnibind_ros.running import CONTEXT_GONE
from omnibind_ros.sensor_encoder import Reading
from omnibind_ros.sensor_encoder import SensorEncoder
from omnibind_ros.sensor_input import sensor_input
from omnibind_ros.sensor_input import SensorInput
from omnibind_ros.sensor_source import beside

# Which topic it is may be remapped, so the overrides are named by what the topic is for.
_LATCHED_POLICIES = (QoSPolicyKind.DURABILITY, QoSPolicyKind.RELIABILITY, QoSPolicyKind.DEPTH)


class EncoderNode(ManagedNode):
    """Encodes one sensor. Its name is the sensor's name.

    Only the newest reading is ever encoded: a worker thread takes it from a slot, so a slow model
    lowers the rate instead of growing a queue.

    :param kwargs: passed on to the rclpy node: ``node_name``, ``namespace``, ``context``,
        ``parameter_overrides``, ``use_global_arguments`` ... Several may live in one process.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(kwargs.pop('node_name', 'encoder'), **kwargs)
        declare(self, EncoderParameters)
        kind = self.get_parameter_or('modality').value
        if kind is not None:
            sensor = modality(kind).sensor
            declare(self, sensor, 'settings.')
            on_change(self, sensor, self._apply_settings, 'settings.')
        #: Since start, whatever the node went through.
        self.counts = ReasonCounts()
        self._throttle = Throttle()
        self._recognizer: Recognizer | None = None
        self._encoder: SensorEncoder | None = None
        self._input: SensorInput | None = None
        self._inputs: list[Any] = []
        self._monitor: InputMonitor | None = None
        self._publisher: Any = None
        self._worker: LatestWorker[Reading] | None = None
        self._diagnostics = DiagnosticsPublisher(
            self,
            f'{self.get_fully_qualified_name()}: encoder',
            self._status,
            self.get_parameter('diagnostics_period').value,
        )
        on_change(self, EncoderParameters, self._apply)

    def configure(self) -> None:
        """Read the parameters, load the model, and run it once."""
        parameters = read_parameters(self, EncoderParameters)
        settings = read_parameters(self, modality(parameters.modality).sensor, 'settings.')
        self._input = sensor_input(parameters.modality, parameters.transport)
        recognizer = Recognizer.load(
            parameters.bundle,
            modalities=(parameters.modality,),
            backend=parameters.backend,
            fuse=False,
            tensorrt=TensorRtSettings(precision=parameters.precision),
        )
        milliseconds = recognizer.warm_up(parameters.modality)
        self._recognizer = recognizer
        self._encoder = SensorEncoder(
            name=self.get_name(),
            parameters=parameters,
            settings=settings,
            source=self._input.source(recognizer.specification(parameters.modality), settings),
            recognizer=recognizer,
            counts=self.counts,
            error=self.get_logger().error,
        )
        self._publisher = self.create_lifecycle_publisher(
            Embedding,
            'embeddings',
            EMBEDDINGS_QOS,
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        self.get_logger().info(
            f'{parameters.modality} from {parameters.topic}: bundle {recognizer.bundle_id}, '
            f'back end {recognizer.backend} ({recognizer.backend_reason}), '
            f'first run {milliseconds:.0f} ms'
        )

    def activate(self) -> None:
        """Subscribe and begin to encode."""
        assert self._encoder is not None and self._input is not None
        parameters = self._encoder.parameters
        self._encoder.restart()
        self._worker = LatestWorker(self._encode, failed=self._failed, name=self.get_name())
        if self._input.info is not None:
            self._inputs.append(
                self.create_subscription(
                    self._input.info,
                    parameters.info_topic or beside(parameters.topic, 'audio_info'),
                    self._inform,
                    LATCHED_QOS,
                    qos_overriding_options=QoSOverridingOptions(_LATCHED_POLICIES),
                )
            )
        subscription = self.create_subscription(
            self._input.message,
            parameters.topic,
            self._receive,
            QoSProfile(
                depth=self._input.depth,
                reliability=ReliabilityPolicy[parameters.reliability.upper()],
                durability=DurabilityPolicy.VOLATILE,
            ),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        self._inputs.append(subscription)
        encoder = self._encoder
        self._monitor = InputMonitor(
            self,
            subscription,
            last=lambda: encoder.inputs.last,
            silent_after=lambda: encoder.parameters.silent_after,
        )

    def deactivate(self) -> None:
        """Unsubscribe and stop the worker."""
        if self._monitor is not None:
            self._monitor.destroy()
            self._monitor = None
        while self._inputs:
            self.destroy_subscription(self._inputs.pop())
        worker, self._worker = self._worker, None
        if worker is not None:
            if worker.withdraw():
                self.counts.add('stopped')
            if not worker.stop():
                self.get_logger().error('the message under way does not end; it is left behind')

    def cleanup(self) -> None:
        """Free the model."""
        if self._publisher is not None:
            self.destroy_lifecycle_publisher(self._publisher)
            self._publisher = None
        self._encoder = None
        self._recognizer = None

    def _apply(self, parameters: EncoderParameters) -> None:
        if self._encoder is not None:
            self._encoder.apply(parameters)
        self._diagnostics.set_period(parameters.diagnostics_period)

    def _apply_settings(self, settings: Any) -> None:
        if self._encoder is not None:
            self._encoder.apply_settings(settings)

    def _inform(self, info: Any) -> None:
        """An AudioInfo came."""
        try:
            if self._encoder is not None:
                self._encoder.source.inform(info)
        except Exception as error:  # noqa: BLE001  one bad message must not end the node
            self.get_logger().warning(f'audio info refused: {error}', throttle_duration_sec=5.0)

    def _receive(self, message: Any) -> None:
        encoder, worker = self._encoder, self._worker
        if encoder is None or worker is None:
            return
        clock = self.get_clock()
        try:
            reading = encoder.take(
                message, clock.now().nanoseconds, simulated=clock.ros_time_is_active
            )
            if reading is not None and worker.put(reading):
                encoder.dropped('replaced')
        except Exception as error:  # noqa: BLE001  one bad message must not end the node
            self._failed(error)

    def _encode(self, reading: Reading) -> None:
        encoder, publisher = self._encoder, self._publisher
        assert encoder is not None and publisher is not None and self._recognizer is not None
        vector = encoder.encode(reading)
        if vector is None:
            return
        begin = time.perf_counter_ns()
        model = self._recognizer.bundle_id
        publisher.publish(to_message(vector, model=model, frame_id=reading.frame_id))
        encoder.published(reading, vector, time.perf_counter_ns() - begin)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, CONTEXT_GONE) and not self.context.ok():
            return  # a signal came while it was being published
        encoder = self._encoder
        if encoder is None:
            return
        text = encoder.failed(error)
        subject = getattr(error, 'field', type(error).__name__)
        if self._throttle.allows(str(subject), time.monotonic_ns()):
            self.get_logger().warning(text)

    def _status(self, now: int) -> Status:
        if self._encoder is None or self._recognizer is None or self._monitor is None:
            return self._resting()
        hint = self._monitor.hint
        return encoder_status(
            self._encoder,
            self._recognizer,
            now,
            ros_now=self.get_clock().now().nanoseconds,
            topic=self._monitor.topic,
            publishers=self._monitor.publishers,
            hint=None if hint is None else hint.finding,
            busy_since=None if self._worker is None else self._worker.busy_since,
        )

    def _resting(self) -> Status:
        """Not active: no trouble, unless something failed."""
        values = {'state': self.phase, **self.counts.texts()}
        if self.failure:
            first, *_ = self.failure.splitlines()
            return Status(Level.ERROR, first, {**values, 'failure': self.failure})
        return Status(Level.OK, self.phase, values)


def main() -> int:
    """Run one encoder node."""
    return run(EncoderNode)
