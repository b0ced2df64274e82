"""Stamps far from the ROS clock: nearly always a bag that is played without simulated time."""

from __future__ import annotations

_SECOND = 1_000_000_000
FAR_NS = 10 * _SECOND
IN_A_ROW = 3  # of one sensor: a single wrong stamp is no wrong clock


class ClockHint:
    """Notices a clock and stamps that have nothing to do with each other, and says so once.

    :param most: sensors that are told apart; further ones are not judged.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._far: dict[str, int] = {}
        self._said = False
        #: What is wrong, as long as it is; empty: nothing.
        self.current = ''

    def look(self, sensor: str, stamp: int, now: int, *, simulated: bool) -> str | None:
        """A sensor's message came.

        :param stamp: its stamp, nanoseconds; 0 (not set) says nothing about a clock.
        :param now: ROS time, nanoseconds.
        :param simulated: whether that comes from ``/clock``.
        :returns: the hint, when it is to be logged: once, until :meth:`reset`.
        """
        if stamp <= 0:
            return None
        if abs(now - stamp) <= FAR_NS:
            if self._far.pop(sensor, 0) >= IN_A_ROW and not self._far:
                self.current = ''
            return None
        if sensor not in self._far and len(self._far) >= self._most:
            return None
        self._far[sensor] = self._far.get(sensor, 0) + 1
        if self._far[sensor] < IN_A_ROW:
            return None
        self.current = _text(sensor, stamp - now, now, simulated=simulated)
        if self._said:
            return None
        self._said = True
        return self.current

    def reset(self) -> None:
        """The clock was set: everything may be right now."""
        self._far.clear()
        self._said = False
        self.current = ''


def _text(sensor: str, ahead: int, now: int, *, simulated: bool) -> str:
    if simulated and now == 0:
        return (
            f'stamps of {sensor!r} come, but nothing on /clock: is use_sim_time set without a bag '
            'or a simulator that publishes the time?'
        )
    side = 'ahead of' if ahead > 0 else 'behind'
    reason = (
        'use_sim_time is true: is the sensor a live one, or does /clock belong to another bag?'
        if simulated
        else 'is use_sim_time set? It is false here, and must be true when a bag is played'
    )
    return f'stamps of {sensor!r} are {_length(abs(ahead))} {side} the ROS clock: {reason}'


def _length(duration: int) -> str:
    seconds = duration / _SECOND
    if seconds < 600:
        return f'{seconds:.0f} s'
    return f'{seconds / 3600:.1f} h' if seconds < 172800 else f'{seconds / 86400:.0f} days'
