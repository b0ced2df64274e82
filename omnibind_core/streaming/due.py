"""Which sensors a window waits for: those whose next vector belongs to it and is on its way."""

from __future__ import annotations

from omnibind_core.streaming.config import Limits
from omnibind_core.streaming.open_window import Awaited
from omnibind_core.streaming.open_window import OpenWindow
from omnibind_core.streaming.sensor_health import SensorState
from omnibind_core.streaming.sensor_table import SensorTable


def due_sensors(
    sensors: SensorTable,
    window: OpenWindow,
    horizon: int | None,
    *,
    now: int,
    since: int,
    limits: Limits,
) -> dict[str, Awaited]:
    """The periodic sensors that can still add to a window, with what is expected of each.

    :param horizon: newest stamp of the window before.
    :param now: the time at which the sensors' states are judged.
    :param since: only sensors that are not given up before this time count.
    """
    # A vector at or before either bound could not join, so it is not waited for.
    after = window.oldest - 1 if horizon is None else max(window.oldest - 1, horizon)
    end = min(window.end, _reach(sensors, window, limits) + 1)
    latest = window.patience_from + limits.max_wait
    due = {}
    for sensor in sensors:
        if sensor.name in window.vectors:
            continue
        predicted = sensor.health.predict(after=after, before=end, arriving=window.opened)
        if predicted is None or predicted.arrival > latest:
            continue
        until = min(predicted.overdue, latest)
        if until >= since and sensor.state(now, limits) is SensorState.PERIODIC:
            due[sensor.name] = Awaited(predicted.stamp, until)
    return due


def _reach(sensors: SensorTable, window: OpenWindow, limits: Limits) -> int:
    """The newest stamp worth waiting for: half a period after a vector that is there.

    What comes later is nearer to the next vector of that sensor, in whose window it is met. So a
    fast camera does not lose pictures to the wait for a slow sensor.
    """
    reach = window.oldest
    for name, vector in window.vectors.items():
        rhythm = sensors[name].rhythm(limits)
        if rhythm is None:
            return window.end
        reach = max(reach, vector.stamp + rhythm.period // 2)
    return reach
