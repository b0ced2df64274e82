"""The one place that knows ``event_camera_py``: it reads encodings that we do not, where installed.

Those are ``libcaer`` and ``libcaer_cmp`` (DAVIS and DVXplorer cameras).
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import MOST_EVENTS
from omnibind_core.streaming.event_chunk import EventChunk

# The C++ decoder allocates what a packet asks for; the densest codecs use a byte an event or more.
_MOST_BYTES = 16 * 2**20


class _Decoder(Protocol):
    """``event_camera_py.Decoder``."""

    def decode_bytes(
        self, encoding: str, width: int, height: int, time_base: int, events: bytes
    ) -> None:
        """Decode one packet."""

    def get_cd_events(self) -> NDArray[np.void]:
        """The events of it: fields x, y, p, t (int32, microseconds since the first event)."""


class EventCameraPyDecoder:
    """Decodes one camera's packets one after the other.

    Times are ``event_camera_py``'s: 32-bit microseconds that wrap every 71 minutes, which is
    undone here.

    :param decoder: ``event_camera_py.Decoder()``.
    """

    def __init__(self, decoder: _Decoder) -> None:
        self._decoder = decoder
        self._turns = 0
        self._last = 0

    def decode(
        self, data: NDArray[np.uint8], *, encoding: str, time_base: int, width: int, height: int
    ) -> EventChunk:
        """The events of the next packet.

        :param data: uint8 ``[n]``.
        :raises InputError: if ``event_camera_py`` refuses the packet, or it is too large.
        """
        if data.size > _MOST_BYTES:
            raise InputError('events', f'{data.size} bytes', f'<= {_MOST_BYTES} in a packet')
        try:
            self._decoder.decode_bytes(encoding, width, height, time_base, data.tobytes())
            given = self._decoder.get_cd_events()
        except (RuntimeError, ValueError, TypeError) as error:
            reason = f'{encoding!r}, which event_camera_py refuses ({error})'
            raise InputError('events', reason, 'a packet of that encoding') from error
        if len(given) > MOST_EVENTS:
            raise InputError('events', f'{len(given)} events', f'<= {MOST_EVENTS} in a packet')
        inside = given[(given['x'] < width) & (given['y'] < height)]
        events = np.empty(len(inside), EVENT_DTYPE)
        for name in ('x', 'y', 'p'):
            events[name] = inside[name]
        events['p'] = inside['p'] > 0
        events['t'] = self._unwrapped(inside['t'])
        if not len(events):
            return EventChunk(events, None, None)
        return EventChunk(events, int(events['t'].min()), int(events['t'].max()))

    def _unwrapped(self, times: NDArray[np.int32]) -> NDArray[np.int64]:
        """64-bit times of 32-bit ones: a fall by more than half a turn is a wrap."""
        if not len(times):
            return times.astype(np.int64)
        wide = times.astype(np.int64)
        steps = np.diff(wide, prepend=self._last)
        half = 1 << 31
        turns = self._turns + np.cumsum((steps < -half).astype(np.int64) - (steps > half))
        self._turns, self._last = int(turns[-1]), int(wide[-1])
        return wide + (turns << 32)


def event_camera_py_decoder() -> EventCameraPyDecoder | None:
    """A decoder, or None where ``event_camera_py`` is not installed."""
    try:
        decoder: _Decoder = import_module('event_camera_py').Decoder()
    except (ImportError, AttributeError):
        return None
    return EventCameraPyDecoder(decoder)
