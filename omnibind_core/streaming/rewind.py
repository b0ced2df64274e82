"""Noticing that everything started over: a bag that loops while the clock goes on."""

from __future__ import annotations

from collections.abc import Iterable

from omnibind_core.streaming.config import Limits
from omnibind_core.streaming.sensor import Sensor
from omnibind_core.streaming.sensor_health import REGRESSION_NS
from omnibind_core.streaming.sensor_health import SensorState


def all_rewound(
    sensors: Iterable[Sensor], sender: Sensor, stamp: int, horizon: int, now: int, limits: Limits
) -> bool:
    """Whether every live sensor has fallen more than a second behind the horizon.

    One sensor alone is merely slow, or its clock is wrong. Live is what was heard from within
    ``sensor_timeout``; a sporadic sensor could keep the others waiting for its word, and has a say
    only where there is no other.

    :param sender: the sensor whose vector has just arrived with this ``stamp``.
    :param horizon: newest stamp of the last window.
    """
    behind = horizon - REGRESSION_NS
    if stamp >= behind:
        return False
    others = [
        sensor
        for sensor in sensors
        if sensor is not sender
        and sensor.health.heard is not None
        and now - sensor.health.heard <= limits.sensor_timeout
    ]
    steady = [one for one in others if one.state(now, limits) is not SensorState.SPORADIC]
    if not steady and sender.state(now, limits) is SensorState.SPORADIC:
        steady = others
    stamps = [one.health.last_stamp for one in steady]
    return all(last is not None and last < behind for last in stamps)
