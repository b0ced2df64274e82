"""EVT 3.0, the raw format of Prophesee's event cameras: 16-bit words into events.

A word's upper 4 bits say what it is, the lower 12 are its content; row, time and base column stay
until the next word that changes them, across packets. Source: Prophesee, "EVT 3.0 format",
and the decoders of OpenEB and event_camera_codecs, which differ where the format is silent:

* Sensor time wraps every 2^24 us. A step back of the upper half by more than 10 counts is a wrap,
  by less is noise (event_camera_codecs; so a wrap is found even if half a turn was lost).
* When the upper half of the time changes, the lower half is 0 until it is sent (OpenEB); the old
  one would put events up to 4 ms into the future.
* Pixels outside the sensor are left out one by one (event_camera_codecs).
* Events are given only once everything they are made of has been seen: time (upper half, then
  lower), row, and for vectors the base column. Neither does all of that; events with made-up rows
  are what comes of it.

Words of other types (triggers, monitoring, reserved) are skipped.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import MOST_EVENTS
from omnibind_core.streaming.event_chunk import EventChunk

ADDR_Y = 0x0
ADDR_X = 0x2
VECT_BASE_X = 0x3
VECT_12 = 0x4
VECT_8 = 0x5
TIME_LOW = 0x6
TIME_HIGH = 0x8

_NOISE = 10  # counts of 4096 us
_NONE = -1  # not yet seen
_BLOCK = 1 << 18  # words decoded at once: some 50 MB of intermediate arrays
_FAR = 1 << 16  # a base column beyond every sensor; larger ones are no different


class Evt3Decoder:
    """Decodes one camera's packets one after the other; keeps the format's state between them.

    :param width: of the sensor in pixels.
    :param height: of the sensor in pixels.
    """

    def __init__(self, *, width: int, height: int) -> None:
        for name, side in (('width', width), ('height', height)):
            if side < 1:
                raise InputError(name, side, '>= 1 px')
        self._width = width
        self._height = height
        self._turns = 0
        self._high = _NONE
        self.resynchronise()

    def resynchronise(self) -> None:
        """Forget row, base column and time after lost data; only the wraps go on being counted."""
        self._high_is_new = False
        self._low = _NONE
        self._row = _NONE
        self._base = _NONE
        self._base_polarity = 0

    def decode(self, data: NDArray[np.uint8], *, big_endian: bool = False) -> EventChunk:
        """The events of the next packet.

        :param data: uint8 ``[2 n]``.
        :param big_endian: byte order of the words.
        :return: the events in the order sent, and the sensor time that the packet covers.
        :raises InputError: if the bytes are no whole words, or hold more than 5 million events.
        """
        if data.size % 2:
            raise InputError('events', f'{data.size} bytes', 'whole words of 2 bytes')
        words = data.view('>u2' if big_endian else '<u2')
        parts = []
        total = 0
        times: list[int] = []
        for start in range(0, len(words), _BLOCK):
            part, known = self._decode_block(words[start : start + _BLOCK].astype(np.uint16))
            total += len(part)
            if total > MOST_EVENTS:
                self.resynchronise()
                raise InputError('events', f'over {total} events', f'<= {MOST_EVENTS} in a packet')
            parts.append(part)
            if known.size:
                times += (int(known.min()), int(known.max()))
        events = np.concatenate(parts) if parts else np.empty(0, EVENT_DTYPE)
        return EventChunk(events, min(times, default=None), max(times, default=None))

    def _decode_block(
        self, words: NDArray[np.uint16]
    ) -> tuple[NDArray[np.void], NDArray[np.int64]]:
        """The events of some words, and the times that were known among them."""
        kinds = words >> np.uint16(12)
        content = (words & np.uint16(0xFFF)).astype(np.int64)
        times = self._times(kinds, content)
        rows = self._rows(kinds, content)
        columns, polarity, mask = self._columns(kinds, content)
        at = np.flatnonzero((mask != 0) & (times >= 0) & (rows >= 0) & (columns >= 0))
        source, bit = _bits(mask[at])
        at = at[source]
        x = columns[at] + bit
        inside = (x < self._width) & (rows[at] < self._height)
        at = at[inside]
        events = np.empty(len(at), EVENT_DTYPE)
        events['x'] = x[inside]
        events['y'] = rows[at]
        events['p'] = polarity[at]
        events['t'] = times[at]
        return events, times[times >= 0]

    def _times(self, kinds: NDArray[np.uint16], content: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sensor time at every word, in us; negative where it is not known."""
        size = len(kinds)
        where = np.flatnonzero(kinds == TIME_HIGH)
        highs = content[where]
        before = np.concatenate(([self._high], highs))[:-1]
        turns = self._turns + (before - highs > _NOISE).cumsum()
        upper = _held(size, where, (turns << 12) | highs, (self._turns << 12) | max(self._high, 0))

        # the lower half: what was sent; 0 where the upper half changed
        sent = kinds == TIME_LOW
        set_here = sent.copy()
        set_here[where[highs != before]] = True
        at = np.flatnonzero(set_here)
        low = _held(size, at, content[at] * sent[at], self._low)
        if self._low == _NONE:  # until it is sent after an upper half
            first_high = 0 if self._high_is_new else (where[0] if len(where) else size)
            usable = np.flatnonzero(sent[first_high:])
            low[: first_high + usable[0] if len(usable) else size] = _NONE

        self._low = int(low[-1])
        if len(where):
            self._turns, self._high = int(turns[-1]), int(highs[-1])
            self._high_is_new = True
        return np.where(low >= 0, (upper << 12) | low, _NONE)

    def _rows(self, kinds: NDArray[np.uint16], content: NDArray[np.int64]) -> NDArray[np.int64]:
        """Row at every word; negative where none is known. Bit 11 tells a stereo pair's cameras."""
        where = np.flatnonzero(kinds == ADDR_Y)
        rows = _held(len(kinds), where, content[where] & 0x7FF, self._row)
        self._row = int(rows[-1])
        return rows

    def _columns(
        self, kinds: NDArray[np.uint16], content: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """First column, polarity, and a bit for each event from there on, at every word.

        A single event is a vector of which only the first bit is set. A vector word moves the
        base by its length.
        """
        twelve, eight, single = kinds == VECT_12, kinds == VECT_8, kinds == ADDR_X
        length = twelve * 12 + eight * 8
        moved = length.cumsum()
        where = np.flatnonzero(kinds == VECT_BASE_X)
        # base of a word = last base sent + lengths since then, its own excluded; polarity below it
        origin = (content[where] & 0x7FF) - moved[where]
        held = _held(
            len(kinds),
            where,
            (origin << 1) | (content[where] >> 11),
            (self._base << 1) | self._base_polarity,
        )
        base = (held >> 1) + moved - length
        if self._base == _NONE:
            base[: where[0] if len(where) else len(kinds)] = _NONE
        if base[-1] != _NONE:
            self._base = min(int(base[-1] + length[-1]), _FAR)
            self._base_polarity = int(held[-1]) & 1
        columns = np.where(single, content & 0x7FF, base)
        polarity = np.where(single, content >> 11, held & 1)
        mask = single + twelve * content + eight * (content & 0xFF)
        return columns, polarity, mask


def _held(
    size: int, where: NDArray[np.intp], values: NDArray[np.int64], before: int
) -> NDArray[np.int64]:
    """``[size]``: each of ``values`` from its place on until the next, ``before`` ahead of them."""
    steps = np.empty(len(where) + 1, np.int64)
    steps[0] = before
    steps[1:] = values
    lengths = np.empty(len(where) + 1, np.intp)
    lengths[:-1] = where
    lengths[-1] = size
    lengths[1:] -= where
    return steps.repeat(lengths)


def _bits(masks: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Every bit that is set in ``[m]`` masks of 12 bits, in order: its mask, its place."""
    counts, places = _bit_table()
    numbers = counts[masks]
    source = np.arange(len(masks)).repeat(numbers)
    rank = np.arange(len(source)) - (numbers.cumsum() - numbers).repeat(numbers)
    return source, places[masks[source], rank]


@cache
def _bit_table() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each mask of 12 bits: how many are set ``[4096]``, and which, in order ``[4096, 12]``."""
    bits = (np.arange(4096)[:, None] >> np.arange(12)) & 1
    return bits.sum(axis=1), np.argsort(1 - bits, axis=1, kind='stable')
