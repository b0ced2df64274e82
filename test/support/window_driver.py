"""Driving an adaptive window in milliseconds, as the tests think of it."""

from __future__ import annotations

from typing import Any

from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.adaptive_window import ClosedWindow
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.vector import Vector

MS = 1_000_000
SPACE = 'space'


def vector(
    sensor: str, stamp: float, *, informative: bool = True, space: str = SPACE, seq: int = 0
) -> Vector:
    """A vector stamped in milliseconds."""
    return Vector(
        sensor=sensor,
        modality=sensor,
        stamp=round(stamp * MS),
        span=0,
        received=round(stamp * MS),
        seq=seq,
        informative=informative,
        space=space,
        payload=None,
        encode_ms=0.0,
    )


class Driver:
    """A window, driven as a node does; all closed windows are kept."""

    def __init__(self, **config: Any) -> None:
        self.window = AdaptiveWindow(WindowConfig(**config), SPACE)
        self.closed: list[ClosedWindow] = []

    def run_to(self, time: float) -> None:
        """Poll at every deadline before a time."""
        while (deadline := self.window.next_deadline()) is not None and deadline < time * MS:
            self.closed += self.window.poll(deadline)

    def send(
        self, sensor: str, stamp: float, at: float, *, informative: bool = True, space: str = SPACE
    ) -> tuple[ClosedWindow, ...]:
        """A vector arrives; returns what it closed."""
        self.run_to(at)
        sent = vector(sensor, stamp, informative=informative, space=space)
        closed = self.window.receive(sent, round(at * MS))
        self.closed += closed
        return closed

    def poll(self, at: float) -> tuple[ClosedWindow, ...]:
        closed = self.window.poll(round(at * MS))
        self.closed += closed
        return closed

    def regular(self, **sensors: tuple[float, float, float]) -> float:
        """Sensors send until a time: name = (period, latency, until); returns the last arrival."""
        arrivals = [
            (index * period + latency, name, index * period)
            for name, (period, latency, until) in sensors.items()
            for index in range(1, int(until / period) + 1)
        ]
        for at, name, stamp in sorted(arrivals):
            self.send(name, stamp, at)
        return max(arrivals)[0]

    def state(self, sensor: str, at: float | None = None) -> str:
        now = None if at is None else round(at * MS)
        return self.window.sensors(now)[sensor].state.value

    def count(self, outcome: Outcome) -> int:
        return self.window.outcomes[outcome]

    @property
    def deadline(self) -> float | None:
        deadline = self.window.next_deadline()
        return None if deadline is None else deadline / MS


def stamps(window: ClosedWindow) -> dict[str, float]:
    """The fresh vectors' stamps, milliseconds."""
    return {one.sensor: one.stamp / MS for one in window.fresh}


def held(window: ClosedWindow) -> dict[str, float]:
    """The held vectors' stamps, milliseconds."""
    return {one.sensor: one.stamp / MS for one in window.held}
