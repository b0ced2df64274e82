"""One sensor of a bag into vectors, as its encoder node would have sent them."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
import time
from typing import Any

from omnibind_core.configuration.robot import Encoder
from omnibind_core.data.bag_source import BagReadError
from omnibind_core.data.bag_source import BagSource
from omnibind_core.diagnostics.reason_counts import ReasonCounts
from omnibind_core.errors import OmniBindError
from omnibind_core.evaluation.bag.clock_check import clock_problem
from omnibind_core.evaluation.bag.encode_slot import EncodeSlot
from omnibind_core.evaluation.bag.encode_slot import Taken
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_ros.bag_evaluation.messages import decoder
from omnibind_ros.bag_evaluation.thumbnails import Thumbnails
from omnibind_ros.sensor_encoder import Reading
from omnibind_ros.sensor_encoder import SensorEncoder
from omnibind_ros.sensor_source import beside
from omnibind_ros.sensor_source import sensor_source
from omnibind_ros.sensor_source import type_advice

_SECOND = 1_000_000_000
_TOO_MANY_REFUSED = 0.05


@dataclass(frozen=True)
class Job:
    """What is to be encoded.

    :param path: of the bag.
    :param encoder: the sensor and its parameters.
    :param bundle: folder of the bundle.
    :param delay: how long encoding takes in the model of latency, ns.
    :param moments: when pictures of what it sensed are wanted, ns of ROS time.
    """

    path: Path
    encoder: Encoder
    bundle: Path
    delay: int
    moments: tuple[int, ...]


@dataclass
class Trace:
    """What one sensor gave.

    :param arrivals: in the order of time.
    :param counts: what became of its messages, by reason.
    :param pictures: of what it sensed, ``[size, size, 3]``, by number of the moment.
    :param problems: sentences about what is wrong.
    :param encode_ms: of each run of the model; measured.
    :param cpu_s: processor time in all; measured.
    """

    name: str
    modality: str
    topic: str
    arrivals: list[Arrival] = field(default_factory=list)
    counts: Mapping[str, int] = field(default_factory=dict)
    pictures: Mapping[int, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    encode_ms: list[float] = field(default_factory=list)
    cpu_s: float = 0.0


def encode_sensor(job: Job) -> Trace:
    """Read, decode, decimate and encode one sensor's messages; never raises for what is in a bag.

    A sensor that cannot be used gives no arrivals and a problem.
    """
    began = time.process_time()
    parameters = job.encoder.parameters
    trace = Trace(job.encoder.name, parameters.modality, parameters.topic)
    try:
        _Encoding(job, trace).run()
    except OmniBindError as error:
        trace.problems.append(f'{trace.name} is left out: {error}')
    trace.cpu_s = time.process_time() - began
    return trace


class _Encoding:
    """The node's two threads, one after the other in bag time."""

    def __init__(self, job: Job, trace: Trace) -> None:
        parameters = job.encoder.parameters
        kind = sensor_source(parameters.modality, parameters.transport)
        recognizer = Recognizer.load(
            job.bundle, modalities=(parameters.modality,), backend='onnxruntime', fuse=False
        )
        specification = recognizer.specification(parameters.modality)
        source = kind.source(specification, job.encoder.settings)
        self._pictures = Thumbnails(parameters.modality, source, job.moments)
        self._job = job
        self._trace = trace
        self._kind = kind
        self._counts = ReasonCounts()
        self._refused: dict[str, str] = {}
        self._delays: list[float] = []
        self._encoder = SensorEncoder(
            name=job.encoder.name,
            parameters=parameters,
            settings=job.encoder.settings,
            source=self._pictures,
            recognizer=recognizer,
            counts=self._counts,
            error=lambda _: None,  # clocks are judged at the end, from all messages
        )

    def run(self) -> None:
        """Everything, into the trace."""
        topic = self._job.encoder.parameters.topic
        info = ''
        if self._kind.info:
            info = self._job.encoder.parameters.info_topic or beside(topic, 'audio_info')
        with BagSource(self._job.path) as whole:
            names = [*whole.topics]
        if topic not in names:
            raise BagReadError(f'the bag has no topic {topic}; it has {", ".join(names)}')
        include = [topic, info] if info in names else [topic]
        slot: EncodeSlot[Reading] = EncodeSlot(self._job.delay)
        with BagSource(self._job.path, include=include) as bag:
            found = bag.topics[topic].message
            if found != self._kind.message:
                advice = type_advice(self._kind.message, found)
                raise BagReadError(
                    f'topic {topic} is {found}, not {self._kind.message}'
                    + (f': {advice}' if advice else '')
                )
            decoders = {name: decoder(bag.topics[name]) for name in include}
            try:
                for item in bag.messages(bag.begin, bag.end + 1):
                    decode = decoders[item.topic]
                    if item.topic == topic:
                        self._take(decode, item.data, item.received, slot)
                    else:
                        self._inform(decode, item.data)
            except BagReadError as error:
                self._trace.problems.append(
                    f'{self._trace.name}: only what comes before the damage counts: {error}'
                )
        self._encode(slot.drain())
        self._counts.add('replaced', slot.replaced)
        self._finish()

    def _take(self, decode: Any, data: bytes, received: int, slot: EncodeSlot[Reading]) -> None:
        before = self._counts['received']
        try:
            reading = self._encoder.take(decode(data), received, simulated=True)
        except Exception as error:  # noqa: BLE001  whatever one message holds must not end the rest
            if self._counts['received'] == before:
                self._counts.add('received')
            self._failed(error)
            return
        if reading is not None:
            self._delays.append((received - reading.stamp) / _SECOND)
            self._encode(slot.put(reading, received))

    def _inform(self, decode: Any, data: bytes) -> None:
        try:
            self._pictures.inform(decode(data))
        except Exception as error:  # noqa: BLE001  the messages are refused for it, and counted
            self._trace.problems.append(f'{self._trace.name}: audio info refused: {error}')

    def _encode(self, taken: Any) -> None:
        one: Taken[Reading]
        for one in taken:
            try:
                vector = self._encoder.encode(one.item)
            except Exception as error:  # noqa: BLE001  as in _take
                self._failed(error)
                continue
            if vector is None:
                continue
            self._encoder.published(one.item, vector, 0)
            self._pictures.encoded(vector)
            self._trace.encode_ms.append(vector.encode_ms)
            self._trace.arrivals.append(Arrival(one.ready, vector))

    def _failed(self, error: Exception) -> None:
        text = self._encoder.failed(error)
        self._refused.setdefault(str(getattr(error, 'field', 'failed')), text)

    def _finish(self) -> None:
        trace = self._trace
        trace.counts = {name: n for name, n in self._counts.snapshot().items() if n}
        trace.pictures = self._pictures.drawn()
        received = trace.counts.get('received', 0)
        refused = sum(n for name, n in trace.counts.items() if name.startswith(('refused', 'fail')))
        if refused > _TOO_MANY_REFUSED * received and self._refused:
            sentences: Sequence[str] = [*self._refused.values()]
            trace.problems.append(
                f'{trace.name}: {refused} of {received} messages are refused; {sentences[0]}'
            )
        problem = clock_problem(trace.name, self._delays)
        if problem:
            trace.problems.append(problem)
