"""Messages of the robot's bag, moved to now, for live nodes."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from omnibind_core.data.bag_source import BagSource

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / 'bundles' / 'omnihome'
BAG = ROOT / 'samples' / 'bag_lite'

#: modality -> topic in the bag, transport.
TOPICS = {
    'image': ('/camera/image/compressed', 'compressed'),
    'thermal': ('/thermal/image', 'raw'),
    'event': ('/event_camera/events', 'raw'),
    'point_cloud': ('/lidar/points', 'raw'),
    'audio': ('/microphone/audio', 'raw'),
    'touch': ('/touch/image/compressed', 'compressed'),
}
AUDIO_INFO = '/microphone/audio_info'


@cache
def _serialised(topic: str, count: int) -> tuple[type[Any], list[bytes]]:
    with BagSource(BAG, include=[topic]) as bag:
        package, _, name = bag.topics[topic].message.split('/')
        kind = getattr(import_module(f'{package}.msg'), name)
        messages = bag.messages(bag.begin, bag.end + 1)
        return kind, [message.data for _, message in zip(range(count), messages, strict=False)]


def bag_messages(topic: str, count: int) -> list[Any]:
    """The first messages of a topic, as rclpy's, with the bag's stamps."""
    from rclpy.serialization import deserialize_message

    kind, data = _serialised(topic, count)
    return [deserialize_message(one, kind) for one in data]


def stamped_from(messages: list[Any], begin: int) -> list[Any]:
    """Move all stamps alike, so that the first is ``begin``, nanoseconds; in place."""
    first = messages[0].header.stamp
    shift = begin - (first.sec * 10**9 + first.nanosec)
    for message in messages:
        stamp = message.header.stamp
        stamp.sec, stamp.nanosec = divmod(stamp.sec * 10**9 + stamp.nanosec + shift, 10**9)
    return messages
