"""What a window holds when it has closed: the input of one recognition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from omnibind_core.streaming.vector import Vector

ClosedBy = Literal['complete', 'timeout', 'flush']


@dataclass(frozen=True)
class ClosedWindow:
    """One window, closed. Times are nanoseconds.

    :param index: running number, counting unpublished windows too.
    :param start: stamp of the vector that opened it.
    :param end: start + ``window``: the first stamp that no longer belonged to it. A contribution
        may be *older* than start by at most ``window``.
    :param stamp: newest fresh stamp: the stamp of the recognition.
    :param opened: when the first of its vectors reached the fusion node.
    :param closed_at: when it closed.
    :param closed_by: ``complete``: everything that was waited for came, or nothing was;
        ``timeout``: at least one sensor that was waited for did not come; ``flush``: closed early.
    :param fresh: the vectors that belong to it, one a sensor, by sensor name; never empty.
    :param held: the last vectors of other sensors, not too old, by sensor name.
    :param missing: names of the sensors seen since start that are neither, without disabled ones.
    :param publish: false when ``max_rate`` holds this recognition back.
    """

    index: int
    start: int
    end: int
    stamp: int
    opened: int
    closed_at: int
    closed_by: ClosedBy
    fresh: tuple[Vector, ...]
    held: tuple[Vector, ...]
    missing: tuple[str, ...]
    publish: bool

    @property
    def added_delay(self) -> int:
        """How long the first of its vectors was kept waiting for the others, nanoseconds."""
        return self.closed_at - self.opened

    @property
    def informative(self) -> bool:
        """Whether any fresh vector had something to sense; otherwise the recognition abstains."""
        return any(vector.informative for vector in self.fresh)
