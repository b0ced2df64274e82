"""What the conversions expect of a message: attributes only, no message package is imported.

rclpy's messages, those that rosbags deserialises and plain dataclasses all fit.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Protocol
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

ByteData: TypeAlias = 'array[int] | NDArray[np.uint8] | bytes | bytearray | memoryview'
"""What a ``uint8[]`` field holds: ``array.array('B')`` in rclpy, a numpy array in rosbags."""


class Stamp(Protocol):
    """``builtin_interfaces/Time``."""

    @property
    def sec(self) -> int:
        """Whole seconds since the epoch."""

    @property
    def nanosec(self) -> int:
        """Nanoseconds on top, 0 to 999,999,999."""


class Header(Protocol):
    """``std_msgs/Header``."""

    @property
    def stamp(self) -> Stamp:
        """When the data was taken."""

    @property
    def frame_id(self) -> str:
        """The coordinate frame of the data."""


class ImageMessage(Protocol):
    """``sensor_msgs/Image``."""

    @property
    def height(self) -> int:
        """Rows."""

    @property
    def width(self) -> int:
        """Columns."""

    @property
    def encoding(self) -> str:
        """Pixel format, of ``sensor_msgs/image_encodings.hpp``."""

    @property
    def is_bigendian(self) -> int:
        """Whether values of more than one byte are big-endian."""

    @property
    def step(self) -> int:
        """Bytes from one row to the next."""

    @property
    def data(self) -> ByteData:
        """The pixels."""


class CompressedImageMessage(Protocol):
    """``sensor_msgs/CompressedImage``."""

    @property
    def format(self) -> str:
        """``ORIGINAL; CODEC compressed PIXELS``, or just the codec, or nothing."""

    @property
    def data(self) -> ByteData:
        """The compressed file."""


class PointFieldMessage(Protocol):
    """``sensor_msgs/PointField``."""

    @property
    def name(self) -> str:
        """``x``, ``y``, ``z``, ``intensity`` ..."""

    @property
    def offset(self) -> int:
        """Bytes from the begin of a point."""

    @property
    def datatype(self) -> int:
        """1 to 8: int8, uint8, int16, uint16, int32, uint32, float32, float64."""

    @property
    def count(self) -> int:
        """Values in this field."""


class PointCloudMessage(Protocol):
    """``sensor_msgs/PointCloud2``."""

    @property
    def height(self) -> int:
        """Rows; 1 for a cloud that is not organised."""

    @property
    def width(self) -> int:
        """Points in a row."""

    @property
    def fields(self) -> Sequence[PointFieldMessage]:
        """Layout of one point."""

    @property
    def is_bigendian(self) -> bool:
        """Whether values of more than one byte are big-endian."""

    @property
    def point_step(self) -> int:
        """Bytes from one point to the next."""

    @property
    def row_step(self) -> int:
        """Bytes from one row to the next."""

    @property
    def data(self) -> ByteData:
        """The points."""


class EventPacketMessage(Protocol):
    """``event_camera_msgs/EventPacket``."""

    @property
    def height(self) -> int:
        """Rows of the sensor."""

    @property
    def width(self) -> int:
        """Columns of the sensor."""

    @property
    def seq(self) -> int:
        """Number of the packet."""

    @property
    def time_base(self) -> int:
        """Nanoseconds to which the events' times are relative (not in ``evt3``)."""

    @property
    def encoding(self) -> str:
        """``evt3``, ``mono``, ``libcaer_cmp`` ..."""

    @property
    def is_bigendian(self) -> bool:
        """Whether words of more than one byte are big-endian."""

    @property
    def events(self) -> ByteData:
        """The encoded events."""


class AudioInfoMessage(Protocol):
    """``audio_common_msgs/AudioInfo`` of ros-drivers."""

    @property
    def channels(self) -> int:
        """Interleaved channels."""

    @property
    def sample_rate(self) -> int:
        """Samples per second and channel."""

    @property
    def sample_format(self) -> str:
        """``S16LE`` ..., as GStreamer names them."""

    @property
    def coding_format(self) -> str:
        """``WAVE``, ``mp3`` ..."""


class AudioDataMessage(Protocol):
    """``audio_common_msgs/AudioData`` of ros-drivers."""

    @property
    def data(self) -> ByteData:
        """The samples."""


class AudioDataStampedMessage(Protocol):
    """``audio_common_msgs/AudioDataStamped`` of ros-drivers."""

    @property
    def header(self) -> Header:
        """When the first sample was taken."""

    @property
    def audio(self) -> AudioDataMessage:
        """The samples."""
