"""One sensor's messages into vectors: stamps, decimation, decoding, preprocessing, the model.

No rclpy here: the node calls it from its two threads, the evaluation of bags from one.
"""

from __future__ import annotations

from collections.abc import Callable
import time
from typing import Any
from typing import NamedTuple

from omnibind_core.configuration.parameters import EncoderParameters
from omnibind_core.diagnostics.latency_meter import LatencyMeter
from omnibind_core.diagnostics.rate_meter import RateMeter
from omnibind_core.diagnostics.reason_counts import ReasonCounts
from omnibind_core.errors import InputError
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.modalities.registry import modality
from omnibind_core.streaming.clock_hint import ClockHint
from omnibind_core.streaming.stamp_grid import StampGrid
from omnibind_core.streaming.vector import Vector
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.sources.source import Source

#: Parts of the latency, in order: from the stamp until the message came; until the worker took it
#: up; message to array; array to model input; the model; handing over to the middleware; and all
#: since the message came.
PARTS = ('arrival', 'waiting', 'decode', 'preprocess', 'encode', 'publish', 'in node')


class Reading(NamedTuple):
    """What is to be encoded next.

    :param content: for the source's ``convert``.
    :param stamp: at the end of what was sensed, corrected; nanoseconds of ROS time.
    :param span: length of what was sensed, nanoseconds.
    :param received: when its last message came, nanoseconds of ROS time.
    :param frame_id: that of its last message.
    :param entered: when that was on the steady clock, nanoseconds.
    """

    content: Any
    stamp: int
    span: int
    received: int
    frame_id: str
    entered: int


class SensorEncoder:
    """Everything between a message and its vector.

    :meth:`take` belongs to the thread that receives, :meth:`encode` to that which encodes. Each
    message ends in exactly one of the outcomes that ``counts`` holds: they sum to ``received``
    when nothing is under way.

    :param name: the sensor's.
    :param parameters: of the encoder; set anew while running by :meth:`apply`.
    :param settings: of the sensor, of the modality's ``sensor`` class.
    :param source: what makes readings of the messages.
    :param recognizer: with this modality's encoder.
    :param counts: where outcomes are counted.
    :param error: takes the one sentence that stamps are far from the clock.
    """

    def __init__(
        self,
        *,
        name: str,
        parameters: EncoderParameters,
        settings: Any,
        source: Source,
        recognizer: Recognizer,
        counts: ReasonCounts,
        error: Callable[[str], None],
    ) -> None:
        self._name = name
        self._modality = modality(parameters.modality)
        self._specification = recognizer.specification(parameters.modality)
        self._parameters = parameters
        self._settings = settings
        self._recognizer = recognizer
        self._error = error
        self._grid = StampGrid(parameters.max_rate)
        self._sequence = 0
        self.source = source
        self.counts = counts
        self.clock_hint = ClockHint(most=1)
        self.latencies = LatencyMeter(*PARTS)
        self.inputs = RateMeter()
        self.refusals = RateMeter()
        self.outputs = RateMeter()
        #: Stamp of the newest vector, nanoseconds of ROS time.
        self.last_stamp: int | None = None
        #: Why the last message that came to nothing did.
        self.last_refusal = ''

    @property
    def parameters(self) -> EncoderParameters:
        """The parameters in force."""
        return self._parameters

    def apply(self, parameters: EncoderParameters) -> None:
        """Parameters were changed while running; only the live ones are obeyed."""
        if parameters.max_rate != self._parameters.max_rate:
            self._grid = StampGrid(parameters.max_rate)
        if parameters.enabled and not self._parameters.enabled:
            self.source.interrupted()  # what came meanwhile was left out
        self._parameters = parameters

    def apply_settings(self, settings: Any) -> None:
        """Settings of the sensor were changed while running."""
        self._settings = settings
        self.source.apply(settings)

    def restart(self) -> None:
        """Messages were left out, as between two activations: nothing of before is continued."""
        self.source.interrupted()
        self.clock_hint.reset()
        self.latencies.reset()
        now = time.monotonic_ns()
        for meter in (self.inputs, self.refusals, self.outputs):
            meter.reset(now)
        self._grid = StampGrid(self._parameters.max_rate)
        self._sequence = 0

    def take(self, message: Any, received: int, *, simulated: bool = False) -> Reading | None:
        """A message came.

        :param received: when, nanoseconds of ROS time.
        :param simulated: whether that time comes from ``/clock``.
        :returns: what to encode, if there is anything: :meth:`encode` counts its outcome, or
            :meth:`dropped` where it is not called.
        """
        entered = time.monotonic_ns()
        self.counts.add('received')
        self.inputs.add(entered)
        if not self._parameters.enabled:
            self.counts.add('disabled')
            return None
        stamp = self._stamp(message, received, entered, simulated=simulated)
        begin = time.perf_counter_ns()
        arrival = self._parameters.stamp_source == 'arrival'
        end = self.source.enter(message, stamp, arrival=arrival)
        if self.source.decodes_on_entry:
            self.latencies.add('decode', time.perf_counter_ns() - begin, entered)
        if end is None:
            self.counts.add('buffered')
            return None
        if not self._grid.accepts(end):
            self.counts.add('buffered' if self.source.decodes_on_entry else 'decimated')
            return None
        assembled = self.source.assemble()
        if assembled is None:  # the ring does not hold a whole span yet
            self.counts.add('buffered')
            return None
        self.latencies.add('arrival', received - assembled.stamp, entered)
        return Reading(*assembled, received, str(message.header.frame_id), entered)

    def encode(self, reading: Reading) -> Vector | None:
        """Encode a reading; ``None`` while the source is still learning.

        :raises InputError: for a reading that cannot be used.
        :raises BackendError: when the model fails.
        """
        now = time.monotonic_ns()
        self.latencies.add('waiting', now - reading.entered, now)
        begin = time.perf_counter_ns()
        raw = self.source.convert(reading.content)
        if not self.source.decodes_on_entry:
            self.latencies.add('decode', time.perf_counter_ns() - begin, now)
        if raw is None:
            self.counts.add('learning')
            return None
        begin = time.perf_counter_ns()
        prepared = self._modality.prepare(raw, self._specification, self._settings)
        self.latencies.add('preprocess', time.perf_counter_ns() - begin, now)
        encoded = self._recognizer.encode(self._modality.name, prepared)
        self.latencies.add('encode', round(encoded.milliseconds * 1e6), now)
        self._sequence += 1
        return Vector(
            sensor=self._name,
            modality=self._modality.name,
            stamp=reading.stamp,
            span=reading.span,
            received=reading.received,
            seq=self._sequence - 1,
            informative=prepared.informative,
            space=self._recognizer.space,
            payload=encoded.vector,
            encode_ms=encoded.milliseconds,
        )

    def published(self, reading: Reading, vector: Vector, duration: int) -> None:
        """The vector was handed over; that took ``duration`` nanoseconds."""
        now = time.monotonic_ns()
        self.counts.add('encoded')
        self.outputs.add(now)
        self.last_stamp = vector.stamp
        self.latencies.add('publish', duration, now)
        self.latencies.add('in node', now - reading.entered, now)

    def dropped(self, reason: str) -> None:
        """A reading is not encoded: ``replaced`` by a newer one, or ``stopped``."""
        self.counts.add(reason)

    def failed(self, error: Exception) -> str:
        """A message or reading came to nothing; counts it and says so in one sentence."""
        self.refusals.add(time.monotonic_ns())
        self.last_refusal = str(error)
        if isinstance(error, InputError):
            self.counts.add(f'refused {error.field}')
            return f'message refused: {error}'
        self.counts.add('failed')
        return f'message lost: {type(error).__name__}: {error}'

    def _stamp(self, message: Any, received: int, entered: int, *, simulated: bool) -> int:
        offset = round(self._parameters.stamp_offset * 1e9)
        if self._parameters.stamp_source == 'arrival':
            if simulated and received == 0:
                allowed = 'a bag or a simulator that publishes the time, or use_sim_time: false'
                raise InputError('/clock', 'nothing', allowed)
            return received + offset
        given = stamp_to_ns(message.header.stamp)
        if given <= 0:
            allowed = 'a stamp set by the driver, or stamp_source: arrival'
            raise InputError('header.stamp', given or '0 (not set)', allowed)
        hint = self.clock_hint.look(
            self._name, given + offset, received, at=entered, simulated=simulated
        )
        if hint is not None:
            self._error(hint)
        return given + offset
