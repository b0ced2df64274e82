"""Real messages with one to three things wrong, drawn at random; most of them cannot be used."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from collections.abc import Sequence
import copy
from typing import Any

import numpy as np

Random = np.random.Generator
Damage = Callable[[Any, Random], None]

_LARGEST = 2**32 - 1
_LONG = 'x' * 500
_ENCODINGS = ('', 'rgb8', 'mono16', '32FC1', 'bgr9', 'bayer_rggb8', 'nv12', 'Ünicode', _LONG)
_FORMATS = ('', 'tiff', 'rgb8; jpeg compressed bgr8', '16UC1; compressedDepth', _LONG)
_PACKET_ENCODINGS = ('', 'evt3', 'evt4', 'mono', 'libcaer', 'trigger', _LONG)


def malformed(message: Any, random: Random) -> Any:
    """A damaged copy."""
    damaged = copy.deepcopy(message)
    kinds = _KINDS[type(message).__name__]
    for _ in range(int(random.integers(1, 4))):
        kinds[int(random.integers(len(kinds)))](damaged, random)
    return damaged


def _number(*fields: str) -> Damage:
    """One of the fields becomes a number that it should not be."""

    def damage(message: Any, random: Random) -> None:
        field = fields[int(random.integers(len(fields)))]
        now = getattr(message, field)
        choices = (0, 1, 2, now + 1, max(now - 1, 0), 10**5, 2**31, _LARGEST)
        setattr(message, field, int(choices[int(random.integers(len(choices)))]) % 2**32)

    return damage


def _word(field: str, choices: Sequence[str]) -> Damage:
    def damage(message: Any, random: Random) -> None:
        setattr(message, field, choices[int(random.integers(len(choices)))])

    return damage


def _bytes(path: str) -> Damage:
    """Cut off, doubled, emptied, turned, or noise in whole or in part."""
    *inner, field = path.split('.')

    def damage(message: Any, random: Random) -> None:
        owner = message
        for name in inner:
            owner = getattr(owner, name)
        data = np.array(getattr(owner, field), np.uint8)
        kind = int(random.integers(6))
        if kind == 0:
            data = data[: int(random.integers(len(data) + 1))]
        elif kind == 1:
            data = np.concatenate([data, data[:777]])
        elif kind == 2:
            data = data[:0]
        elif kind == 3:
            data = random.integers(0, 256, int(random.integers(1, 5000)), np.uint8)
        elif len(data):
            at = random.integers(0, len(data), 20)
            data[at] = random.integers(0, 256, 20, np.uint8)
        setattr(owner, field, array('B', data.tobytes()))

    return damage


def _stamp(message: Any, random: Random) -> None:
    stamp = message.header.stamp
    choices = ((0, 0), (-1, 5), (-(2**31), 0), (2**31 - 1, 0), (stamp.sec, _LARGEST))
    stamp.sec, stamp.nanosec = choices[int(random.integers(len(choices)))]


def _flag(message: Any, random: Random) -> None:
    message.is_bigendian = type(message.is_bigendian)(random.integers(2))


def _point_field(message: Any, random: Random) -> None:
    """A field is gone, twice there, or another than it should be."""
    if not message.fields:
        return
    field = message.fields[int(random.integers(len(message.fields)))]
    kind = int(random.integers(5))
    if kind == 0:
        message.fields.remove(field)
    elif kind == 1:
        message.fields.append(copy.deepcopy(field))
    elif kind == 2:
        field.offset = int(random.choice([1, 13, 10**6, _LARGEST]))
    elif kind == 3:
        field.datatype = int(random.integers(0, 256))
    else:
        field.count = int(random.choice([0, 2, _LARGEST]))


_KINDS: dict[str, tuple[Damage, ...]] = {
    'Image': (
        _number('width', 'height', 'step'),
        _word('encoding', _ENCODINGS),
        _bytes('data'),
        _stamp,
        _flag,
    ),
    'CompressedImage': (
        _word(
            'format',
            _FORMATS,
        ),
        _bytes('data'),
        _bytes('data'),
        _stamp,
    ),
    'PointCloud2': (
        _number('width', 'height', 'point_step', 'row_step'),
        _point_field,
        _bytes('data'),
        _stamp,
        _flag,
    ),
    'EventPacket': (
        _number('width', 'height', 'seq', 'time_base'),
        _word('encoding', _PACKET_ENCODINGS),
        _bytes('events'),
        _stamp,
        _flag,
    ),
    'AudioDataStamped': (_bytes('audio.data'), _bytes('audio.data'), _stamp),
}
