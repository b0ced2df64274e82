"""Which sensors are plugged in, told from what is heard of them: what a robot has to go by."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable

SECOND = 1_000_000_000
UNPLUGGED_AFTER = 1_600_000_000  # ns; sound is encoded twice a second, all else more often
AT_START = 2_000_000_000  # ns; who speaks within it was there from the begin


class Presence:
    """Follows every sensor's newest vectors.

    :param sensors: names of those that may come.
    :param sporadic: those that are silent without being gone: a fingertip that touches nothing.
    :param begin: ROS time of the begin, nanoseconds.
    """

    def __init__(self, sensors: Iterable[str], sporadic: Collection[str], begin: int) -> None:
        self._newest: dict[str, int | None] = dict.fromkeys(sensors)
        self._heard: dict[str, int] = {}
        self._sporadic = frozenset(sporadic)
        self._begin = begin
        self._gone: dict[str, int] = {}

    @property
    def sensors(self) -> tuple[str, ...]:
        """All that may come and all that came."""
        return tuple(self._newest)

    def heard(self, sensor: str, stamp: int, now: int) -> str:
        """A vector came; what that means: ``came`` (late), ``back``, or nothing new.

        :param stamp: of the vector; one that is not newer than the last is no sign of life.
        :param now: ROS time, nanoseconds. On a busy machine stamps lag behind it.
        """
        before = self._newest.get(sensor)
        if before is not None and stamp <= before:
            return ''
        self._newest[sensor] = stamp
        self._heard[sensor] = max(now, stamp)
        if self._gone.pop(sensor, None) is not None:
            return 'back'
        late = before is None and stamp - self._begin > AT_START
        return 'came' if late and sensor not in self._sporadic else ''

    def lost(self, now: int, known: Collection[str] = ()) -> list[tuple[str, int]]:
        """Those that are found to be gone just now, each with the time of its last vector.

        :param known: those that the fusion node calls lost.
        """
        found = []
        for sensor, newest in self._newest.items():
            if newest is None or sensor in self._gone or sensor in self._sporadic:
                continue
            silent = now - self._heard[sensor]
            if silent > UNPLUGGED_AFTER or (sensor in known and silent > SECOND):
                self._gone[sensor] = newest
                found.append((sensor, newest))
        return found

    def gone_since(self, sensor: str) -> int | None:
        """When an unplugged sensor was last heard of; ``None``: it is not unplugged."""
        return self._gone.get(sensor)

    def was_heard(self, sensor: str) -> bool:
        """Whether it ever spoke."""
        return self._newest.get(sensor) is not None

    def is_sporadic(self, sensor: str) -> bool:
        """Whether its silence means nothing."""
        return sensor in self._sporadic
