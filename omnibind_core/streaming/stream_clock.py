"""Ties the clock inside a stream (samples counted, a sensor's own time) to the stamps it carries.

The stream's own clock is even, but drifts and starts anywhere; stamps are right on average, but
jitter with the transport. So the stream's clock sets the spacing and the stamps set the offset,
which follows them slowly. Since the steps are bounded and equal in both directions, the offset
settles at the *median* of the stamps, and single late messages hardly move it.
"""

from __future__ import annotations

# Quartz clocks differ by 100 ppm at worst; ten times that also forgets a bad first stamp.
_FASTEST_DRIFT = 1000  # ns of own time for one ns of correction


class StreamClock:
    """Offset between a stream's own time and ROS time. All times in nanoseconds.

    :param own: own time of the first message.
    :param stamp: its stamp.
    """

    def __init__(self, own: int, stamp: int) -> None:
        self._offset = stamp - own
        self._followed = own

    def error(self, own: int, stamp: int) -> int:
        """How much later a stamp is than expected from the stream's own time."""
        return stamp - self.to_ros(own)

    def follow(self, own: int, stamp: int) -> None:
        """Take one more message's stamp into account."""
        most = max(own - self._followed, 0) // _FASTEST_DRIFT
        self._offset += max(-most, min(most, self.error(own, stamp)))
        self._followed = max(own, self._followed)

    def to_ros(self, own: int) -> int:
        """ROS time of a moment of the stream's own time."""
        return own + self._offset

    def to_own(self, stamp: int) -> int:
        """Own time of a moment of ROS time."""
        return stamp - self._offset
