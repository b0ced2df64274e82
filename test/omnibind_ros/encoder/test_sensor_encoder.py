"""Between message and vector, without ROS: every message has exactly one outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from message_doubles import AudioData
from message_doubles import AudioDataStamped
from message_doubles import AudioInfo
from message_doubles import EventPacket
from message_doubles import Header
from message_doubles import Image
from message_doubles import Stamp
import numpy as np
import pytest

from omnibind_core.configuration.parameters import EncoderParameters
from omnibind_core.diagnostics.reason_counts import ReasonCounts
from omnibind_core.errors import BackendError
from omnibind_core.errors import InputError
from omnibind_core.inference.recognition import Encoded
from omnibind_core.modalities.audio import AudioSpecification
from omnibind_core.modalities.event import EventSensor
from omnibind_core.modalities.event import EventSpecification
from omnibind_core.modalities.image import ImageSpecification
from omnibind_core.modalities.registry import modality
from omnibind_ros.conversions.channels import to_rgb
from omnibind_ros.conversions.image import decode_image
from omnibind_ros.encoder_status import encoder_status
from omnibind_ros.sensor_encoder import Reading
from omnibind_ros.sensor_encoder import SensorEncoder
from omnibind_ros.sources.audio import AudioSource
from omnibind_ros.sources.event import EventSource
from omnibind_ros.sources.single import SingleSource

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND


class Encoder:
    """A model whose vector says nothing, and that fails when it is told to."""

    space, bundle_id, backend, backend_reason = 'space', 'bundle', 'onnxruntime', 'test'
    backend_problems: tuple[str, ...] = ()

    def __init__(self, specification: Any) -> None:
        self._specification = specification
        self.failing = False

    def specification(self, name: str) -> Any:
        return self._specification

    def encode(self, name: str, prepared: Any) -> Encoded:
        if self.failing:
            raise BackendError('no GPU any more')
        vector = np.array([1.0, 0.0], np.float32)
        return Encoded(name, vector, self.space, 1.5, prepared.informative)


def encoder(
    kind: str, source: Any, specification: Any, **parameters: Any
) -> tuple[SensorEncoder, Encoder, list[str]]:
    """With its model, and the errors it reports."""
    model, errors = Encoder(specification), []
    made = SensorEncoder(
        name='sensor',
        parameters=EncoderParameters(modality=kind, bundle='', **parameters),
        settings=modality(kind).sensor(),
        source=source,
        recognizer=model,  # type: ignore[arg-type]
        counts=ReasonCounts(),
        error=errors.append,
    )
    return made, model, errors


def camera(**parameters: Any) -> tuple[SensorEncoder, Encoder, list[str]]:
    """Of small pictures."""
    source = SingleSource(lambda message: to_rgb(decode_image(message)))
    return encoder('image', source, ImageSpecification(size=32), **parameters)


def header(stamp: int) -> Header:
    """With this stamp, nanoseconds."""
    return Header(Stamp(*divmod(stamp, SECOND)), 'frame')


def picture(stamp: int, *, encoding: str = 'rgb8') -> Image:
    """40 x 40 pixels of noise."""
    data = np.random.default_rng(1).integers(0, 256, 4800, np.uint8).tobytes()
    return Image(header(stamp), 40, 40, encoding, 0, 120, data)


def sound(stamp: int, *, samples: int = 800, seed: int = 0) -> AudioDataStamped:
    """50 ms of noise."""
    data = np.random.default_rng(seed).integers(-9999, 9999, samples).astype('<i2').tobytes()
    return AudioDataStamped(AudioData(data), header(stamp))


def take_and_encode(one: SensorEncoder, message: Any, received: int) -> Any:
    """As the node does on its two threads; the vector, if there is one."""
    try:
        reading = one.take(message, received)
        if reading is None:
            return None
        vector = one.encode(reading)
        if vector is not None:
            one.published(reading, vector, 1000)
    except Exception as error:  # noqa: BLE001
        one.failed(error)
        return None
    return vector


def test_a_vector_carries_the_times_of_its_message() -> None:
    """The stamp is corrected, the number runs."""
    one, _, errors = camera(max_rate=0.0, stamp_offset=-0.25)
    for number in range(2):
        vector = take_and_encode(one, picture(NOW + number), NOW + 7)
        assert vector.stamp == NOW + number - SECOND // 4
        assert (vector.received, vector.seq, vector.span) == (NOW + 7, number, 0)
        assert (vector.sensor, vector.modality, vector.space) == ('sensor', 'image', 'space')
        assert vector.encode_ms == 1.5
    assert one.last_stamp == vector.stamp
    assert errors == []


def test_stamps_that_cannot_be() -> None:
    """Not set, before the epoch, and nanoseconds beyond a second."""
    one, _, _ = camera(max_rate=0.0)
    for message, field in (
        (picture(0), 'header.stamp'),
        (picture(-5 * SECOND), 'header.stamp'),
        (replace(picture(NOW), header=Header(Stamp(1, 2**32 - 1))), 'stamp.nanosec'),
    ):
        with pytest.raises(InputError) as caught:
            one.take(message, NOW)
        assert caught.value.field == field


def test_arrival_before_there_is_a_clock_is_no_stamp() -> None:
    """Simulated time without /clock: said here, not as a stamp that the fusion finds missing."""
    one, _, _ = camera(max_rate=0.0, stamp_source='arrival', stamp_offset=0.5)
    with pytest.raises(InputError, match='/clock: got nothing'):
        one.take(picture(NOW), 0, simulated=True)
    reading = one.take(picture(0), NOW, simulated=True)
    assert reading is not None and reading.stamp == NOW + SECOND // 2


def test_stamps_far_from_the_clock_are_told_once() -> None:
    """And for as long as they are, in the status."""
    one, model, errors = camera(max_rate=0.0)
    for number in range(10):
        take_and_encode(one, picture(SECOND + number), NOW)
    assert len(errors) == 1
    assert 'use_sim_time' in errors[0]
    assert status(one, model).level == 2
    take_and_encode(one, picture(NOW), NOW)
    assert status(one, model).level == 0


def test_sound_and_events_on_arrival_end_when_they_arrived() -> None:
    """The driver's stamp is of the first sample, that of arrival of the last."""
    source = AudioSource(1.0)
    source.inform(AudioInfo())
    one, _, _ = encoder('audio', source, AudioSpecification(), stamp_source='arrival', max_rate=0.0)
    vectors = [
        take_and_encode(one, sound(0, seed=number), NOW + number * SECOND // 20)
        for number in range(40)
    ]
    assert vectors[:19] == [None] * 19
    for number, vector in enumerate(vectors[19:], start=19):
        assert abs(vector.stamp - (NOW + number * SECOND // 20)) < 1000
        assert vector.span == SECOND
    assert one.counts.snapshot() == {'received': 40, 'buffered': 19, 'encoded': 21}


def test_a_microphone_that_was_disabled_begins_afresh() -> None:
    """What it did not hear is not taken for silence."""
    source = AudioSource(1.0)
    source.inform(AudioInfo())
    one, _, _ = encoder('audio', source, AudioSpecification(), max_rate=0.0)

    def hear(begin: int, number: int) -> int:
        messages = range(begin, begin + number)
        vectors = [
            take_and_encode(one, sound(NOW + step * SECOND // 20), NOW + step * SECOND // 20)
            for step in messages
        ]
        return sum(vector is not None for vector in vectors)

    assert hear(0, 25) == 6
    one.apply(replace(one.parameters, enabled=False))
    assert hear(25, 2) == 0
    one.apply(replace(one.parameters, enabled=True))
    assert hear(27, 25) == 6
    assert one.counts['disabled'] == 2


def test_a_format_that_changes_starts_the_ring_over_and_the_same_does_not() -> None:
    """Drivers repeat their AudioInfo."""
    source = AudioSource(1.0)
    source.inform(AudioInfo())
    one, _, _ = encoder('audio', source, AudioSpecification(), max_rate=0.0)
    for step in range(20):
        source.inform(AudioInfo())
        vector = take_and_encode(one, sound(NOW + step * SECOND // 20), NOW)
    assert vector is not None
    source.inform(AudioInfo(channels=2))
    assert take_and_encode(one, sound(NOW + SECOND), NOW) is None
    with pytest.raises(InputError, match='coding_format'):
        source.inform(AudioInfo(coding_format='mp3'))
    assert take_and_encode(one, sound(NOW + 2 * SECOND), NOW) is None
    assert one.counts['refused coding_format'] == 1
    assert 'mp3' in source.values()['audio format']


def packet(number: int, width: int = 64) -> EventPacket:
    """20 ms of an event camera."""
    # mono: one event each millisecond, 64 bit: polarity, y, x, nanoseconds
    words = np.array([(1 << 63) | (n * 1_000_000) for n in range(20)], '<u8')
    base = 10**12 + number * 20_000_000
    message = EventPacket(48, width, number, base, 'mono', False, words.tobytes())
    message.header = header(NOW + number * 20_000_000)  # type: ignore[attr-defined]
    return message


def test_a_slow_event_camera_is_looked_at_for_longer() -> None:
    """As far as it is covered, by its settings of the moment; the span says how long."""
    size = 64 * 48
    source = EventSource(EventSpecification(), EventSensor(enough=100.5 / size, longest_ms=80.0))

    spans = []
    for number in range(8):
        source.enter(packet(number), NOW + number * 20_000_000, arrival=False)
        assembled = source.assemble()
        if assembled is not None:
            assert assembled.content.end_us - assembled.content.begin_us >= assembled.span // 1000
            spans.append(assembled.span // 1_000_000)
    # The last event of a packet is its end: 59, 79, ... ms are covered.
    assert spans == [59, 79, 80, 80, 80, 80]
    source.apply(EventSensor(enough=100.5 / size, longest_ms=500.0))
    assembled = source.assemble()
    assert assembled is not None
    # 101 events: that of 59 ms is the oldest of them, the newest is at 159 ms.
    assert assembled.span == 100_001_000
    assert len(assembled.content.events) == 159
    source.apply(EventSensor(enough=0.0))
    assembled = source.assemble()
    assert assembled is not None
    assert (assembled.span, len(assembled.content.events)) == (50_000_000, 50)


def test_an_event_camera_of_another_size_is_another_camera() -> None:
    """The ring is made anew; a picture is not refused for it."""
    source = EventSource(EventSpecification(), EventSensor(enough=0.0))

    ends = [
        source.enter(packet(number), NOW + number * 20_000_000, arrival=False)
        for number in range(6)
    ]
    assert None not in ends
    assembled = source.assemble()
    assert assembled is not None
    assert (assembled.content.width, assembled.span) == (64, 50_000_000)
    source.enter(packet(6, 32), NOW + 120_000_000, arrival=False)
    assert source.assemble() is None


def test_a_bag_that_begins_again_is_encoded_again() -> None:
    """Three times the same stamps: each time the same vectors come, from the grid as well."""
    source = AudioSource(1.0)
    source.inform(AudioInfo())
    one, _, _ = encoder('audio', source, AudioSpecification(), max_rate=2.0)
    loops = [
        [
            vector.stamp
            for step in range(60)
            if (vector := take_and_encode(one, sound(NOW + step * SECOND // 20), NOW))
        ]
        for _ in range(3)
    ]
    assert len(loops[0]) >= 4
    assert loops[1] == loops[2]
    assert loops[1][-4:] == loops[0][-4:]

    two, _, _ = camera(max_rate=10.0)
    counted = [
        sum(
            take_and_encode(two, picture(NOW + step * SECOND // 30), NOW) is not None
            for step in range(90)
        )
        for _ in range(3)
    ]
    assert counted == [30, 30, 30]


def status(one: SensorEncoder, model: Encoder, **given: Any) -> Any:
    """Of now."""
    import time

    now = time.monotonic_ns()
    defaults = {'ros_now': NOW, 'topic': '/t', 'publishers': 1, 'hint': None, 'busy_since': None}
    return encoder_status(one, model, now, **{**defaults, **given})  # type: ignore[arg-type]


def test_a_message_that_does_not_end_is_an_error() -> None:
    """The worker has had it for longer than `error_stuck`."""
    one, model, _ = camera(max_rate=0.0)
    take_and_encode(one, picture(NOW), NOW)
    assert status(one, model).level == 0
    stuck = status(one, model, busy_since=1)
    assert stuck.level == 2
    assert 'one message' in stuck.message
    one.apply(replace(one.parameters, error_stuck=0.0))
    assert status(one, model, busy_since=1).level == 0


def test_a_gpu_that_is_not_used_is_a_warning() -> None:
    """The model runs, but not where this machine could run it."""
    one, model, _ = camera(max_rate=0.0)
    take_and_encode(one, picture(NOW), NOW)
    model.backend_problems = ('image runs on ONNX Runtime: no kernel',)
    found = status(one, model)
    assert (found.level, found.message) == (1, 'image runs on ONNX Runtime: no kernel')


ACTIONS = st.one_of(
    st.tuples(
        st.just('take'),
        st.sampled_from(['rgb8', 'rgb8', 'sonar8', 'mono16']),
        st.integers(-2 * SECOND, 2 * SECOND),
    ),
    st.tuples(st.just('encode'), st.none(), st.none()),
    st.tuples(st.just('enabled'), st.booleans(), st.none()),
    st.tuples(st.just('max_rate'), st.sampled_from([0.0, 5.0, 30.0]), st.none()),
    st.tuples(st.just('failing'), st.booleans(), st.none()),
    st.tuples(st.just('restart'), st.none(), st.none()),
)


@given(actions=st.lists(ACTIONS, max_size=60))
def test_every_message_has_exactly_one_outcome(actions: list[tuple[str, Any, Any]]) -> None:
    """Whatever happens in whatever order: outcomes and the one that waits sum to received."""
    one, model, _ = camera()
    waiting: Reading | None = None
    stamp = NOW
    for action, value, step in actions:
        if action == 'take':
            stamp = max(stamp + step, -SECOND)
            try:
                reading = one.take(picture(stamp, encoding=value), NOW)
                if reading is not None:
                    if waiting is not None:
                        one.dropped('replaced')
                    waiting = reading
            except InputError as error:
                one.failed(error)
        elif action == 'encode' and waiting is not None:
            reading, waiting = waiting, None
            try:
                vector = one.encode(reading)
                assert vector is not None
                one.published(reading, vector, 5)
            except (InputError, BackendError) as error:
                one.failed(error)
        elif action in ('enabled', 'max_rate'):
            one.apply(replace(one.parameters, **{action: value}))
        elif action == 'failing':
            model.failing = value
        elif action == 'restart':
            one.restart()
        counts = one.counts.snapshot()
        received = counts.pop('received', 0)
        assert sum(counts.values()) + (waiting is not None) == received
    status(one, model)
