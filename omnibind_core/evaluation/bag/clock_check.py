"""Whether a sensor's stamps and the bag's times can belong to the same clock."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

AHEAD_S = 0.01
"""Nothing arrives before it was sensed; so much is forgiven."""
BEHIND_S = 1.0
"""No sensor's way into the bag is so long."""


def clock_problem(name: str, delays: Sequence[float]) -> str:
    """One sentence when the clocks are apart; empty when they are not.

    :param name: of the sensor, or of whatever has the stamps.
    :param delays: bag time minus corrected stamp of its messages, seconds.
    """
    if not delays:
        return ''
    middle = median(delays)
    if -AHEAD_S <= middle <= BEHIND_S:
        return ''
    side = 'behind' if middle > 0 else 'ahead of'
    return (
        f"{name}: stamps are {_length(abs(middle))} {side} the bag's time, so its clock is not "
        f"synchronised with the recorder's; stamps would have to move by {middle:+.3f} s, less "
        'what messages take (a sensor has stamp_offset, or stamp_source: arrival, for that)'
    )


def _length(seconds: float) -> str:
    if seconds < 10:
        return f'{1e3 * seconds:.0f} ms'
    if seconds < 7200:
        return f'{seconds:.0f} s'
    return f'{seconds / 3600:.1f} h' if seconds < 172_800 else f'{seconds / 86_400:.0f} days'
