"""A window that still collects: which vectors it has, and which sensors it waits for."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from omnibind_core.streaming.vector import Vector


class Place(Enum):
    """Where a stamp lies, seen from an open window."""

    BEFORE = 'before'
    INSIDE = 'inside'
    AFTER = 'after'


class Awaited(NamedTuple):
    """What a window waits for from one sensor, nanoseconds.

    :param stamp: the predicted stamp of its vector.
    :param until: when the window gives it up.
    """

    stamp: int
    until: int


class OpenWindow:
    """The vectors of one window, the newest of each sensor.

    :param first: the vector that opens it.
    :param opened: when that reached the fusion node, nanoseconds.
    :param length: of event time, nanoseconds.
    """

    def __init__(self, first: Vector, opened: int, length: int) -> None:
        self.start = first.stamp
        self.end = first.stamp + length
        self.oldest = first.stamp - length
        #: When the first of its vectors reached the fusion node.
        self.opened = opened
        #: ``max_wait`` counts from here: from the first vector that this window keeps waiting,
        #: be it one that belongs to the next.
        self.patience_from = opened
        self.vectors = {first.sensor: first}
        #: Sensors that were waited for and have not come yet, with what was expected of them.
        self.expected: dict[str, Awaited] = {}

    def place(self, stamp: int) -> Place:
        """Whether a stamp belongs to this window."""
        if stamp >= self.end:
            return Place.AFTER
        return Place.INSIDE if stamp >= self.oldest else Place.BEFORE

    def join(self, vector: Vector) -> Vector | None:
        """Take a vector that belongs here; returns the older one of its sensor, if there is one."""
        present = self.vectors.get(vector.sensor)
        if present is not None and present.stamp > vector.stamp:
            return vector
        self.vectors[vector.sensor] = vector
        return present

    def withdraw(self, sensor: str) -> list[Vector]:
        """Take out a sensor's vector, if there is one, and wait for that sensor no longer."""
        self.expected.pop(sensor, None)
        vector = self.vectors.pop(sensor, None)
        return [] if vector is None else [vector]

    @property
    def missed(self) -> dict[str, Awaited]:
        """What was waited for and has not come."""
        return {name: one for name, one in self.expected.items() if name not in self.vectors}

    @property
    def stamp(self) -> int:
        """The newest stamp."""
        return max(vector.stamp for vector in self.vectors.values())
