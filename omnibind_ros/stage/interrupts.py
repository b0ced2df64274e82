"""Signals that end the benchmark, at moments at which nothing gets lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import signal
from typing import Any

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Turns ctrl-C, SIGTERM and a closed terminal into KeyboardInterrupt, but not while shielded.

    A process that was just started must be known before anything is raised, and one that is being
    ended must have ended.
    """

    def __init__(self) -> None:
        self._shields = 0
        self._pending: int | None = None

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle these signals until the end; in the main thread."""
        before = {number: signal.signal(number, self._stop) for number in _NUMBERS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """What comes meanwhile is raised at the end."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
            pending = self._pending
            if not self._shields and pending is not None:
                self._pending = None
                raise KeyboardInterrupt(signal.Signals(pending).name)

    def _stop(self, number: int, _: Any) -> None:
        if not self._shields:
            raise KeyboardInterrupt(signal.Signals(number).name)
        self._pending = number
