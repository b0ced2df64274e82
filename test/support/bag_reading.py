"""Reads a bag as a robot would hear it: every message through the conversions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from omnibind_core.data.message_definitions import message_store
from omnibind_ros.conversions.audio import audio_format
from omnibind_ros.conversions.audio import AudioFormat
from omnibind_ros.conversions.audio import decode_audio
from omnibind_ros.conversions.compressed_image import decode_compressed_image
from omnibind_ros.conversions.event import EventPacketDecoder
from omnibind_ros.conversions.image import decode_image
from omnibind_ros.conversions.point_cloud import decode_points
from omnibind_ros.conversions.stamp import stamp_to_ns


@dataclass(frozen=True)
class Heard:
    """One message.

    :param received: ns of ROS time, the bag's.
    :param stamp: ns of ROS time, the header's; that of reception where there is no header.
    :param message: as rosbags gives it.
    :param raw: decoded.
    """

    received: int
    stamp: int
    message: Any
    raw: Any


@dataclass(frozen=True)
class BagContent:
    """A whole bag.

    :param heard: messages by topic, in order of reception.
    :param types: message type by topic.
    :param qualities: reliability, durability, history and depth by topic.
    :param lost: event packets missing by their numbers.
    :param restarts: how often the event camera was started anew.
    """

    heard: Mapping[str, list[Heard]]
    types: Mapping[str, str]
    qualities: Mapping[str, tuple[str, str, str, int]]
    lost: int
    restarts: int


def read_bag(folder: Path) -> BagContent:
    """Open a bag with rosbags and decode everything."""
    from rosbags.rosbag2 import Reader

    store = message_store()
    events = EventPacketDecoder()
    heard: dict[str, list[Heard]] = defaultdict(list)
    info: list[AudioFormat] = []

    def decoded(name: str, message: Any) -> Any:
        if name == 'sensor_msgs/msg/CompressedImage':
            return decode_compressed_image(message)
        if name == 'sensor_msgs/msg/Image':
            return decode_image(message)
        if name == 'sensor_msgs/msg/PointCloud2':
            return decode_points(message)
        if name == 'event_camera_msgs/msg/EventPacket':
            return events.decode(message)
        if name == 'audio_common_msgs/msg/AudioInfo':
            info[:] = [audio_format(message)]
            return info[0]
        if name == 'audio_common_msgs/msg/AudioDataStamped':
            return decode_audio(message, info[0])  # nothing is sent before its format
        assert name == 'vision_msgs/msg/Classification'
        return message.results[0].class_id if message.results else ''

    with Reader(folder) as reader:
        types = {item.topic: item.msgtype for item in reader.connections}
        qualities = {}
        for item in reader.connections:
            (offered,) = item.ext.offered_qos_profiles
            qualities[item.topic] = (
                offered.reliability.name,
                offered.durability.name,
                offered.history.name,
                offered.depth,
            )
        for connection, received, data in reader.messages():
            message = store.deserialize_cdr(data, connection.msgtype)
            header = getattr(message, 'header', None)
            stamp = received if header is None else stamp_to_ns(header.stamp)
            raw = decoded(connection.msgtype, message)
            heard[connection.topic].append(Heard(received, stamp, message, raw))
    return BagContent(heard, types, qualities, events.lost, events.restarts)


def true_class(content: BagContent, time: int) -> str:
    """What the topic ``truth`` says of a time, ns of ROS time."""
    changes = [item for item in content.heard['/truth'] if item.stamp <= time]
    return str(changes[-1].raw) if changes else ''


def gaps(times: list[int]) -> Any:
    """Seconds between neighbours."""
    return np.diff(np.array(times)) * 1e-9
