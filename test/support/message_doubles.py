"""Messages without ROS: plain objects with the attributes that the real ones have."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import numpy as np


@dataclass
class Stamp:
    sec: int = 0
    nanosec: int = 0


@dataclass
class Header:
    stamp: Stamp = field(default_factory=Stamp)
    frame_id: str = ''


@dataclass
class Image:
    header: Any = field(default_factory=Header)
    height: int = 0
    width: int = 0
    encoding: str = ''
    is_bigendian: int = 0
    step: int = 0
    data: Any = field(default_factory=lambda: array('B'))


@dataclass
class CompressedImage:
    format: str = ''
    data: Any = b''


@dataclass
class PointField:
    name: str = ''
    offset: int = 0
    datatype: int = 7
    count: int = 1


@dataclass
class PointCloud2:
    height: int = 1
    width: int = 0
    fields: list[PointField] = field(default_factory=list)
    is_bigendian: bool = False
    point_step: int = 0
    row_step: int = 0
    data: Any = b''
    is_dense: bool = True


@dataclass
class EventPacket:
    height: int = 480
    width: int = 640
    seq: int = 0
    time_base: int = 0
    encoding: str = 'evt3'
    is_bigendian: bool = False
    events: Any = b''


@dataclass
class AudioInfo:
    channels: int = 1
    sample_rate: int = 16000
    sample_format: str = 'S16LE'
    bitrate: int = 0
    coding_format: str = 'WAVE'


@dataclass
class AudioData:
    data: Any = b''


@dataclass
class AudioDataStamped:
    audio: Any = field(default_factory=AudioData)
    header: Header = field(default_factory=Header)


def containers(data: bytes) -> dict[str, Any]:
    """The same bytes as each library holds them."""
    return {
        'rclpy': array('B', data),
        'rosbags': np.frombuffer(data, np.uint8),
        'bytes': data,
        'bytearray': bytearray(data),
        'memoryview': memoryview(data),
    }
