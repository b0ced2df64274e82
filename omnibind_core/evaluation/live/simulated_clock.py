"""Simulated time between the ticks of ``/clock``, as a listener on the same machine sees it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


class SimulatedClock:
    """Follows the ticks, also when the clock was held back.

    A tick arrives a little late; within ``window`` the least late one counts.

    :param window: nanoseconds of system time.
    """

    def __init__(self, window: int = 1_000_000_000) -> None:
        self._window = window
        self._heard: list[int] = []
        self._behind: list[int] = []

    def ticks(self, heard: Sequence[int], said: Sequence[int]) -> None:
        """Take all ticks there are.

        :param heard: when each came, system time, in order; nanoseconds.
        :param said: the simulated time that each says.
        """
        self._heard = list(heard)
        self._behind = [at - time for at, time in zip(heard, said, strict=True)]

    def at(self, time: int) -> int | None:
        """The simulated time at a system time; ``None``: no tick shortly before."""
        end = bisect_right(self._heard, time)
        begin = bisect_right(self._heard, time - self._window)
        if begin == end:
            return None
        return time - min(self._behind[begin:end])
