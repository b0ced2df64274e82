"""When each message of a bag is due, and what the simulated clock says meanwhile.

A pure state machine: *steady* time, which never jumps, is an argument of every call; *bag* time is
the time that the bag was recorded at. Both are whole nanoseconds.
"""

from __future__ import annotations

from typing import Literal

AtLoop = Literal['jump', 'continue']
"""What the clock does when the bag begins again: jump back, as robots' nodes have to bear, or go on
with the headers' stamps shifted as far as the clock."""

SLACK = 100_000_000
"""ns of bag time that the clock may be ahead of a message that is still to come."""


class BagSchedule:
    """Maps steady time onto bag time: rate, pause, repetition, and a machine that is too slow.

    The clock waits for a message that is late by more than :data:`SLACK`: what is replayed then
    takes longer, but no node sees a clock that has left the messages behind, or one that falls
    when they come after all.

    :param begin: bag time of the beginning.
    :param end: bag time of the end; after it the bag begins again or is over.
    :param rate: bag seconds in one steady second.
    :param loop: whether the bag begins again.
    :param at_loop: see :data:`AtLoop`.
    """

    def __init__(
        self, *, begin: int, end: int, rate: float, loop: bool, at_loop: AtLoop = 'jump'
    ) -> None:
        if end < begin:
            raise ValueError(f'the end ({end}) lies before the beginning ({begin})')
        if not rate > 0.0:
            raise ValueError(f'the rate must be positive, not {rate}')
        self.begin = begin
        self.end = end
        self.rate = rate
        self.loop = loop
        self.at_loop: AtLoop = at_loop
        #: How often the bag has begun, from 1 on.
        self.round = 0
        #: ns by which the clock was held back, in all.
        self.held_back = 0
        self._bag = begin  # this bag time ...
        self._steady = 0  # ... was at this steady time
        self._expected = end  # bag time of what comes next
        self._paused = True

    @property
    def paused(self) -> bool:
        """Whether the clock stands."""
        return self._paused

    @property
    def shift(self) -> int:
        """To be added to every stamp of this round, ns; in the clock already. 0 when it jumps."""
        if self.at_loop == 'jump':
            return 0
        return max(self.round - 1, 0) * (self.end - self.begin)

    def begin_round(self, now: int) -> bool:
        """Begin the bag, at first or again; false when it is over instead.

        :param now: steady time.
        """
        if self.round and not self.loop:
            return False
        if self.round:
            # What is left of the last moment is not lost: the rate over many rounds is exact.
            self._steady = max(self._due(self.end), now - round(SLACK / self.rate))
        else:
            self._steady = now
        self._bag, self._expected = self.begin, self.end
        self._paused = False
        self.round += 1
        return True

    def expect(self, stamp: int, now: int) -> None:
        """What comes next is of bag time ``stamp``; the clock waits for it from here on.

        Until this is said for the first time in a round, the clock waits at the end.
        """
        self._expected = stamp
        self._wait(now)

    def clock(self, now: int) -> int:
        """What the simulated clock says at steady time ``now``."""
        self._wait(now)
        return self._time(now) + self.shift

    def due(self, stamp: int) -> int | None:
        """Steady time at which the message of bag time ``stamp`` is due; ``None``: paused."""
        return None if self._paused else self._due(stamp)

    def pause(self, now: int) -> None:
        """Let the clock stand."""
        if not self._paused:
            self._wait(now)
            self._bag, self._steady = self._time(now), now
            self._paused = True

    def resume(self, now: int) -> None:
        """Let it go on from where it stands."""
        if self._paused:
            self._steady = now
            self._paused = False

    def _wait(self, now: int) -> None:
        """Hold the clock back where what is expected is late."""
        late = self._time(now) - self._expected
        if late > SLACK and not self._paused:
            self.held_back += late - SLACK
            self._bag, self._steady = self._expected + SLACK, now

    def _time(self, now: int) -> int:
        if self._paused:
            return self._bag
        return self._bag + round((now - self._steady) * self.rate)

    def _due(self, stamp: int) -> int:
        return self._steady + round((stamp - self._bag) / self.rate)
