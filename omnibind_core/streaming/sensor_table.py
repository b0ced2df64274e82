"""All sensors seen since start: bounded in number, whatever names arrive."""

from __future__ import annotations

from collections.abc import Container
from collections.abc import Iterator

from omnibind_core.streaming.config import Limits
from omnibind_core.streaming.sensor import Sensor
from omnibind_core.streaming.vector import Vector


class SensorTable:
    """The sensors, in the order of their names: windows list them alike whoever came first."""

    def __init__(self) -> None:
        self._sensors: dict[str, Sensor] = {}

    def __iter__(self) -> Iterator[Sensor]:
        return iter(self._sensors.values())

    def __getitem__(self, name: str) -> Sensor:
        return self._sensors[name]

    def find(self, name: str) -> Sensor | None:
        """The sensor of this name, if it is known."""
        return self._sensors.get(name)

    def enter(self, name: str, modality: str, limit: int) -> Sensor | None:
        """The sensor of this name, entered if it is new; ``None`` when it is new and one too many.

        :param modality: replaces what was known; ``''`` leaves it.
        """
        sensor = self._sensors.get(name)
        if sensor is None:
            if len(self._sensors) >= limit:
                return None
            sensor = Sensor(name, modality)
            self._sensors = dict(sorted([*self._sensors.items(), (name, sensor)]))
        elif modality:
            sensor.modality = modality
        return sensor

    def remove(self, name: str) -> None:
        """Forget a sensor, if it is known."""
        self._sensors.pop(name, None)

    def absent(
        self, fresh: Container[str], stamp: int, limits: Limits
    ) -> tuple[tuple[Vector, ...], tuple[str, ...]]:
        """The held vectors, and the names of the sensors that have none, of all not fresh.

        :param fresh: the sensors that take part in the recognition with a fresh vector.
        :param stamp: that of the recognition, nanoseconds.
        """
        held: list[Vector] = []
        missing: list[str] = []
        for sensor in self:
            if sensor.name in fresh or not sensor.enabled:
                continue
            vector = sensor.held_at(stamp, limits)
            if vector is None:
                missing.append(sensor.name)
            else:
                held.append(vector)
        return tuple(held), tuple(missing)
