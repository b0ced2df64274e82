"""Event cameras: every packet enters a ring; readings are the newest moments of it.

How long these are is up to the motion: see :mod:`omnibind_core.modalities.event_stretch`.
"""

from __future__ import annotations

from typing import Any

from omnibind_core.errors import InputError
from omnibind_core.modalities.event import EventSensor
from omnibind_core.modalities.event import EventSpecification
from omnibind_core.modalities.event import taken_us
from omnibind_core.modalities.event_stretch import wanted_events
from omnibind_core.streaming.event_ring import EventOutcome
from omnibind_core.streaming.event_ring import EventRing
from omnibind_core.streaming.event_ring import EventSpan
from omnibind_ros.conversions.event import EventPacketDecoder
from omnibind_ros.sources.source import Assembled

_MILLISECOND = 1_000_000
_CAPACITY = 1000 * _MILLISECOND
_REFUSED = (EventOutcome.DUPLICATE, EventOutcome.LATE)


class EventSource:
    """Packets in, slices out.

    :param specification: of the model's input.
    :param settings: of the sensor.
    """

    decodes_on_entry = True

    def __init__(self, specification: EventSpecification, settings: EventSensor) -> None:
        self._specification = specification
        self._settings = settings
        self._shortest = round(specification.window_ms * _MILLISECOND)
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
        span = self._newest()
        if span is None:
            return None
        self._incomplete += not span.complete
        taken = taken_us(span.events, self._specification, self._settings)
        return Assembled(span.events, span.end_ns, taken * 1000)

    def convert(self, content: Any) -> Any | None:
        """The events are there already."""
        return content

    def apply(self, settings: Any) -> None:
        """They say how many events are enough."""
        self._settings = settings

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

    def _newest(self) -> EventSpan | None:
        """The shortest span; the longest, to choose from, where that does not hold enough."""
        if self._ring is None:
            return None
        span = self._ring.span(None, self._shortest)
        if span is None or self._specification.count:
            return span
        if len(span.events.events) >= wanted_events(span.events, self._settings.enough):
            return span
        longest = min(round(self._settings.longest_ms * _MILLISECOND), self._ring.covered_ns)
        return self._ring.span(None, max(longest, self._shortest))

    def _start(self) -> None:
        assert self._size is not None
        width, height = self._size
        capacity = max(_CAPACITY, 2 * self._shortest)
        self._ring = EventRing(width=width, height=height, capacity_ns=capacity)
