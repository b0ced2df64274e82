"""``sensor_msgs/Image``: the picture in a message.

Own code instead of ``cv_bridge``, which breaks with numpy's versions and reads truncated
messages into untyped errors; where it is installed it still reads the encodings not listed here.

Notation: ``h, w`` height and width of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_ros.conversions.bayer import demosaic
from omnibind_ros.conversions.bayer import RED_AT
from omnibind_ros.conversions.cv_bridge_adapter import decode_with_cv_bridge
from omnibind_ros.conversions.image_layout import checked_bytes
from omnibind_ros.conversions.image_layout import even
from omnibind_ros.conversions.image_layout import plane
from omnibind_ros.conversions.messages import ImageMessage
from omnibind_ros.conversions.yuv import packed_to_rgb
from omnibind_ros.conversions.yuv import semi_planar_to_rgb

Picture: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]
"""``[h, w, 3]`` uint8 RGB, or ``[h, w]`` uint8, uint16 or float32 of one channel."""


@dataclass(frozen=True)
class _Colours:
    """An encoding whose pixels lie one after the other."""

    bits: int
    channels: int
    blue_first: bool = False


# 8UC3 and 8UC4 say nothing of colours; OpenCV's order is what cv_bridge puts there and rviz shows.
_COLOURS = {
    'rgb8': _Colours(8, 3),
    'rgba8': _Colours(8, 4),
    'bgr8': _Colours(8, 3, blue_first=True),
    'bgra8': _Colours(8, 4, blue_first=True),
    '8UC3': _Colours(8, 3, blue_first=True),
    '8UC4': _Colours(8, 4, blue_first=True),
    'rgb16': _Colours(16, 3),
    'rgba16': _Colours(16, 4),
    'bgr16': _Colours(16, 3, blue_first=True),
    'bgra16': _Colours(16, 4, blue_first=True),
}
_SINGLE = {
    'mono8': np.uint8,
    '8UC1': np.uint8,
    'mono16': np.uint16,
    '16UC1': np.uint16,
    '16SC1': np.int16,
    '32FC1': np.float32,
}
BAYER = {f'bayer_{pattern}{bits}': (pattern, bits) for pattern in RED_AT for bits in (8, 16)}
# True: brightness first. `yuv422` and `yuv422_yuy2` are the old names of `uyvy` and `yuyv`.
_PACKED = {'uyvy': False, 'yuv422': False, 'yuyv': True, 'yuv422_yuy2': True}
# True: V before U. `nv12` is not in image_encodings.hpp, but drivers of embedded boards send it.
_SEMI_PLANAR = {'nv12': False, 'nv21': True, 'nv24': False}

ENCODINGS = (*_COLOURS, *_SINGLE, *BAYER, *_PACKED, *_SEMI_PLANAR)
"""What is read without ``cv_bridge``."""


def decode_image(message: ImageMessage) -> Picture:
    """The picture in a ``sensor_msgs/Image``.

    Colours of 16 bits keep their upper 8. Signed 16-bit pixels become floats. Values are in the
    machine's byte order. Where the layout allows it, the result is a view of the message.

    :return: ``[h, w, 3]`` uint8 RGB, or ``[h, w]`` uint8, uint16 or float32; read-only.
    :raises InputError: for an unknown encoding, or sizes and bytes that do not fit together.
    """
    picture = _decode(message)
    picture.flags.writeable = False
    return picture


def _decode(message: ImageMessage) -> Picture:
    encoding = message.encoding
    if encoding in _COLOURS:
        plain = _COLOURS[encoding]
        values = _upper_bytes(message, bits=plain.bits, channels=plain.channels)
        return values[..., 2::-1] if plain.blue_first else values[..., :3]
    if encoding in _SINGLE:
        return _single(message, np.dtype(_SINGLE[encoding]))
    if encoding in BAYER:
        pattern, bits = BAYER[encoding]
        return demosaic(_upper_bytes(message, bits=bits, channels=1)[..., 0], pattern)
    if encoding in _PACKED:
        even(message, rows=False)
        pixels = _upper_bytes(message, bits=8, channels=2)
        pairs = pixels.reshape(message.height, message.width // 2, 4)
        return packed_to_rgb(pairs, luma_first=_PACKED[encoding])
    if encoding in _SEMI_PLANAR:
        return _semi_planar(message)
    picture = decode_with_cv_bridge(message)
    if picture is None:
        allowed = f'{", ".join(ENCODINGS)}; others where cv_bridge is installed'
        raise InputError('encoding', repr(encoding), allowed)
    return _narrowed(picture)


def _upper_bytes(message: ImageMessage, *, bits: int, channels: int) -> NDArray[np.uint8]:
    """The most significant byte of every value, ``[h, w, channels]``; a view."""
    size = bits // 8
    values = plane(message, dtype=np.dtype(np.uint8), channels=channels * size)
    return values[..., 0::size] if message.is_bigendian else values[..., size - 1 :: size]


def _single(message: ImageMessage, dtype: np.dtype[np.generic]) -> Picture:
    given = dtype.newbyteorder('>' if message.is_bigendian else '<')
    return _narrowed(plane(message, dtype=given, channels=1)[..., 0])


def _narrowed(values: NDArray[np.generic]) -> Picture:
    """One of the three types of a single channel; a copy only where that is needed."""
    # an odd step leaves values across word borders, which not everything that follows can read
    copy = not values.flags.aligned
    if values.dtype == np.uint8:
        return values.astype(np.uint8, copy=False)
    if values.dtype.kind == 'u' and values.dtype.itemsize == 2:
        return values.astype(np.uint16, copy=copy)
    with np.errstate(over='ignore', invalid='ignore'):  # doubles beyond float32 become infinite
        return values.astype(np.float32, copy=copy)


def _semi_planar(message: ImageMessage) -> NDArray[np.uint8]:
    """NV12 and NV21: chroma of half the size after the luma, same step. NV24: twice the step."""
    full = message.encoding == 'nv24'
    height, width, step = message.height, message.width, message.step
    if not full:
        even(message, rows=True)
    rows = 3 * height if full else height + height // 2
    data = checked_bytes(message, row_bytes=width, rows=rows)
    luma = np.ndarray((height, width), np.uint8, buffer=data, strides=(step, 1))
    chroma = np.ndarray(
        (height, width, 2) if full else (height // 2, width // 2, 2),
        np.uint8,
        buffer=data,
        offset=height * step,
        strides=(2 * step if full else step, 2, 1),
    )
    return semi_planar_to_rgb(luma, chroma, v_first=_SEMI_PLANAR[message.encoding])
