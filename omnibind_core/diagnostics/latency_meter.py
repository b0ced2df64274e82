"""Latencies by part: the median and the 99th percentile of the newest ones."""

from __future__ import annotations

from bisect import bisect_left
from bisect import insort
from collections import deque
from collections.abc import Mapping
import threading
from typing import NamedTuple

from omnibind_core.diagnostics.nearest_rank import nearest_rank

_SECOND = 1_000_000_000
_MOST = 1000  # a part: a hundredth of it is ten values


class Quantiles(NamedTuple):
    """Of the values within the window, nanoseconds.

    :param p50: half of them are at most this.
    :param p99: of a hundred, ninety-nine are at most this.
    :param number: how many there are.
    """

    p50: int
    p99: int
    number: int


class LatencyMeter:
    """Durations by the name of the part, over a sliding window. May be used from several threads.

    At most 1000 values a part are kept. Percentiles are nearest-rank: always a value that occurred.

    :param parts: names in the order in which they are reported; others may follow.
    :param window: nanoseconds of the clock that the calls are given.
    """

    def __init__(self, *parts: str, window: int = 30 * _SECOND) -> None:
        self._window = window
        self._lock = threading.Lock()
        self._values = {part: _Sliding() for part in parts}

    def add(self, part: str, duration: int, now: int) -> None:
        """A part took ``duration`` nanoseconds, and ended at ``now``."""
        with self._lock:
            self._values.setdefault(part, _Sliding()).add(duration, now)

    def quantiles(self, now: int) -> Mapping[str, Quantiles]:
        """Median and 99th percentile of each part that has values within (now - window, now]."""
        with self._lock:
            found: dict[str, Quantiles] = {}
            for part, values in self._values.items():
                ranked = values.since(now - self._window)
                if ranked:
                    found[part] = Quantiles(
                        nearest_rank(ranked, 50), nearest_rank(ranked, 99), len(ranked)
                    )
            return found

    def texts(self, now: int) -> dict[str, str]:
        """The quantiles for people: ``latency encode`` -> ``p50 3.1 ms, p99 4.8 ms``."""
        return {
            f'latency {part}': f'p50 {one.p50 / 1e6:.2f} ms, p99 {one.p99 / 1e6:.2f} ms'
            for part, one in self.quantiles(now).items()
        }

    def reset(self) -> None:
        """Forget all values."""
        with self._lock:
            for values in self._values.values():
                values.clear()


def milliseconds(text: str | None) -> tuple[float, float] | None:
    """One of the texts of :meth:`LatencyMeter.texts`, ``p50 3.1 ms, p99 4.8 ms``, as numbers."""
    if not text:
        return None
    p50, p99 = (float(part.split()[1]) for part in text.split(', '))
    return p50, p99


class _Sliding:
    """The newest durations of one part, in order of time and ranked.

    Ranked as they come: to sort thousands of them when the status is due would keep the executor
    busy for milliseconds, and the vector that closes a window waiting.
    """

    def __init__(self) -> None:
        self._newest: deque[tuple[int, int]] = deque()
        self._ranked: list[int] = []

    def add(self, duration: int, now: int) -> None:
        """A duration that ended at a time."""
        if self._newest and now < self._newest[-1][0]:
            self.clear()  # the clock was set
        if len(self._newest) == _MOST:
            self._drop_oldest()
        self._newest.append((now, duration))
        insort(self._ranked, duration)

    def since(self, time: int) -> list[int]:
        """Those that ended after a time, in rising order."""
        while self._newest and self._newest[0][0] <= time:
            self._drop_oldest()
        return self._ranked

    def clear(self) -> None:
        """Forget all."""
        self._newest.clear()
        self._ranked.clear()

    def _drop_oldest(self) -> None:
        _, duration = self._newest.popleft()
        del self._ranked[bisect_left(self._ranked, duration)]
