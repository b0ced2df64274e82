"""The encoder node: one sensor's messages in, embeddings out on the shared topic."""

from __future__ import annotations

from collections import Counter
from typing import Any
from typing import NamedTuple

from rclpy.duration import Duration
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

from omnibind.msg import Embedding
from omnibind_core.configuration.parameters import EncoderParameters
from omnibind_core.errors import InputError
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.modalities.registry import modality
from omnibind_core.streaming.latest_worker import LatestWorker
from omnibind_core.streaming.stamp_grid import StampGrid
from omnibind_ros.conversions.stamp import ns_to_stamp
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.managed_node import ManagedNode
from omnibind_ros.managed_node import run
from omnibind_ros.parameters import declare
from omnibind_ros.parameters import on_change
from omnibind_ros.parameters import read_parameters
from omnibind_ros.qos import EMBEDDINGS_QOS
from omnibind_ros.sensor_input import sensor_input

WARN_EVERY = 5.0  # seconds


class _Reading(NamedTuple):
    """A message on its way to the worker."""

    message: Any
    stamp: int
    received: int


class EncoderNode(ManagedNode):
    """Encodes one sensor. Its name is the sensor's name.

    Only the newest message is ever encoded: a worker thread takes it from a slot, so a slow model
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
            self.add_on_set_parameters_callback(
                on_change(self, sensor, self._apply_settings, 'settings.')
            )
        self.outcomes: Counter[str] = Counter()
        self._config: EncoderParameters | None = None
        self._recognizer: Recognizer | None = None
        self._subscription: Any = None
        self._publisher: Any = None
        self._worker: LatestWorker[_Reading] | None = None
        self._sequence = 0
        self.add_on_set_parameters_callback(on_change(self, EncoderParameters, self._apply))

    def configure(self) -> None:
        """Read the parameters, load the model, and run it once."""
        parameters = read_parameters(self, EncoderParameters)
        kind = modality(parameters.modality)
        self._settings = read_parameters(self, kind.sensor, 'settings.')
        self._input = sensor_input(parameters.modality, parameters.transport)
        recognizer = Recognizer.load(
            parameters.bundle,
            modalities=(parameters.modality,),
            backend=parameters.backend,
            fuse=False,
        )
        milliseconds = recognizer.warm_up(parameters.modality)
        self._recognizer = recognizer
        self._modality = kind
        self._apply(parameters)
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
        assert self._config is not None
        self._sequence = 0
        self._worker = LatestWorker(self._encode, failed=self._failed, name='encode')
        reliability = ReliabilityPolicy[self._config.reliability.upper()]
        self._subscription = self.create_subscription(
            self._input.message,
            self._config.topic,
            self._receive,
            # One: only the newest message is ever wanted.
            QoSProfile(depth=1, reliability=reliability),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )

    def deactivate(self) -> None:
        """Unsubscribe and stop the worker."""
        if self._subscription is not None:
            self.destroy_subscription(self._subscription)
            self._subscription = None
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    def cleanup(self) -> None:
        """Free the model."""
        if self._publisher is not None:
            self.destroy_lifecycle_publisher(self._publisher)
            self._publisher = None
        self._recognizer = None

    def _apply(self, parameters: EncoderParameters) -> None:
        before = self._config
        if before is None or before.max_rate != parameters.max_rate:
            self._grid = StampGrid(parameters.max_rate)
        self._config = parameters

    def _apply_settings(self, settings: Any) -> None:
        self._settings = settings

    def _receive(self, message: Any) -> None:
        try:
            self._take(message)
        except InputError as error:  # an impossible stamp
            self._failed(error)

    def _take(self, message: Any) -> None:
        parameters, worker = self._config, self._worker
        if parameters is None or worker is None:
            return
        self.outcomes['received'] += 1
        received = self.get_clock().now().nanoseconds
        if not parameters.enabled:
            self.outcomes['disabled'] += 1
            return
        arrival = parameters.stamp_source == 'arrival'
        stamp = received if arrival else stamp_to_ns(message.header.stamp)
        stamp += round(parameters.stamp_offset * 1e9)
        if not self._grid.accepts(stamp):
            self.outcomes['decimated'] += 1
        elif worker.put(_Reading(message, stamp, received)):
            self.outcomes['replaced'] += 1

    def _encode(self, reading: _Reading) -> None:
        recognizer, publisher = self._recognizer, self._publisher
        assert recognizer is not None and publisher is not None
        raw = self._input.convert(reading.message)
        specification = recognizer.specification(self._modality.name)
        prepared = self._modality.prepare(raw, specification, self._settings)
        encoded = recognizer.encode(self._modality.name, prepared.array)
        message = Embedding(
            sensor=self.get_name(),
            modality=self._modality.name,
            space=recognizer.space,
            model=recognizer.bundle_id,
            seq=self._sequence,
            span=Duration(seconds=self._modality.span).to_msg(),
            encode_ms=encoded.milliseconds,
            informative=prepared.informative,
        )
        message.header.frame_id = reading.message.header.frame_id
        stamp, received = message.header.stamp, message.received
        stamp.sec, stamp.nanosec = ns_to_stamp(reading.stamp)
        received.sec, received.nanosec = ns_to_stamp(reading.received)
        message.vector.frombytes(encoded.vector.tobytes())
        self._sequence += 1
        publisher.publish(message)
        self.outcomes['encoded'] += 1

    def _failed(self, error: Exception) -> None:
        if isinstance(error, InputError):
            self.outcomes[f'refused {error.field}'] += 1
            text = f'message refused: {error}'
        else:
            self.outcomes['failed'] += 1
            text = f'message lost: {type(error).__name__}: {error}'
        self.get_logger().warning(text, throttle_duration_sec=WARN_EVERY)


def main() -> int:
    """Run one encoder node."""
    return run(EncoderNode)
