"""Stamps far from the ROS clock: nearly always a bag that is played without simulated time."""

from __future__ import annotations

from typing import NamedTuple

_SECOND = 1_000_000_000
FAR_NS = 10 * _SECOND
IN_A_ROW = 3  # of one sensor: a single wrong stamp is no wrong clock
LASTING_NS = 30 * _SECOND  # of silence after which a sensor's stamps are wrong no more


class _Far(NamedTuple):
    """A sensor whose last stamps were far from the clock.

    :param number: how many of them in a row.
    :param at: when the last one came, steady nanoseconds.
    :param hint: what to say of it; empty: too few to say anything.
    """

    number: int
    at: int
    hint: str


class ClockHint:
    """Notices a clock and stamps that have nothing to do with each other, and says so once.

    :param most: sensors that are told apart; further ones are not judged.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._far: dict[str, _Far] = {}
        self._said = False

    def look(self, sensor: str, stamp: int, now: int, *, at: int, simulated: bool) -> str | None:
        """A sensor's message came.

        :param stamp: its stamp, nanoseconds; 0 (not set) says nothing about a clock.
        :param now: ROS time, nanoseconds.
        :param at: steady time, nanoseconds.
        :param simulated: whether the ROS time comes from ``/clock``.
        :returns: the hint, when it is to be logged: once, until :meth:`reset`.
        """
        if stamp <= 0:
            return None
        if abs(now - stamp) <= FAR_NS:
            self._far.pop(sensor, None)
            return None
        if sensor not in self._far and len(self._far) >= self._most:
            self._forget(at)
            if len(self._far) >= self._most:
                return None
        number = self._far[sensor].number + 1 if sensor in self._far else 1
        hint = '' if number < IN_A_ROW else _text(sensor, stamp - now, now, simulated=simulated)
        self._far[sensor] = _Far(number, at, hint)
        if self._said or not hint:
            return None
        self._said = True
        return hint

    def current(self, at: int) -> str:
        """What is wrong at a steady time, as of the sensor that said so last; empty: nothing.

        A sensor that has been silent for long is wrong no more: it may have been unplugged.
        """
        self._forget(at)
        latest = max(self._far.values(), key=lambda one: (bool(one.hint), one.at), default=None)
        return '' if latest is None else latest.hint

    def reset(self) -> None:
        """The clock was set: everything may be right now."""
        self._far.clear()
        self._said = False

    def _forget(self, at: int) -> None:
        self._far = {name: one for name, one in self._far.items() if at - one.at <= LASTING_NS}


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
