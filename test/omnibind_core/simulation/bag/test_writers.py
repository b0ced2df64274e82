"""Each kind of message through CDR and the conversions that a robot uses."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.data.message_definitions import message_store
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.simulation.bag.writers.audio import audio_data
from omnibind_core.simulation.bag.writers.audio import audio_info
from omnibind_core.simulation.bag.writers.compressed_image import compressed_image
from omnibind_core.simulation.bag.writers.event_packet import EventPackets
from omnibind_core.simulation.bag.writers.image import mono16_image
from omnibind_core.simulation.bag.writers.messages import Messages
from omnibind_core.simulation.bag.writers.point_cloud import point_cloud
from omnibind_core.simulation.bag.writers.truth import classification
from omnibind_ros.conversions.audio import audio_format
from omnibind_ros.conversions.audio import decode_audio
from omnibind_ros.conversions.compressed_image import decode_compressed_image
from omnibind_ros.conversions.event import EventPacketDecoder
from omnibind_ros.conversions.image import decode_image
from omnibind_ros.conversions.point_cloud import decode_points
from omnibind_ros.conversions.stamp import stamp_to_ns

pytest.importorskip('rosbags')

STAMP = 1_700_000_000_123_456_789
STORE = message_store()
MESSAGES = Messages(STORE)
HEADER = MESSAGES.header(STAMP, 'sensor')


def read(data: bytes, name: str) -> Any:
    """The message, its header checked."""
    message = STORE.deserialize_cdr(data, name)
    if hasattr(message, 'header'):
        assert stamp_to_ns(message.header.stamp) == STAMP
        assert message.header.frame_id in ('sensor', '')
    return message


def test_jpeg() -> None:
    """A smooth picture comes back nearly as it was, red is red; quality decides the size."""
    y, x = np.mgrid[:48, :64]
    picture = np.stack([4 * x, 5 * y, 128 + 0 * x], axis=-1).astype(np.uint8)
    data = compressed_image(MESSAGES, HEADER, picture, 90)
    message = read(data, 'sensor_msgs/msg/CompressedImage')
    assert message.format == 'rgb8; jpeg compressed bgr8'
    found = decode_compressed_image(message)
    assert np.abs(found.astype(int) - picture).max() <= 12
    assert len(compressed_image(MESSAGES, HEADER, picture, 30)) < len(data)


def test_mono16() -> None:
    """Every count as it was."""
    counts = np.random.default_rng(0).integers(0, 65_536, (6, 8), dtype=np.uint16)
    message = read(mono16_image(MESSAGES, HEADER, counts), 'sensor_msgs/msg/Image')
    assert (message.encoding, message.step) == ('mono16', 16)
    np.testing.assert_array_equal(decode_image(message), counts)


@pytest.mark.parametrize('count', [0, 1, 100])
def test_points(count: int) -> None:
    """Every coordinate as it was, also of an empty cloud."""
    points = np.random.default_rng(0).normal(size=(count, 3)).astype(np.float32)
    message = read(point_cloud(MESSAGES, HEADER, points), 'sensor_msgs/msg/PointCloud2')
    assert [field.name for field in message.fields] == ['x', 'y', 'z']
    np.testing.assert_array_equal(decode_points(message), points)


def test_events() -> None:
    """Packets are numbered; the camera's clock begins when it is started."""
    packets, decoder = EventPackets(1_000_000), EventPacketDecoder()
    events = np.array([(3, 4, 1, 1_000_500), (9, 4, 0, 1_001_000)], EVENT_DTYPE)
    for number in range(3):
        begin = 1_000_000 + 1000 * number
        own = EventSlice(events if number == 0 else events[:0], 48, 32, begin + 1000)
        data = packets.packet(MESSAGES, HEADER, own, begin)
        message = read(data, 'event_camera_msgs/msg/EventPacket')
        assert (message.seq, message.encoding) == (number, 'evt3')
        assert (message.width, message.height) == (48, 32)
        chunk = decoder.decode(message)
        assert (chunk.begin_us, chunk.end_us) == (1000 * number, 1000 * number + 1000)
        wanted = [(3, 4, 1, 500), (9, 4, 0, 1000)] if number == 0 else []
        assert chunk.events.tolist() == wanted
    assert decoder.lost == 0
    assert events['t'][0] == 1_000_500  # not written to


@given(st.lists(st.integers(-32768, 32767), max_size=30))
def test_audio(values: list[int]) -> None:
    """Sixteen bits as they were; what is louder than full scale is cut."""
    info = audio_format(read(audio_info(MESSAGES, 16_000), 'audio_common_msgs/msg/AudioInfo'))
    assert (info.sample_rate, info.channels, info.kind, info.bits) == (16_000, 1, 'S', '16')
    samples = (np.array([*values, 40_000, -40_000]) / 32768.0).astype(np.float32)
    data = audio_data(MESSAGES, HEADER, samples)
    message = read(data, 'audio_common_msgs/msg/AudioDataStamped')
    found = decode_audio(message, info)[:, 0] * 32768.0
    assert found.tolist() == [*values, 32767, -32768]


def test_truth() -> None:
    """A class, certainly; or nothing."""
    name = 'vision_msgs/msg/Classification'
    message = read(classification(MESSAGES, STAMP, 'mug'), name)
    assert [(item.class_id, item.score) for item in message.results] == [('mug', 1.0)]
    assert not len(read(classification(MESSAGES, STAMP, ''), name).results)
