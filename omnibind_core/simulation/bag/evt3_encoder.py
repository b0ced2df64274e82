"""Events into EVT 3.0, the raw format of Prophesee's event cameras: 16-bit words.

A word's upper 4 bits say what it is, the lower 12 are its content; row and time hold until the
next word that changes them. Each packet begins and ends with the time, so that it can be read by
itself and tells how long nothing happened. Source: Prophesee, "EVT 3.0 format".

Notation: ``n`` events.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError

_ADDR_Y = 0x0000
_ADDR_X = 0x2000
_VECT_BASE_X = 0x3000
_VECT_12 = 0x4000
_VECT_8 = 0x5000
_TIME_LOW = 0x6000
_TIME_HIGH = 0x8000

_MOST = 0xFFF
_COORDINATES = 2048  # 11 bits

_Ints = NDArray[np.int64]
_Mask = NDArray[np.bool_]


def encode_evt3(events: NDArray[np.void], begin: int, end: int) -> NDArray[np.uint8]:
    """The words of one packet, as bytes, least significant first.

    Neighbours in a row of one time and polarity share a word, as in the sensor itself; so events
    of one time may come out in another order.

    :param events: ``[n]`` of :data:`~omnibind_core.modalities.event_slice.EVENT_DTYPE`, in order of
        time, all within the packet.
    :param begin: sensor time at which the packet begins, microseconds, >= 0; the format keeps its
        lower 24 bits.
    :param end: and ends.
    :raises InputError: for times out of order or outside the packet, for coordinates above 2047
        and for polarities other than 0 and 1.
    """
    t = _checked(events, begin, end)
    x, y, p = (events[name].astype(np.int64) for name in ('x', 'y', 'p'))
    order = np.lexsort((x, p, y, t))
    x, y, p, t = x[order], y[order], p[order], t[order]
    before = np.concatenate([[begin], t[:-1]]) if len(t) else t
    data, content = _groups(x, y, p, t)
    rows = np.ones(len(t), np.bool_)
    rows[1:] = y[1:] != y[:-1]
    lows = t != before
    highs = (t >> 12) != (before >> 12)
    # of each event: upper time, lower time, row, and its share of the data words
    counts = highs.astype(np.int64) + lows + rows + data
    place = 2 + np.cumsum(counts) - counts
    total = 2 + int(counts.sum())
    last = int(t[-1]) if len(t) else begin
    tail = _time_words(end, high=(end >> 12) != (last >> 12)) if end != last else []
    words = np.empty(total + len(tail), np.uint16)
    words[:2] = _time_words(begin, high=True)
    for wanted, values in (
        (highs, _TIME_HIGH | ((t >> 12) & _MOST)),
        (lows, _TIME_LOW | (t & _MOST)),
        (rows, _ADDR_Y | y),
    ):
        words[place[wanted]] = values[wanted]
        place = place + wanted
    single, vector = data == 1, data == 2
    words[place[single]] = _ADDR_X | (p << 11 | x)[single]
    words[place[vector]] = _VECT_BASE_X | (p << 11 | x)[vector]
    words[place[vector] + 1] = content[vector]
    words[total:] = tail
    return words.astype('<u2').view(np.uint8)


def _groups(x: _Ints, y: _Ints, p: _Ints, t: _Ints) -> tuple[_Ints, _Ints]:
    """How events share words.

    :returns: number of data words of each event ``[n]``: 1 by itself, 2 at the head of a vector,
        0 within one; and the second word of each head ``[n]``.
    """
    count = len(x)
    if not count:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    starts = np.ones(count, np.bool_)
    starts[1:] = (t[1:] != t[:-1]) | (y[1:] != y[:-1]) | (p[1:] != p[:-1]) | (x[1:] <= x[:-1])
    first = x[np.maximum.accumulate(np.where(starts, np.arange(count), 0))]
    # a run of growing columns is cut into boxes of 12; each box begins at its own first event
    box = (x - first) // 12
    heads = starts.copy()
    heads[1:] |= box[1:] != box[:-1]
    head = np.flatnonzero(heads)
    group = np.cumsum(heads) - 1
    bits = np.left_shift(1, x - x[head][group])
    masks = np.zeros(len(head), np.int64)
    np.bitwise_or.at(masks, group, bits)
    data = np.zeros(count, np.int64)
    data[head] = np.where(masks == 1, 1, 2)
    content = np.zeros(count, np.int64)
    content[head] = np.where(masks <= 0xFF, _VECT_8, _VECT_12) | masks
    return data, content


def _time_words(time: int, *, high: bool) -> list[int]:
    upper = [_TIME_HIGH | ((time >> 12) & _MOST)] if high else []
    return [*upper, _TIME_LOW | (time & _MOST)]


def _checked(events: NDArray[np.void], begin: int, end: int) -> _Ints:
    """Times, if everything is as it should be."""
    t: _Ints = events['t'].astype(np.int64)
    if not 0 <= begin <= end:
        raise InputError('packet', f'{begin} to {end} us', 'a begin >= 0 and an end after it')
    if len(t) and (t[0] < begin or t[-1] > end or (t[1:] < t[:-1]).any()):
        raise InputError('events.t', 'times out of order or outside', f'{begin} to {end} in order')
    for name, most in (('x', _COORDINATES - 1), ('y', _COORDINATES - 1), ('p', 1)):
        values = events[name]
        if len(values) and (int(values.min()) < 0 or int(values.max()) > most):
            raise InputError(f'events.{name}', int(values.max()), f'0 to {most}')
    return t
