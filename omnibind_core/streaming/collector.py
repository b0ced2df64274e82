"""Where a vector belongs by its stamp: in the open window, in a later one, or in none any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from omnibind_core.streaming.open_window import OpenWindow
from omnibind_core.streaming.open_window import Place
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.pending import Pending
from omnibind_core.streaming.vector import Vector


class Decided(NamedTuple):
    """What has become of a vector."""

    vector: Vector
    outcome: Outcome


class Collector:
    """The open window, the vectors beyond it, and the horizon.

    Methods return the vectors whose fate was decided; all others are still inside.
    """

    def __init__(self) -> None:
        self.window: OpenWindow | None = None
        #: Newest fresh stamp of the last closed window: what is not newer has come too late.
        self.horizon: int | None = None
        self._pending = Pending()

    @property
    def undecided(self) -> int:
        """How many vectors are inside."""
        return len(self._pending) + (len(self.window.vectors) if self.window else 0)

    @property
    def first_arrival(self) -> int | None:
        """When the first of the vectors beyond the window arrived; ``None`` without any."""
        return self._pending.first_arrival()

    def put(self, vector: Vector, now: int, length: int) -> Decided | None:
        """A vector arrived.

        :param length: that of a window opened by it, nanoseconds.
        """
        window = self.window
        if self.horizon is not None and vector.stamp <= self.horizon:
            return Decided(vector, Outcome.LATE)
        if window is None:
            self.window = OpenWindow(vector, now, length)
            return None
        place = window.place(vector.stamp)
        if place is Place.BEFORE:
            return Decided(vector, Outcome.LATE)
        if place is Place.INSIDE:
            return _superseded(window.join(vector))
        dropped = self._pending.add(vector, now)
        return None if dropped is None else Decided(dropped, Outcome.OVERFLOW)

    def open_next(self, length: int) -> Iterator[Decided]:
        """Open a window, where none is open, with the vectors that waited for one."""
        first = self._pending.pop_first() if self.window is None else None
        if first is None:
            return
        window = self.window = OpenWindow(*first, length)
        for vector, arrived in self._pending.pop_before(window.end):
            window.opened = min(window.opened, arrived)
            older = _superseded(window.join(vector))
            if older is not None:
                yield older
        behind = self._pending.first_arrival()
        window.patience_from = window.opened if behind is None else min(window.opened, behind)

    def close(self) -> OpenWindow:
        """Take the open window out; the horizon moves up to it."""
        window = self.window
        assert window is not None
        self.window = None
        self.horizon = window.stamp
        return window

    def withdraw(self, sensor: str) -> Iterator[Decided]:
        """Take out the vectors of a sensor that was switched off; a window left empty is none."""
        withdrawn = self._pending.withdraw(sensor)
        if self.window is not None:
            withdrawn += self.window.withdraw(sensor)
            if not self.window.vectors:
                self.window = None
        return (Decided(vector, Outcome.DISABLED) for vector in withdrawn)

    def reset(self) -> Iterator[Decided]:
        """Start over on a new time line; what waited belongs to the old one."""
        self.window = None
        self.horizon = None
        return (Decided(vector, Outcome.FLUSHED) for vector in self._pending.clear())


def _superseded(older: Vector | None) -> Decided | None:
    return None if older is None else Decided(older, Outcome.SUPERSEDED)
