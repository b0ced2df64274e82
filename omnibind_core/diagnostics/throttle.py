"""Says something again only after a while, for each subject by itself."""

from __future__ import annotations

_SECOND = 1_000_000_000
_MOST = 256


class Throttle:
    """Lets each subject through once a period. Time is an argument, nanoseconds, steady.

    ROS's own throttle is one for each line of code: a warning about one sensor would silence that
    about another. No more subjects are remembered than 256: of further ones nothing is said, until
    others have been silent for a period.

    :param period: nanoseconds.
    """

    def __init__(self, period: int = 5 * _SECOND) -> None:
        self._period = period
        self._last: dict[str, int] = {}

    def allows(self, subject: str, now: int) -> bool:
        """Whether to say it now."""
        if now - self._last.get(subject, now - self._period) < self._period:
            return False
        if subject not in self._last and len(self._last) >= _MOST:
            self._last = {
                name: last for name, last in self._last.items() if now - last < self._period
            }
            if len(self._last) >= _MOST:
                return False
        self._last[subject] = now
        return True
