"""The adaptive window: brings together what belongs together, and waits only for what is due.

A window closes as soon as no sensor is due any more that could still add to it, and no vector ever
waits longer than ``max_wait``. Sensors come and go without being listed anywhere; one that stops is
waited for once. The rules, with a worked example, are in ``docs/window.md``.

Time is an argument: integers, nanoseconds of the ROS clock. At equal times a vector counts as
arriving before the window closes.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from types import MappingProxyType

from omnibind_core.streaming.closed_window import ClosedBy
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.collector import Collector
from omnibind_core.streaming.collector import Decided
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.due import due_sensors
from omnibind_core.streaming.open_window import Awaited
from omnibind_core.streaming.open_window import OpenWindow
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.rewind import all_rewound
from omnibind_core.streaming.sensor import Sensor
from omnibind_core.streaming.sensor import SensorStatus
from omnibind_core.streaming.sensor_health import REGRESSION_NS
from omnibind_core.streaming.sensor_table import SensorTable
from omnibind_core.streaming.vector import Vector
from omnibind_core.streaming.window_books import WindowBooks

__all__ = ['AdaptiveWindow', 'ClosedWindow']


class AdaptiveWindow(WindowBooks):
    """Vectors in, closed windows out. Not thread-safe: one caller at a time.

    Call :meth:`receive` with each vector, and :meth:`poll` when :meth:`next_deadline` is reached;
    ask for the deadline again after every call of any method.

    :param config: lengths and limits.
    :param space: the embedding space; vectors of any other are refused.
    """

    def __init__(self, config: WindowConfig, space: str) -> None:
        super().__init__(config, space)
        self._sensors = SensorTable()
        self._collector = Collector()
        self._now: int | None = None

    @property
    def undecided(self) -> int:
        """Vectors in the open window, or waiting for the next."""
        return self._collector.undecided

    def sensors(self, now: int | None = None) -> Mapping[str, SensorStatus]:
        """All sensors seen since start, by name.

        :param now: the time to judge them at, nanoseconds; that of the last call by default.
        """
        at = self._time if now is None else max(now, self._time)
        return MappingProxyType({one.name: one.status(at, self._limits) for one in self._sensors})

    def receive(self, vector: Vector, now: int) -> tuple[ClosedWindow, ...]:
        """A vector reached the fusion node; returns the windows that closed.

        :param now: ROS time, nanoseconds. Stepping back by more than a second is a jump.
        """
        closed = self._at(now)
        # A window whose deadline went by unpolled must not take what came after it.
        closed += self._advance(since=self._time)
        self._received += 1
        sensor = self._sensors.enter(vector.sensor, vector.modality, self._limits.max_sensors)
        refused = self._refusal(vector, sensor, self._time)
        if sensor is None or refused is not None:
            self._decide(vector.sensor, refused or Outcome.REFUSED_SENSOR)
            return tuple(closed)
        if self._rewound(vector, sensor):
            closed += self.clock_jumped(self._time)
        self._take(vector, sensor)
        closed += self._advance(since=self._time)
        return tuple(closed)

    def poll(self, now: int) -> tuple[ClosedWindow, ...]:
        """Time has passed; returns the windows that closed. See :meth:`receive`."""
        closed = self._at(now)
        closed += self._advance(since=self._time + 1)
        return tuple(closed)

    def next_deadline(self) -> int | None:
        """When :meth:`poll` must be called, nanoseconds; ``None``: not before the next vector.

        Never later than ``opened`` + ``max_wait`` of the open window. A time that has passed
        means at once.
        """
        window = self._collector.window
        if window is None:
            return self._collector.first_arrival
        due = self._due(window, since=self._time)
        return max((awaited.until for awaited in due.values()), default=window.opened)

    def flush(self, now: int) -> tuple[ClosedWindow, ...]:
        """Close everything, waiting for nothing: at the end of a bag, or on deactivation."""
        closed = [*self.poll(now)]
        while self._open_window() is not None:
            closed.append(self._close(flush=True))
        return tuple(closed)

    def clock_jumped(self, now: int) -> tuple[ClosedWindow, ...]:
        """The clock was set: closes the open window, and forgets all times but no sensor.

        Vectors that waited for the next window are dropped, since their time is over.
        """
        closed = () if self._collector.window is None else (self._close(flush=True),)
        self._settle(self._collector.reset())
        for sensor in self._sensors:
            sensor.forget()
        self._restart_rate()
        self._now = now
        return closed

    def publisher_gone(self, sensor: str) -> None:
        """A sensor's publisher vanished: it is lost at once and no longer waited for."""
        known = self._sensors.find(sensor)
        if known is not None:
            known.health.publisher_gone()
            if self._collector.window is not None:
                self._collector.window.expected.pop(sensor, None)

    def publisher_back(self, sensor: str) -> None:
        """A sensor's publisher is there again."""
        known = self._sensors.find(sensor)
        if known is not None:
            known.health.publisher_back()

    def set_enabled(self, sensor: str, enabled: bool) -> bool:
        """Switch a sensor on or off, also one not seen yet.

        A disabled sensor takes part in nothing from now on, not even in the open window. One that
        never sent anything is forgotten when it is enabled again: nothing of it is missing.

        :returns: false when the sensor is new and one too many.
        """
        known = self._sensors.find(sensor)
        if enabled and (known is None or not known.ever_sent):
            self._sensors.remove(sensor)
            return True
        known = self._sensors.enter(sensor, '', self._limits.max_sensors)
        if known is None:
            return False
        if known.enabled != enabled:
            known.enabled = enabled
            known.forget()
            if not enabled:
                self._settle(self._collector.withdraw(sensor))
        return True

    @property
    def _time(self) -> int:
        return self._now or 0

    def _at(self, now: int) -> list[ClosedWindow]:
        """Let time pass. Small steps back are callers out of step: time stands still."""
        if self._now is not None and now < self._now - REGRESSION_NS:
            return [*self.clock_jumped(now)]
        self._now = now if self._now is None else max(now, self._now)
        return []

    def _rewound(self, vector: Vector, sensor: Sensor) -> bool:
        horizon = self._collector.horizon
        return horizon is not None and all_rewound(
            self._sensors, sensor, vector.stamp, horizon, self._time, self._limits
        )

    def _take(self, vector: Vector, sensor: Sensor) -> None:
        """Learn from an accepted vector, and put it where its stamp belongs."""
        if sensor.health.repeats(vector.stamp):
            self._decide(vector.sensor, Outcome.DUPLICATE)
            return
        newest = sensor.observe(vector.stamp, self._time, self._limits)
        window = self._collector.window
        if newest and window is not None:
            window.expected.pop(vector.sensor, None)
        decided = self._collector.put(vector, self._time, self._limits.window)
        if decided is not None:
            self._settle([decided])
            if decided.outcome is Outcome.LATE:
                sensor.refresh(vector)

    def _due(self, window: OpenWindow, *, since: int) -> dict[str, Awaited]:
        return due_sensors(
            self._sensors,
            window,
            self._collector.horizon,
            now=self._time,
            since=since,
            limits=self._limits,
        )

    def _open_window(self) -> OpenWindow | None:
        """The open window; a new one of the vectors that wait where there is none."""
        self._settle(self._collector.open_next(self._limits.window))
        return self._collector.window

    def _advance(self, *, since: int) -> list[ClosedWindow]:
        """Close windows while nothing is due that is not given up before ``since``."""
        closed = []
        while (window := self._open_window()) is not None:
            due = self._due(window, since=since)
            if due:
                window.expected.update(due)
                break
            closed.append(self._close())
        return closed

    def _close(self, *, flush: bool = False) -> ClosedWindow:
        window = self._collector.close()
        missed = window.missed
        for name, awaited in missed.items():
            if awaited.until <= self._time:
                self._sensors[name].health.miss(awaited.stamp)
        closed_by: ClosedBy = 'timeout' if missed else 'complete'
        fresh = tuple(window.vectors[name] for name in sorted(window.vectors))
        held, missing = self._sensors.absent(window.vectors, window.stamp, self._limits)
        closed = ClosedWindow(
            index=self._closed,
            start=window.start,
            end=window.end,
            stamp=window.stamp,
            opened=window.opened,
            closed_at=self._time,
            closed_by='flush' if flush else closed_by,
            fresh=fresh,
            held=held,
            missing=missing,
            publish=self._grid.accepts(window.stamp),
        )
        for vector in fresh:
            self._sensors[vector.sensor].refresh(vector)
        return self._enter(closed)

    def _settle(self, decided: Iterable[Decided]) -> None:
        for vector, outcome in decided:
            self._decide(vector.sensor, outcome)

    def _find(self, sensor: str) -> Sensor | None:
        return self._sensors.find(sensor)
