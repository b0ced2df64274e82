"""Event cameras: every packet enters a ring; readings are the newest moments of it."""

from __future__ import annotations

from typing import Any

from omnibind_core.errors import InputError
from omnibind_core.streaming.event_ring import EventOutcome
from omnibind_core.streaming.event_ring import EventRing
from omnibind_ros.conversions.event import EventPacketDecoder
from omnibind_ros.sources.source import Assembled

_MILLISECOND = 1_000_000
_CAPACITY = 1000 * _MILLISECOND
_REFUSED = (EventOutcome.DUPLICATE, EventOutcome.LATE)


class EventSource:
    """Packets in, slices out.

    :param window_ms: length of a reading, milliseconds.
    """

    decodes_on_entry = True

    def __init__(self, window_ms: float) -> None:
        self._span = round(window_ms * _MILLISECOND)
        self._decoder = EventPacketDecoder()
        self._size: tuple[int, int] | None = None
        self._ring: EventRing | None = None
        self._incomplete = 0

    def enter(self, message: Any, stamp: int, *, arrival: bool) -> int | None:
        """See :meth:`Source.enter`; the driver's stamp is that of the packet's begin."""
        chunk = self._decoder.decode(message)
        size = (message.width, message.height)
        if self._ring is None or size != self._size:
            self._size = size
            self._start()
        assert self._ring is not None
        if arrival and chunk.begin_us is not None and chunk.end_us is not None:
            stamp -= (chunk.end_us - chunk.begin_us) * 1000
        outcome = self._ring.push(stamp, chunk)
        if outcome in _REFUSED:
            given = f'a packet that is {outcome.value}'
            raise InputError('header.stamp', given, 'packets that follow each other')
        return None if outcome is EventOutcome.UNTIMED else self._ring.end_ns

    def assemble(self) -> Assembled | None:
        """See :meth:`Source.assemble`."""
        span = None if self._ring is None else self._ring.span(None, self._span)
        if span is None:
            return None
        self._incomplete += not span.complete
        return Assembled(span.events, span.end_ns, self._span)

    def convert(self, content: Any) -> Any | None:
        """The events are there already."""
        return content

    def apply(self, settings: Any) -> None:
        """Nothing here depends on settings."""

    def interrupted(self) -> None:
        """The decoder finds its place anew, and the ring begins afresh."""
        self._decoder = EventPacketDecoder()
        if self._ring is not None:
            self._start()

    def values(self) -> dict[str, str]:
        """What was lost on the way here."""
        restarts = 0 if self._ring is None else self._ring.outcomes[EventOutcome.RESTARTED]
        return {
            'packets lost': str(self._decoder.lost),
            'stream restarts': str(self._decoder.restarts),
            'ring restarts': str(restarts),
            'spans too full': str(self._incomplete),
        }

    def _start(self) -> None:
        assert self._size is not None
        width, height = self._size
        capacity = max(_CAPACITY, 2 * self._span)
        self._ring = EventRing(width=width, height=height, capacity_ns=capacity)
