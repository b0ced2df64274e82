"""The encoder's worker in bag time: one reading at a time, only the newest waits.

What a :class:`~omnibind_core.streaming.latest_worker.LatestWorker` does with threads, computed: so
two runs are the same, however fast the machine is. Times are nanoseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic
from typing import NamedTuple
from typing import TypeVar

T = TypeVar('T')


class Taken(NamedTuple, Generic[T]):
    """A reading that the worker takes up.

    :param item: the reading.
    :param ready: when it is encoded and reaches the fusion.
    """

    item: T
    ready: int


class EncodeSlot(Generic[T]):
    """Takes readings as they come and says when each is encoded.

    :param delay: how long encoding takes, at least 0.
    """

    def __init__(self, delay: int) -> None:
        if delay < 0:
            raise ValueError(f'a delay must be at least 0, not {delay}')
        self._delay = delay
        self._free: int | None = None
        self._waiting: T | None = None
        #: How many readings gave way to a newer one before their turn came.
        self.replaced = 0

    def put(self, item: T, now: int) -> Iterator[Taken[T]]:
        """A reading comes; yields those that are taken up until then, in order.

        :param now: when; never before the last one.
        """
        yield from self._take_until(now)
        if self._free is None or self._free <= now:
            self._free = now + self._delay
            yield Taken(item, self._free)
            return
        self.replaced += self._waiting is not None
        self._waiting = item

    def drain(self) -> Iterator[Taken[T]]:
        """Nothing comes any more: the one that waits, if there is one."""
        if self._free is not None:
            yield from self._take_until(self._free)

    def _take_until(self, now: int) -> Iterator[Taken[T]]:
        if self._waiting is not None and self._free is not None and self._free <= now:
            item, self._waiting = self._waiting, None
            self._free += self._delay
            yield Taken(item, self._free)
