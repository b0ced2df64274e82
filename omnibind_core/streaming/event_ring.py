"""The last moments of an event camera, assembled from its messages.

A message's stamp is the ROS time of the *begin* of its stretch of sensor time, as the drivers
have it (arrival of its first bytes). Events keep the sensor's times, which are finer and more even
than stamps; stamps only say where those lie on the ROS clock. A message

* whose stamp *and* sensor time do not go on is a duplicate, or out of order: refused (stamps alone
  may step back by their jitter, or repeat themselves with a coarse simulated clock); one earlier by
  more than a second means that the clock stepped back, and the ring starts over;
* whose sensor time steps back, or does not go along with the stamps (``tolerance``), or leaves out
  more than ``longest_gap``, makes the ring start over: what lies before is another recording,
  another start of the camera, or incomplete.

Silence is not a gap: cameras send messages of time alone. Time is an argument: integers,
nanoseconds of ROS time, microseconds of the sensor's. Notation: ``n`` events.
"""

from __future__ import annotations

from collections import Counter
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.event_slice import MOST_EVENTS
from omnibind_core.streaming.event_chunk import EventChunk
from omnibind_core.streaming.sensor_health import REGRESSION_NS
from omnibind_core.streaming.stream_clock import StreamClock

MOST_CHUNKS = 4096  # messages with events; the fastest drivers send 1000 a second
# Prophesee's sensor time steps back by up to 10 counts of 4096 us without meaning it.
_NOISE_US = 41_000


class EventOutcome(Enum):
    """What became of a message; the values are the keys in diagnostics."""

    APPENDED = 'appended'
    """It followed."""
    RESTARTED = 'restarted'
    """Everything before it was dropped."""
    DUPLICATE = 'duplicate'
    """Refused: its stamp and sensor time are the last one's."""
    LATE = 'late'
    """Refused: its stamp is before the last one's, and its sensor time is no later."""
    UNTIMED = 'untimed'
    """It told no sensor time: the camera's stream was joined a moment ago."""


@dataclass(frozen=True, eq=False)
class EventSpan:
    """What the camera reported in an unbroken stretch of time.

    :param events: the events of (end - length, end], in order of time; begin_us is end - length.
    :param end_ns: ROS time at its end.
    :param complete: false if its oldest events had to be dropped because there were too many.
    """

    events: EventSlice
    end_ns: int
    complete: bool


class EventRing:
    """Messages in, spans out. Not thread-safe: one caller at a time.

    :param width: of the sensor in pixels.
    :param height: of the sensor in pixels.
    :param capacity_ns: how much is kept; the longest span there can be.
    :param most_events: beyond that the oldest messages are dropped.
    :param tolerance_ns: see above: the jitter of the stamps.
    :param longest_gap_ns: see above.
    :raises InputError: for a capacity or a number of events below 1, or above what a slice holds.
    """

    def __init__(
        self,
        *,
        width: int,
        height: int,
        capacity_ns: int = 1_000_000_000,
        most_events: int = 2_000_000,
        tolerance_ns: int = 200_000_000,
        longest_gap_ns: int = 500_000_000,
    ) -> None:
        if not 1 <= most_events <= MOST_EVENTS:
            raise InputError('most_events', most_events, f'1 to {MOST_EVENTS}')
        if capacity_ns < 1000:
            raise InputError('capacity', f'{capacity_ns} ns', '>= 1000 ns')
        self._size = (width, height)
        self._capacity_us = capacity_ns // 1000
        self._most_events = most_events
        self._tolerance = tolerance_ns
        self._longest_gap_us = longest_gap_ns // 1000
        self._outcomes = Counter(dict.fromkeys(EventOutcome, 0))
        self._clock: StreamClock | None = None
        self._stamp = 0
        self._last_begin_us = 0  # of the last message
        self._begin_us = 0  # since when there has been no gap
        self._end_us = 0
        self._dropped_us = -1  # until when events are missing
        # events in the order of arrival, and the first and last time among them
        self._chunks: deque[tuple[NDArray[np.void], int, int]] = deque()
        self._number = 0

    @property
    def outcomes(self) -> Mapping[EventOutcome, int]:
        """How many messages ended how; every outcome is present."""
        return MappingProxyType(dict(self._outcomes))

    @property
    def number(self) -> int:
        """Events held now."""
        return self._number

    @property
    def end_ns(self) -> int | None:
        """ROS time until which the messages reach; None while the ring is empty."""
        return None if self._clock is None else self._clock.to_ros(self._end_us * 1000)

    @property
    def covered_ns(self) -> int:
        """The longest span there is now; 0 while the ring is empty."""
        since = max(self._begin_us, self._end_us - self._capacity_us)
        return (self._end_us - since) * 1000

    def push(self, stamp_ns: int, chunk: EventChunk) -> EventOutcome:
        """A message arrived.

        :param stamp_ns: ROS time at its begin.
        :param chunk: what it decoded to; copied.
        :raises InputError: for events of another type or shape.
        """
        events = chunk.events
        if events.dtype != EVENT_DTYPE or events.ndim != 1:
            given = f'{events.dtype} of shape {list(events.shape)}'
            raise InputError('events', given, f'{EVENT_DTYPE} of shape [n]')
        if chunk.begin_us is None or chunk.end_us is None:
            self._outcomes[EventOutcome.UNTIMED] += 1
            return EventOutcome.UNTIMED
        outcome = self._place(stamp_ns, chunk.begin_us)
        self._outcomes[outcome] += 1
        if outcome in (EventOutcome.DUPLICATE, EventOutcome.LATE):
            return outcome
        if self._clock is None or outcome is EventOutcome.RESTARTED:
            self._clock = StreamClock(chunk.begin_us * 1000, stamp_ns)
            self._begin_us, self._end_us, self._dropped_us = chunk.begin_us, chunk.end_us, -1
            self._stamp = stamp_ns
            self._chunks.clear()
            self._number = 0
        self._clock.follow(chunk.begin_us * 1000, stamp_ns)
        self._stamp = max(self._stamp, stamp_ns)
        self._last_begin_us = chunk.begin_us
        self._end_us = max(self._end_us, chunk.end_us)
        self._keep(events)
        return outcome

    def span(self, end_ns: int | None, length_ns: int) -> EventSpan | None:
        """The newest unbroken stretch of a given length.

        :param end_ns: ROS time at which it ends at the latest; None: no such limit.
        :param length_ns: its length; whole microseconds count.
        :return: a copy; None while the ring covers less than that.
        :raises InputError: for a length that the ring can never hold.
        """
        length_us = length_ns // 1000
        if not 1 <= length_us <= self._capacity_us:
            raise InputError('span', f'{length_us} us', f'1 to {self._capacity_us}, the capacity')
        if self._clock is None:
            return None
        end = self._end_us
        if end_ns is not None:
            end = min(end, self._clock.to_own(end_ns) // 1000)
        begin = end - length_us
        if begin < self._end_us - self.covered_ns // 1000:
            return None
        found = [events for events, first, last in self._chunks if last > begin and first <= end]
        events = np.concatenate(found) if found else np.empty(0, EVENT_DTYPE)
        times = events['t']
        inside = (times > begin) & (times <= end)
        if not inside.all():
            events = events[inside]
            times = events['t']
        if (times[1:] < times[:-1]).any():
            events = events[np.argsort(times, kind='stable')]
        width, height = self._size
        slice_ = EventSlice(events, width, height, end, begin)
        return EventSpan(slice_, self._clock.to_ros(end * 1000), begin >= self._dropped_us)

    def _place(self, stamp_ns: int, begin_us: int) -> EventOutcome:
        """What is to become of a message; changes nothing."""
        if self._clock is None:
            return EventOutcome.APPENDED
        if stamp_ns < self._stamp - REGRESSION_NS:
            return EventOutcome.RESTARTED
        if stamp_ns <= self._stamp and begin_us <= self._last_begin_us:
            return EventOutcome.DUPLICATE if stamp_ns == self._stamp else EventOutcome.LATE
        step_us = begin_us - self._end_us
        error = self._clock.error(begin_us * 1000, stamp_ns)
        if not -_NOISE_US <= step_us <= self._longest_gap_us or abs(error) > self._tolerance:
            return EventOutcome.RESTARTED
        return EventOutcome.APPENDED

    def _keep(self, events: NDArray[np.void]) -> None:
        """Add the events of a message, and drop what is too old or too much."""
        if len(events) > self._most_events:
            self._dropped_us = max(self._dropped_us, int(events['t'][: -self._most_events].max()))
            events = events[-self._most_events :]
        if len(events):
            times = events['t']
            self._chunks.append((events.copy(), int(times.min()), int(times.max())))
            self._number += len(events)
        oldest = self._end_us - self._capacity_us
        while self._chunks and self._chunks[0][2] <= oldest:
            self._number -= len(self._chunks.popleft()[0])
        while self._number > self._most_events or len(self._chunks) > MOST_CHUNKS:
            dropped, _, last = self._chunks.popleft()
            self._number -= len(dropped)
            self._dropped_us = max(self._dropped_us, last)
