"""How often something happens, over a sliding window. Time is an argument: nanoseconds."""

from __future__ import annotations

from collections import deque
import threading

_SECOND = 1_000_000_000
_MOST = 10_000  # happenings remembered: 2 kHz over five seconds
# Threads read the clock before it is their turn here: steps back by less are theirs, not its.
_STEP_BACK = _SECOND


class RateMeter:
    """Happenings a second within the last ``window``. May be used from several threads.

    Until a window has passed since the start, what happened is divided by the time since then, but
    by a second at least, so that the first message does not look like thousands.

    :param window: nanoseconds.
    :param start: when counting begins, nanoseconds; that of the first call by default.
    """

    def __init__(self, window: int = 5 * _SECOND, *, start: int | None = None) -> None:
        self._window = window
        self._lock = threading.Lock()
        self._times: deque[int] = deque(maxlen=_MOST)
        self._start = start
        self._last: int | None = None

    @property
    def last(self) -> int | None:
        """When it happened last; ``None``: never since the start."""
        return self._last

    def add(self, now: int) -> None:
        """It happened. Time that steps back by a second or more starts afresh."""
        with self._lock:
            now = self._ordered(now)
            if self._start is None:
                self._start = now
            self._times.append(now)
            self._last = now

    def rate(self, now: int) -> float:
        """Happenings a second, Hz, within (now - window, now]."""
        with self._lock:
            now = self._ordered(now)
            if self._start is None:
                self._start = now
            begin = now - self._window
            full = len(self._times) == _MOST
            while self._times and self._times[0] <= begin:
                self._times.popleft()
                full = False
            if full:  # older ones fell out: what is left covers less than the window
                covered = max(now - self._times[0], 1)
            else:
                covered = min(self._window, max(now - self._start, _SECOND))
            return len(self._times) * _SECOND / covered

    def reset(self, now: int) -> None:
        """Forget everything; counting begins now."""
        with self._lock:
            self._restart(now)

    def _ordered(self, now: int) -> int:
        """A time that is not before the last; a clock that was set back starts afresh."""
        if self._last is None or now >= self._last:
            return now
        if now > self._last - _STEP_BACK:
            return self._last
        self._restart(now)
        return now

    def _restart(self, now: int) -> None:
        self._times.clear()
        self._start = now
        self._last = None
