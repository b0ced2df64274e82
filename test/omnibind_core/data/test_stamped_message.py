"""Moving a stamp in CDR, against rosbags' own serialisation."""

from __future__ import annotations

import pytest

from omnibind_core.data.message_definitions import message_store
from omnibind_core.data.stamped_message import shifted

STORE = message_store()
NAME = 'sensor_msgs/msg/CompressedImage'


def picture(seconds: int, nanoseconds: int, *, little: bool = True) -> bytes:
    """A serialised message."""
    import numpy as np

    time = STORE.types['builtin_interfaces/msg/Time'](sec=seconds, nanosec=nanoseconds)
    header = STORE.types['std_msgs/msg/Header'](stamp=time, frame_id='optical')
    message = STORE.types[NAME](header=header, format='jpeg', data=np.arange(9, dtype=np.uint8))
    return bytes(STORE.serialize_cdr(message, NAME, little_endian=little))


@pytest.mark.parametrize('little', [True, False])
@pytest.mark.parametrize(
    ('stamp', 'shift', 'expected'),
    [
        ((10, 5), 3, (10, 8)),
        ((10, 999_999_999), 1, (11, 0)),
        ((10, 0), -1, (9, 999_999_999)),
        ((1_767_225_600, 7), 73_020_364_602, (1_767_225_673, 20_364_609)),
        ((10, 5), 0, (10, 5)),
        ((0, 0), 5, (0, 0)),
    ],
)
def test_only_the_stamp_moves(
    stamp: tuple[int, int], shift: int, expected: tuple[int, int], little: bool
) -> None:
    """Every other byte stays, in either order of bytes; no stamp stays none."""
    assert shifted(picture(*stamp, little=little), shift) == picture(*expected, little=little)


def test_too_short_is_left_alone() -> None:
    """A damaged message is for its receiver to refuse."""
    assert shifted(b'\x00\x01\x00\x00\x01', 5) == b'\x00\x01\x00\x00\x01'
