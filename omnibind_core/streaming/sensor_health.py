"""The health of one sensor: its state, judged from its rhythm, its silence and its misses."""

from __future__ import annotations

from collections import deque
from enum import Enum

from omnibind_core.streaming.rhythm import measure
from omnibind_core.streaming.rhythm import Prediction
from omnibind_core.streaming.rhythm import Rhythm

HISTORY = 16
# A sensor whose stamps go back further than this has a new time line; what it taught is void.
REGRESSION_NS = 1_000_000_000


class SensorState(Enum):
    """What can be expected of a sensor; only a periodic one is waited for."""

    WARMING = 'warming'
    """Fewer than three vectors so far."""
    PERIODIC = 'periodic'
    """Its next vector is predicted, and waited for."""
    SPORADIC = 'sporadic'
    """It speaks irregularly, or was configured so: contact-gated touch."""
    LATE = 'late'
    """It missed a window that waited for it."""
    LOST = 'lost'
    """Silent for long, or its publisher is gone."""
    DISABLED = 'disabled'
    """Switched off by hand."""


class SensorHealth:
    """What is known about the timing of one sensor.

    Fed with every vector that was accepted and is no duplicate, also with late ones: they are how
    a latency that grew is learnt.
    """

    def __init__(self) -> None:
        self._gone = False
        self.forget()

    def forget(self) -> None:
        """Drop the history, as after a loss or a jump of the clock."""
        self._stamps: deque[int] = deque(maxlen=HISTORY)
        self._latencies: deque[int] = deque(maxlen=HISTORY)
        self._rhythm: Rhythm | None = None
        self._newest: int | None = None
        self._last: int | None = None
        self._heard: int | None = None
        self._missed: int | None = None
        self._in_a_row = 0

    @property
    def rhythm(self) -> Rhythm | None:
        """Period, jitter and latency; ``None`` while the sensor warms up."""
        return self._rhythm

    @property
    def last_stamp(self) -> int | None:
        """Stamp of the vector that arrived last, nanoseconds."""
        return self._last

    @property
    def heard(self) -> int | None:
        """When a vector arrived last, nanoseconds."""
        return self._heard

    def repeats(self, stamp: int) -> bool:
        """Whether one of the last 16 vectors had this stamp, unless time begins anew with it."""
        return stamp in self._stamps and not self._regresses(stamp)

    def observe(self, stamp: int, now: int, *, sporadic: bool, timeout: int) -> bool:
        """A vector arrived.

        :param stamp: its stamp; no repeated one.
        :param now: when it arrived at the fusion node.
        :param sporadic: whether the sensor is configured as sporadic.
        :param timeout: silence after which a periodic sensor is lost.
        :returns: whether it is the newest so far.
        """
        lost = self.state(now, sporadic=sporadic, timeout=timeout) is SensorState.LOST
        if lost or self._regresses(stamp):
            self.forget()
        self._gone = False
        self._count(stamp)
        self._stamps.append(stamp)
        self._latencies.append(now - stamp)
        self._rhythm = measure([*self._stamps], [*self._latencies])
        self._last = stamp
        self._heard = now
        if self._newest is not None and stamp < self._newest:
            return False
        self._newest = stamp
        return True

    def state(self, now: int, *, sporadic: bool, timeout: int) -> SensorState:
        """The state at a time; a pure function of what was observed. See :meth:`observe`."""
        if self._gone:
            return SensorState.LOST
        if self._rhythm is None or self._heard is None:
            return SensorState.WARMING
        if sporadic or self._rhythm.irregular:
            return SensorState.SPORADIC
        if now - self._heard > max(timeout, 3 * self._rhythm.period):
            return SensorState.LOST
        return SensorState.PERIODIC if self._missed is None else SensorState.LATE

    def predict(self, *, after: int, before: int, arriving: int) -> Prediction | None:
        """The next vector expected; ``None`` while warming up, or where there is none.

        :param after: as in :meth:`Rhythm.predict`, like ``arriving``.
        :param before: its stamp lies before this.
        """
        if self._rhythm is None or self._newest is None:
            return None
        if self._newest + self._rhythm.period >= before:
            return None
        predicted = self._rhythm.predict(self._newest, after=after, arriving=arriving)
        return predicted if predicted.stamp < before else None

    def miss(self, stamp: int) -> None:
        """A window waited in vain for the vector predicted at this stamp."""
        self._missed = stamp
        self._in_a_row = 0

    def publisher_gone(self) -> None:
        """Nothing can come any more: lost at once."""
        self._gone = True

    def publisher_back(self) -> None:
        """A publisher is there again: what was known of the old one is void."""
        if self._gone:
            self._gone = False
            self.forget()

    def _regresses(self, stamp: int) -> bool:
        return self._newest is not None and stamp < self._newest - REGRESSION_NS

    def _count(self, stamp: int) -> None:
        """Waited for again after the missed vector itself, or two in a row."""
        if self._missed is None or self._rhythm is None or self._newest is None:
            return
        period = self._rhythm.period
        if 2 * abs(stamp - self._missed) <= period:
            self._missed = None
        elif stamp > self._newest:
            follows = 2 * (stamp - self._newest) <= 3 * period
            self._in_a_row = self._in_a_row + 1 if follows else 1
            if self._in_a_row == 2:
                self._missed = None
