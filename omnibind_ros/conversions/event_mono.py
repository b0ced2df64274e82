"""The encoding ``mono`` of event_camera_msgs (deprecated, still recorded): 64 bits an event.

Bit 63 polarity, 48 to 62 row, 32 to 47 column, 0 to 31 nanoseconds after the packet's
``time_base``. Source: event_camera_msgs, README.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import MOST_EVENTS
from omnibind_core.streaming.event_chunk import EventChunk

_LATEST = 1 << 62  # ns; far beyond every clock, and sums with it still fit 64 bits


def decode_mono(
    data: NDArray[np.uint8], *, time_base: int, width: int, height: int, big_endian: bool = False
) -> EventChunk:
    """The events of one packet.

    :param data: uint8 ``[8 n]``.
    :param time_base: of the packet, in nanoseconds.
    :param width: of the sensor in pixels; events outside it are left out.
    :param height: of the sensor in pixels.
    :param big_endian: byte order of the 64-bit words.
    :return: the events in the order sent; nanoseconds are cut off to microseconds.
    :raises InputError: for bytes that are no whole events, too many of them, or a time base that
        no clock shows.
    """
    if data.size % 8:
        raise InputError('events', f'{data.size} bytes', 'whole events of 8 bytes')
    if data.size // 8 > MOST_EVENTS:
        raise InputError('events', f'{data.size // 8} events', f'<= {MOST_EVENTS} in a packet')
    if not 0 <= time_base < _LATEST:
        raise InputError('time_base', time_base, f'nanoseconds from 0 to {_LATEST - 1}')
    words = data.view('>u8' if big_endian else '<u8').astype(np.uint64)
    times = (words & np.uint64(0xFFFFFFFF)).astype(np.int64)
    times += time_base
    times //= 1000
    x = (words >> np.uint64(32)) & np.uint64(0xFFFF)
    y = (words >> np.uint64(48)) & np.uint64(0x7FFF)
    inside = np.flatnonzero((x < width) & (y < height))
    events = np.empty(len(inside), EVENT_DTYPE)
    events['x'] = x[inside]
    events['y'] = y[inside]
    events['p'] = (words >> np.uint64(63))[inside]
    events['t'] = times[inside]
    if not len(times):
        return EventChunk(events, None, None)
    return EventChunk(events, int(times.min()), int(times.max()))
