"""A classic synchronizer in the place of the adaptive window: complete sets over a fixed list."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from types import MappingProxyType
from typing import Protocol

from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.sensor import Sensor
from omnibind_core.streaming.sensor import SensorStatus
from omnibind_core.streaming.sensor_health import REGRESSION_NS
from omnibind_core.streaming.vector import Vector
from omnibind_core.streaming.window_books import WindowBooks


class Synchronizer(Protocol):
    """What forms sets: one vector of each sensor, in the order of the list."""

    def put(self, vector: Vector) -> Sequence[tuple[Vector, ...]]:
        """A vector came; returns the sets that are complete now."""

    def waiting(self) -> Mapping[str, int]:
        """How many vectors of each sensor it keeps."""


class SynchronizedWindow(WindowBooks):
    """Used as :class:`~omnibind_core.streaming.adaptive_window.AdaptiveWindow` is.

    It waits without a limit: while one sensor of the list is silent, nothing closes. Vectors that
    the synchronizer pushed out of its queue count as ``overflow``, those of other sensors as
    ``refused_sensor``.

    :param config: of it, the limits on stamps, rate and health hold here too.
    :param space: the embedding space; vectors of any other are refused.
    :param sensors: the list.
    :param length: largest difference of stamps within a set, nanoseconds.
    :param make: makes an empty synchronizer; called again when the clock jumped.
    """

    def __init__(
        self,
        config: WindowConfig,
        space: str,
        *,
        sensors: Sequence[str],
        length: int,
        make: Callable[[], Synchronizer],
    ) -> None:
        super().__init__(config, space)
        self._length = length
        self._make = make
        self._synchronizer = make()
        self._sensors = {name: Sensor(name, '') for name in sorted(sensors)}
        self._now = 0

    @property
    def undecided(self) -> int:
        """Vectors that wait for the rest of their set."""
        return sum(self._synchronizer.waiting().values())

    def sensors(self, now: int | None = None) -> Mapping[str, SensorStatus]:
        """The sensors of the list, by name."""
        at = self._now if now is None else max(now, self._now)
        return MappingProxyType(
            {name: one.status(at, self._limits) for name, one in self._sensors.items()}
        )

    def receive(self, vector: Vector, now: int) -> tuple[ClosedWindow, ...]:
        """A vector reached the fusion node at ROS time ``now``; returns the sets that closed."""
        self.poll(now)
        self._received += 1
        sensor = self._sensors.get(vector.sensor)
        refused = self._refusal(vector, sensor, self._now)
        if sensor is None or refused is not None:
            self._decide(vector.sensor, refused or Outcome.REFUSED_SENSOR)
            return ()
        if sensor.health.repeats(vector.stamp):
            self._decide(vector.sensor, Outcome.DUPLICATE)
            return ()
        sensor.modality = vector.modality
        sensor.observe(vector.stamp, self._now, self._limits)
        before = self._synchronizer.waiting()
        closed = tuple(self._close(members) for members in self._synchronizer.put(vector))
        self._count_dropped(before, vector.sensor, len(closed))
        return closed

    def poll(self, now: int) -> tuple[ClosedWindow, ...]:
        """Time has passed: nothing ever closes for that reason."""
        if now < self._now - REGRESSION_NS:
            self.clock_jumped(now)
        self._now = max(now, self._now)
        return ()

    def next_deadline(self) -> int | None:
        """None: sets close when they are complete, and only then."""
        return None

    def flush(self, now: int) -> tuple[ClosedWindow, ...]:
        """Drop what is incomplete; there is no set to be closed early."""
        self.poll(now)
        self._drop()
        return ()

    def clock_jumped(self, now: int) -> tuple[ClosedWindow, ...]:
        """The clock was set: what waits belongs to the old time."""
        self._drop()
        for sensor in self._sensors.values():
            sensor.forget()
        self._restart_rate()
        self._now = now
        return ()

    def publisher_gone(self, sensor: str) -> None:
        """A sensor's publisher vanished."""
        if sensor in self._sensors:
            self._sensors[sensor].health.publisher_gone()

    def publisher_back(self, sensor: str) -> None:
        """A sensor's publisher is there again."""
        if sensor in self._sensors:
            self._sensors[sensor].health.publisher_back()

    def set_enabled(self, sensor: str, enabled: bool) -> bool:
        """Switch a sensor of the list on or off; without it no set is complete.

        So what waits is dropped, its own vectors among it: it takes part in nothing from now on.
        """
        known = self._sensors.get(sensor)
        if known is None:
            return False
        if known.enabled and not enabled:
            self._drop()
        known.enabled = enabled
        return True

    def _close(self, members: tuple[Vector, ...]) -> ClosedWindow:
        stamps = [vector.stamp for vector in members]
        closed = ClosedWindow(
            index=self._closed,
            start=min(stamps),
            end=min(stamps) + self._length,
            stamp=max(stamps),
            opened=min(vector.arrived or self._now for vector in members),
            closed_at=self._now,
            closed_by='complete',
            fresh=tuple(sorted(members, key=lambda vector: vector.sensor)),
            held=(),
            missing=(),
            publish=self._grid.accepts(max(stamps)),
        )
        return self._enter(closed)

    def _count_dropped(self, before: Mapping[str, int], came: str, sets: int) -> None:
        """What the synchronizer pushed out it does not say: it follows from its queues."""
        after = self._synchronizer.waiting()
        for name in self._sensors:
            dropped = before[name] + (name == came) - sets - after[name]
            self._decide(name, Outcome.OVERFLOW, dropped)

    def _drop(self) -> None:
        for name, count in self._synchronizer.waiting().items():
            self._decide(name, Outcome.FLUSHED, count)
        self._synchronizer = self._make()

    def _find(self, sensor: str) -> Sensor | None:
        return self._sensors.get(sensor)
