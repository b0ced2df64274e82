"""Counts by reason, from several threads: what was dropped, refused, done."""

from __future__ import annotations

from collections import Counter
import threading

_MOST = 100  # different reasons: some contain what a message says


class ReasonCounts:
    """How often each reason occurred since start. May be used from several threads.

    At most 100 different reasons are told apart; further ones count as ``other``, so that nothing
    that a message contains can make it grow.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, reason: str, number: int = 1) -> None:
        """It occurred."""
        with self._lock:
            if reason not in self._counts and len(self._counts) >= _MOST:
                reason = 'other'
            self._counts[reason] += number

    def __getitem__(self, reason: str) -> int:
        with self._lock:
            return self._counts[reason]

    def snapshot(self) -> dict[str, int]:
        """All counts at one moment, in the order of their reasons."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def texts(self, prefix: str = 'count ') -> dict[str, str]:
        """For people: ``count replaced`` -> ``12``."""
        return {f'{prefix}{reason}': str(number) for reason, number in self.snapshot().items()}
