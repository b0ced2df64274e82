"""What an event camera reports: single pixels whose brightness changed, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.modalities.whole_number import is_whole

# x, y in pixels from the upper left corner; p 1 brighter, 0 darker; t in microseconds. Packed.
EVENT_DTYPE = np.dtype([('x', '<u2'), ('y', '<u2'), ('p', 'i1'), ('t', '<i8')])

LONGEST_SIDE = 2048  # px; the largest event cameras have 1280
MOST_EVENTS = 5_000_000  # 50 ms of the fastest sensors on the market, and what 0.5 s can process
# More than this outside the sensor means a wrong width or height, not a few damaged words.
LARGEST_DAMAGED_SHARE = 0.01
_LATEST = 1 << 62  # us; differences of such times still fit 64 bits


@dataclass(frozen=True, eq=False)
class EventSlice:
    """A stretch of an event camera's output.

    :param events: ``[n]`` of :data:`EVENT_DTYPE`, in order of time.
    :param width: of the sensor in pixels, not of a region of it.
    :param height: of the sensor in pixels.
    :param end_us: end of the stretch, on the clock of ``t``, in microseconds. Silence counts: it
        may be later than the last event. Events after it are not part of the slice.
    :param begin_us: since when no event is missing, on the same clock; ``None``: not known, and
        nobody may take more of it than it was made for.
    """

    events: NDArray[np.void]
    width: int
    height: int
    end_us: int
    begin_us: int | None = None


def check_event_slice(raw: object) -> EventSlice:
    """Refuse anything that is not an event slice of a bounded size.

    Coordinates and polarities of the part that is used are checked by :func:`coordinates` and
    :func:`polarities`.

    :raises InputError: for a wrong type, layout, size or clock, and for times that step back.
    """
    if not isinstance(raw, EventSlice):
        raise InputError('events', type(raw).__name__, 'an EventSlice')
    for name, side in (('width', raw.width), ('height', raw.height)):
        if not is_whole(side) or not 1 <= side <= LONGEST_SIDE:
            raise InputError(name, repr(side)[:60], f'a whole number from 1 to {LONGEST_SIDE} px')
    if not is_whole(raw.end_us) or not 0 <= raw.end_us <= _LATEST:
        allowed = f'whole microseconds from 0 to {_LATEST}'
        raise InputError('end_us', repr(raw.end_us)[:60], allowed)
    begin = raw.begin_us
    if begin is not None and not (is_whole(begin) and -_LATEST <= begin <= raw.end_us):
        allowed = f'whole microseconds up to end_us, {raw.end_us}, or None'
        raise InputError('begin_us', repr(begin)[:60], allowed)
    events = raw.events
    if not isinstance(events, np.ndarray):
        raise InputError('events', type(events).__name__, 'a numpy array')
    if events.dtype != EVENT_DTYPE:
        raise InputError('events.dtype', events.dtype, str(EVENT_DTYPE))
    if events.ndim != 1 or len(events) > MOST_EVENTS:
        raise InputError('events.shape', list(events.shape), f'[n], n <= {MOST_EVENTS}')
    times = events['t']
    if not np.all(times[1:] >= times[:-1]):
        at = int(np.argmin(times[1:] >= times[:-1]))
        step = f'{times[at]} us and after it {times[at + 1]} us'
        raise InputError('events.t', step, 'times in order (start afresh when the clock jumps)')
    return raw


def coordinates(
    events: NDArray[np.void], width: int, height: int
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """The columns x and y of some events, each a new array ``[n]``.

    A few events outside the sensor come from damaged words of the camera's data format; their x
    becomes 65535, and the rest of the slice is good.

    :param events: ``[n]`` of :data:`EVENT_DTYPE`.
    :raises InputError: for more than 1 % outside the sensor.
    """
    x = events['x'].copy()
    y = events['y'].copy()
    if not len(events) or (x.max() < width and y.max() < height):
        return x, y
    outside = (x >= width) | (y >= height)
    share = float(outside.mean())
    if share > LARGEST_DAMAGED_SHARE:
        given = f'{share:.1%} outside, up to ({x.max()}, {y.max()})'
        allowed = f'at most {LARGEST_DAMAGED_SHARE:.0%} outside {width} x {height} px'
        raise InputError('events.xy', given, allowed)
    x[outside] = np.iinfo(np.uint16).max
    return x, y


def polarities(events: NDArray[np.void]) -> NDArray[np.int8]:
    """The column p of some events ``[n]``.

    :raises InputError: for one that is not 0 or 1.
    """
    polarity = events['p'].copy()
    if len(events) and (polarity.min() < 0 or polarity.max() > 1):
        wrong = polarity[(polarity < 0) | (polarity > 1)][0]
        raise InputError('events.p', int(wrong), '0 (darker) or 1 (brighter)')
    return polarity
