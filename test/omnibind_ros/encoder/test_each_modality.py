"""Each kind of sensor alone: the bag's messages over DDS give the vectors computed by hand."""

from __future__ import annotations

from functools import cache
from typing import Any

from encoder_rig import EncoderRig
from encoder_rig import lossless
from encoder_rig import RELIABLE
from lite_bag import AUDIO_INFO
from lite_bag import bag_messages
from lite_bag import BUNDLE
from lite_bag import stamped_from
from lite_bag import TOPICS
import numpy as np
import pytest

from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.touch import TouchFrame
from omnibind_ros.conversions.audio import audio_format
from omnibind_ros.conversions.audio import decode_audio
from omnibind_ros.conversions.channels import to_rgb
from omnibind_ros.conversions.compressed_image import decode_compressed_image
from omnibind_ros.conversions.event import EventPacketDecoder
from omnibind_ros.conversions.image import decode_image
from omnibind_ros.conversions.point_cloud import decode_points
from omnibind_ros.qos import LATCHED_QOS

pytestmark = pytest.mark.usefixtures('ros_domain')

MESSAGES = {'image': 4, 'thermal': 4, 'event': 60, 'point_cloud': 4, 'audio': 30, 'touch': 20}


@cache
def recognizer() -> Recognizer:
    """All encoders of the shipped bundle."""
    return Recognizer.load(BUNDLE, fuse=False)


def now(rig: EncoderRig) -> int:
    """ROS time, nanoseconds."""
    return int(rig.probe.node.get_clock().now().nanoseconds)


def stamp_of(message: Any) -> int:
    """Of an embedding, nanoseconds."""
    return int(message.header.stamp.sec * 10**9 + message.header.stamp.nanosec)


def play(kind: str, messages: list[Any], **parameters: Any) -> tuple[list[Any], dict[str, int]]:
    """Encode messages one after the other; the embeddings and what was counted."""
    transport = TOPICS[kind][1]
    given = {
        'modality': kind,
        'topic': 'input',
        'transport': transport,
        'max_rate': 0.0,
        'diagnostics_period': 0.02,
        **lossless('input'),
        **parameters,
    }
    with EncoderRig(BUNDLE, **given) as rig:
        if kind == 'audio':
            (info,) = bag_messages(AUDIO_INFO, 1)
            rig.probe.publisher(type(info), 'audio_info', LATCHED_QOS).publish(info)
        publisher = rig.publisher(type(messages[0]), qos=RELIABLE)
        if kind == 'audio':
            rig.wait(lambda: rig.values.get('audio format', '').startswith('S16LE'), 'the format')
        stamped_from(messages, now(rig))
        for number, message in enumerate(messages, start=1):
            publisher.publish(message)
            # One after the other, so that none is replaced by the next.
            rig.wait(lambda sent=number: rig.settled(sent), f'message {number} to be counted')
        sent = rig.counts['encoded']
        rig.wait(lambda: len(rig.embeddings) == sent, 'as many embeddings as were encoded')
        counts = rig.counts
        assert rig.process.stop() == 0, rig.process.output
        assert 'Traceback' not in rig.process.output
    return list(rig.embeddings), counts


def expected(kind: str, raw: Any) -> Any:
    """The vector of a raw reading, without ROS."""
    return recognizer().encode_raw(kind, raw)


def check(kind: str, message: Any, raw: Any, *, span: int = 0) -> None:
    """An embedding against the same reading encoded here."""
    wanted = expected(kind, raw)
    np.testing.assert_allclose(np.array(message.vector), wanted.vector, atol=1e-5)
    assert message.informative == wanted.informative
    assert (message.sensor, message.modality) == ('sensor', kind)
    assert (message.space, message.model) == (recognizer().space, recognizer().bundle_id)
    assert message.span.sec * 10**9 + message.span.nanosec == span
    assert message.encode_ms > 0


@pytest.mark.parametrize('kind', ['image', 'thermal', 'point_cloud'])
def test_every_message_of_a_camera_or_lidar_is_an_embedding(kind: str) -> None:
    """Stamp and frame are the message's; nothing is counted but received and encoded."""
    messages = bag_messages(TOPICS[kind][0], MESSAGES[kind])
    embeddings, counts = play(kind, messages)
    assert counts == {'received': len(messages), 'encoded': len(messages)}
    decode = {
        'image': lambda one: to_rgb(decode_compressed_image(one)),
        'thermal': decode_image,
        'point_cloud': decode_points,
    }[kind]
    for number, (message, embedding) in enumerate(zip(messages, embeddings, strict=True)):
        check(kind, embedding, decode(message))
        assert embedding.header == message.header
        assert embedding.seq == number


def test_touch_is_encoded_once_the_gel_is_known() -> None:
    """Fifteen pictures that agree are the background; those before are counted as learning."""
    messages = bag_messages(TOPICS['touch'][0], MESSAGES['touch'])
    embeddings, counts = play('touch', messages)
    pictures = [to_rgb(decode_compressed_image(one)) for one in messages]
    background = np.median(np.stack(pictures[:15]), axis=0).astype(np.uint8)
    assert counts == {'received': 20, 'learning': 14, 'encoded': 6}
    check('touch', embeddings[0], TouchFrame(pictures[14], background))
    check('touch', embeddings[-1], TouchFrame(pictures[19], background))


def test_sound_is_encoded_second_by_second() -> None:
    """Each embedding covers the last second; its stamp is where that ends."""
    messages = bag_messages(TOPICS['audio'][0], MESSAGES['audio'])
    (info,) = bag_messages(AUDIO_INFO, 1)
    form = audio_format(info)
    embeddings, counts = play('audio', messages)
    samples = [decode_audio(one, form) for one in messages]
    second = form.sample_rate
    first = next(n for n in range(1, 31) if sum(map(len, samples[:n])) >= second)
    assert counts == {'received': 30, 'buffered': first - 1, 'encoded': 31 - first}
    for number, embedding in zip(range(first, 31), embeddings, strict=True):
        newest = np.concatenate(samples[:number])[-second:]
        check('audio', embedding, AudioClip(newest, second), span=10**9)
        end = messages[number - 1].header.stamp
        stamp = end.sec * 10**9 + end.nanosec + len(samples[number - 1]) * 10**9 // second
        assert abs(stamp_of(embedding) - stamp) < 20_000_000  # stamps jitter, samples do not


def test_events_are_encoded_in_windows() -> None:
    """Each covers 200 ms to the end of the newest packet, or all there is: the robot is at rest."""
    messages = bag_messages(TOPICS['event'][0], MESSAGES['event'])
    embeddings, counts = play('event', messages)
    decoder = EventPacketDecoder()
    chunks = [decoder.decode(one) for one in messages]
    assert counts['received'] == len(messages) == counts['encoded'] + counts['buffered']
    assert counts['buffered'] <= 5
    for number, embedding in zip(range(counts['buffered'], 60), embeddings, strict=True):
        events = np.concatenate([one.events for one in chunks[: number + 1]])
        end = chunks[number].end_us
        assert end is not None
        begin = max(end - 200_000, chunks[0].begin_us or 0)
        inside = events[(events['t'] > begin) & (events['t'] <= end)]
        raw = EventSlice(inside, messages[0].width, messages[0].height, end, begin)
        check('event', embedding, raw, span=(end - begin) * 1000)


def test_max_rate_holds_for_spans_while_every_message_enters() -> None:
    """20 messages a second, two spans a second: the spans are whole, nothing is missing."""
    messages = bag_messages(TOPICS['audio'][0], 60)
    (info,) = bag_messages(AUDIO_INFO, 1)
    form = audio_format(info)
    embeddings, counts = play('audio', messages, max_rate=2.0)
    length = sum(len(decode_audio(one, form)) for one in messages) / form.sample_rate
    # None before the first second is full, then one in each half second of stamps.
    assert (length - 1.0) * 2 - 1 <= len(embeddings) <= (length - 1.0) * 2 + 2
    assert counts['received'] == 60 == counts['buffered'] + counts['encoded']
    cells = [stamp_of(one) // 500_000_000 for one in embeddings]
    assert len(set(cells)) == len(cells)
    samples = [decode_audio(one, form) for one in messages]
    step, second = len(samples[0]), form.sample_rate
    assert {len(one) for one in samples} == {step}
    sound = np.concatenate(samples)
    vectors = [
        expected('audio', AudioClip(sound[end - second : end], second)).vector
        for end in range(second, len(sound) + 1, step)
    ]
    for embedding in embeddings:
        assert min(float(np.abs(embedding.vector - one).max()) for one in vectors) < 1e-5
