"""Real messages, through CDR and back: rclpy's and rosbags' give the same arrays."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
import struct
from typing import Any

from evt3_reference import encode
import numpy as np
import pytest

from omnibind_ros.conversions.audio import audio_format
from omnibind_ros.conversions.audio import decode_audio
from omnibind_ros.conversions.compressed_image import decode_compressed_image
from omnibind_ros.conversions.event import EventPacketDecoder
from omnibind_ros.conversions.image import decode_image
from omnibind_ros.conversions.image_writer import encode_image
from omnibind_ros.conversions.point_cloud import decode_points
from omnibind_ros.conversions.stamp import stamp_to_ns

INTERFACES = Path(__file__).parents[2] / 'interfaces'
PICTURE = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
POINTS = np.random.default_rng(1).normal(size=(7, 3)).astype(np.float32)

Store = Any  # rosbags.typesys.store.Typestore


@pytest.fixture
def store() -> Store:
    """A store of rosbags that knows the packages which ROS does not come with."""
    typesys = pytest.importorskip('rosbags.typesys')
    made = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    for package in ('event_camera_msgs', 'audio_common_msgs'):
        for path in sorted((INTERFACES / package / 'msg').glob('*.msg')):
            name = f'{package}/msg/{path.stem}'
            made.register(typesys.get_types_from_msg(path.read_text(), name))
    return made


def through_cdr(store: Store, name: str, **fields: Any) -> Any:
    """A message as it comes out of a bag."""
    kind = store.types[name]
    return store.deserialize_cdr(store.serialize_cdr(kind(**fields), name), name)


def header(store: Store) -> Any:
    stamp = store.types['builtin_interfaces/msg/Time'](sec=1_700_000_000, nanosec=5)
    return store.types['std_msgs/msg/Header'](stamp=stamp, frame_id='sensor')


def octets(data: bytes) -> Any:
    return np.frombuffer(data, np.uint8)


def from_rclpy(message: Any) -> Callable[[Store], Any]:
    """What rosbags makes of a message that rclpy serialised."""
    serialization = pytest.importorskip('rclpy.serialization')
    data = serialization.serialize_message(message)
    kind = type(message)
    name = f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'
    assert type(serialization.deserialize_message(data, kind)) is kind
    return lambda store: store.deserialize_cdr(data, name)


def test_image(store: Store) -> None:
    messages = pytest.importorskip('sensor_msgs.msg')
    message = encode_image(messages.Image, PICTURE)
    message.header.stamp.sec, message.header.stamp.nanosec = 1_700_000_000, 5
    other = from_rclpy(message)(store)
    assert isinstance(other.data, np.ndarray)
    for each in (message, other):
        np.testing.assert_array_equal(decode_image(each), PICTURE)
        assert stamp_to_ns(each.header.stamp) == 1_700_000_000_000_000_005


def test_compressed_image(store: Store) -> None:
    messages = pytest.importorskip('sensor_msgs.msg')
    image = pytest.importorskip('PIL.Image')
    file = BytesIO()
    image.fromarray(PICTURE).save(file, 'PNG')
    message = messages.CompressedImage(format='rgb8; png compressed bgr8')
    message.data.frombytes(file.getvalue())
    for each in (message, from_rclpy(message)(store)):
        np.testing.assert_array_equal(decode_compressed_image(each), PICTURE)


def test_point_cloud(store: Store) -> None:
    messages = pytest.importorskip('sensor_msgs.msg')
    fields = [
        messages.PointField(name=name, offset=4 * index, datatype=7, count=1)
        for index, name in enumerate('xyz')
    ]
    message = messages.PointCloud2(height=1, width=7, fields=fields, point_step=12, row_step=84)
    message.data.frombytes(POINTS.tobytes())
    for each in (message, from_rclpy(message)(store)):
        np.testing.assert_array_equal(decode_points(each), POINTS)


def test_event_packet(store: Store) -> None:
    events = [(3, 4, 1, 5000), (9, 4, 0, 5001)]
    message = through_cdr(
        store,
        'event_camera_msgs/msg/EventPacket',
        header=header(store),
        height=480,
        width=640,
        seq=7,
        time_base=0,
        encoding='evt3',
        is_bigendian=False,
        events=octets(np.array(encode(events, vectors=False), '<u2').tobytes()),
    )
    assert EventPacketDecoder().decode(message).events.tolist() == events


def test_audio(store: Store) -> None:
    info = through_cdr(
        store,
        'audio_common_msgs/msg/AudioInfo',
        channels=2,
        sample_rate=16_000,
        sample_format='S16LE',
        bitrate=0,
        coding_format='wave',
    )
    data = store.types['audio_common_msgs/msg/AudioData'](
        data=octets(struct.pack('<4h', 0, 16384, -32768, 8192))
    )
    message = through_cdr(
        store, 'audio_common_msgs/msg/AudioDataStamped', header=header(store), audio=data
    )
    samples = decode_audio(message, audio_format(info))
    assert samples.tolist() == [[0.0, 0.5], [-1.0, 0.25]]
    assert stamp_to_ns(message.header.stamp) == 1_700_000_000_000_000_005
