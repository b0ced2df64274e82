"""Vectors that lie beyond the open window, kept in stamp order until it has closed."""

from __future__ import annotations

from bisect import insort
from typing import NamedTuple

from omnibind_core.streaming.vector import Vector

# 200 Hz for as long as a window may stay open by default is 30; more is a sender gone wild.
MOST_OF_ONE_SENSOR = 64


class _Waiting(NamedTuple):
    stamp: int
    order: int  # of arrival: decides between equal stamps, so that vectors are never compared
    arrived: int
    vector: Vector


class Pending:
    """At most 64 vectors of each sensor, sorted by stamp, each with its arrival."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._order = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, vector: Vector, arrived: int) -> Vector | None:
        """Keep a vector; returns the oldest one of its sensor where there were too many."""
        self._order += 1
        insort(self._waiting, _Waiting(vector.stamp, self._order, arrived, vector))
        same = [one for one in self._waiting if one.vector.sensor == vector.sensor]
        if len(same) <= MOST_OF_ONE_SENSOR:
            return None
        self._waiting.remove(same[0])
        return same[0].vector

    def pop_first(self) -> tuple[Vector, int] | None:
        """The vector with the oldest stamp, and when it arrived."""
        if not self._waiting:
            return None
        first = self._waiting.pop(0)
        return first.vector, first.arrived

    def pop_before(self, stamp: int) -> list[tuple[Vector, int]]:
        """All vectors with an older stamp, oldest first, each with its arrival."""
        count = sum(one.stamp < stamp for one in self._waiting)
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return [(one.vector, one.arrived) for one in taken]

    def withdraw(self, sensor: str) -> list[Vector]:
        """Take out all vectors of a sensor."""
        taken = [one.vector for one in self._waiting if one.vector.sensor == sensor]
        self._waiting = [one for one in self._waiting if one.vector.sensor != sensor]
        return taken

    def clear(self) -> list[Vector]:
        """Take out all vectors."""
        taken = [one.vector for one in self._waiting]
        self._waiting = []
        return taken

    def first_arrival(self) -> int | None:
        """When the first of them arrived."""
        return min((one.arrived for one in self._waiting), default=None)
