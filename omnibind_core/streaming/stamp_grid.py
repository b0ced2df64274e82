"""Decimation to a rate on a grid of stamps."""

from __future__ import annotations

SECOND = 1_000_000_000


class StampGrid:
    """Lets the first message of each grid cell through.

    The cells are fixed intervals of event time. Comparing with the last accepted stamp instead
    turns 30 Hz with a little jitter into 7.5 Hz where 10 Hz is asked for, since every message that
    is a hair early costs a whole period.

    A quarter cell of hysteresis: a message in the next cell, but less than that after the accepted
    one, waits for its successor, so that jitter around a cell's edge does not pass two at once.
    """

    def __init__(self, rate: float) -> None:
        """:param rate: messages a second, Hz; 0 lets everything through."""
        self._period = round(SECOND / rate) if rate > 0 else 0
        self._cell: int | None = None
        self._last = 0

    def accepts(self, stamp: int) -> bool:
        """Whether the message of this stamp (ns) passes; a stamp going backwards starts anew."""
        if self._period == 0:
            return True
        cell = stamp // self._period
        if self._cell is not None and stamp >= self._last:
            if cell == self._cell:
                return False
            if stamp - self._last < self._period // 4:
                return False
        elif self._cell is not None and self._last - stamp < SECOND:
            return False  # out of order within a second: not a clock that was set back
        self._cell = cell
        self._last = stamp
        return True
