"""Stamps of messages as integers, the form in which the state machines take time."""

from __future__ import annotations

from omnibind_core.errors import InputError
from omnibind_ros.conversions.messages import Stamp

NANOSECONDS = 1_000_000_000  # in a second


def stamp_to_ns(stamp: Stamp) -> int:
    """Nanoseconds since the epoch of a ``builtin_interfaces/Time``.

    :raises InputError: if the nanoseconds are a second or more (the definition forbids it).
    """
    if not 0 <= stamp.nanosec < NANOSECONDS:
        raise InputError('stamp.nanosec', stamp.nanosec, f'0 to {NANOSECONDS - 1}')
    return stamp.sec * NANOSECONDS + stamp.nanosec


def ns_to_stamp(time_ns: int) -> tuple[int, int]:
    """Seconds and nanoseconds for the two fields of a ``builtin_interfaces/Time``.

    :raises InputError: if the seconds do not fit 32 bits.
    """
    seconds, nanoseconds = divmod(time_ns, NANOSECONDS)
    if not -(2**31) <= seconds < 2**31:
        raise InputError('time_ns', time_ns, 'within 68 years of the epoch')
    return seconds, nanoseconds
