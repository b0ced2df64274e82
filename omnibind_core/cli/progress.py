"""A progress bar where there is a terminal, and a line now and then where there is none."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_EVERY = 20.0  # s between lines in a log


class Progress:
    """Counts to a total, on the error stream.

    :param total: what it counts to.
    :param unit: what is counted, ``instances``.
    :param stream: where it is shown.
    """

    def __init__(self, total: int, unit: str, stream: TextIO | None = None) -> None:
        self._total = total
        self._unit = unit
        self._stream = stream or sys.stderr
        self._done = 0
        self._started = self._shown = time.monotonic()

    def step(self, count: int = 1) -> None:
        """Count on."""
        self._done += count
        now = time.monotonic()
        terminal = self._stream.isatty()
        if terminal or now - self._shown >= _EVERY or self._done >= self._total:
            self._shown = now
            self._stream.write(('\r\033[K' if terminal else '') + self._line(now))
            if not terminal or self._done >= self._total:
                self._stream.write('\n')
            self._stream.flush()

    def reach(self, count: int) -> None:
        """Count on to a number; one that was passed already changes nothing."""
        if count > self._done:
            self.step(count - self._done)

    def say(self, text: str) -> None:
        """A line of text that the bar does not overwrite."""
        start = '\r\033[K' if self._stream.isatty() else ''
        self._stream.write(f'{start}{text}\n')
        self._stream.flush()

    def _line(self, now: float) -> str:
        elapsed = now - self._started
        share = self._done / max(self._total, 1)
        left = f', {_clock(elapsed / share - elapsed)} left' if 0 < share < 1 else ''
        bar = '#' * round(20 * share) + '-' * (20 - round(20 * share))
        return f'[{bar}] {self._done}/{self._total} {self._unit}, {_clock(elapsed)}{left}'


def _clock(seconds: float) -> str:
    return f'{int(seconds) // 60}:{int(seconds) % 60:02d}'
