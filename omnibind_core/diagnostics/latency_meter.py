"""Latencies by part: the median and the 99th percentile of the newest ones."""

from __future__ import annotations

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
        self._values: dict[str, deque[tuple[int, int]]] = {
            part: deque(maxlen=_MOST) for part in parts
        }

    def add(self, part: str, duration: int, now: int) -> None:
        """A part took ``duration`` nanoseconds, and ended at ``now``."""
        with self._lock:
            values = self._values.setdefault(part, deque(maxlen=_MOST))
            if values and now < values[-1][0]:
                values.clear()  # the clock was set
            values.append((now, duration))

    def quantiles(self, now: int) -> Mapping[str, Quantiles]:
        """Median and 99th percentile of each part that has values within (now - window, now]."""
        with self._lock:
            found: dict[str, Quantiles] = {}
            for part, values in self._values.items():
                while values and values[0][0] <= now - self._window:
                    values.popleft()
                if values:
                    ranked = sorted(duration for _, duration in values)
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
