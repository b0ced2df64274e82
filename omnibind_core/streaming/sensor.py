"""What the window keeps of one sensor: its health, its last vector, and what became of the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from types import MappingProxyType

from omnibind_core.streaming.config import Limits
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.rhythm import Rhythm
from omnibind_core.streaming.sensor_health import SensorHealth
from omnibind_core.streaming.sensor_health import SensorState
from omnibind_core.streaming.vector import Vector

# How long a vector is held whose sensor cannot be predicted, and the longest for all others.
LONGEST_HOLD_NS = 1_000_000_000


@dataclass(frozen=True)
class SensorStatus:
    """How a sensor fares, for diagnostics. Times are nanoseconds.

    :param period: P, median time between its stamps; ``None`` while it warms up, as the next two.
    :param jitter: J, spread of that time.
    :param latency: L95, 95th percentile of arrival at the fusion node minus stamp.
    :param last_stamp: stamp of the vector that arrived last.
    :param heard: when that arrived.
    :param counts: what became of its vectors; outcomes that never happened are left out.
    """

    sensor: str
    modality: str
    state: SensorState
    period: int | None
    jitter: int | None
    latency: int | None
    last_stamp: int | None
    heard: int | None
    counts: Mapping[Outcome, int]


@dataclass
class Sensor:
    """One sensor. ``held`` is its newest vector whose window has closed."""

    name: str
    modality: str
    health: SensorHealth = field(default_factory=SensorHealth)
    held: Vector | None = None
    enabled: bool = True
    counts: Counter[Outcome] = field(default_factory=Counter)

    @property
    def ever_sent(self) -> bool:
        """Whether any vector of it has come since start."""
        return bool(self.counts) or self.health.heard is not None

    def state(self, now: int, limits: Limits) -> SensorState:
        """Its state at a time, nanoseconds."""
        if not self.enabled:
            return SensorState.DISABLED
        return self.health.state(
            now, sporadic=self.name in limits.sporadic, timeout=limits.sensor_timeout
        )

    def observe(self, stamp: int, now: int, limits: Limits) -> bool:
        """A vector arrived; true when it is the newest so far."""
        return self.health.observe(
            stamp, now, sporadic=self.name in limits.sporadic, timeout=limits.sensor_timeout
        )

    def forget(self) -> None:
        """Drop all that has to do with time."""
        self.health.forget()
        self.held = None

    def refresh(self, vector: Vector) -> None:
        """Hold this vector if it is newer than the held one."""
        if self.held is None or vector.stamp > self.held.stamp:
            self.held = vector

    def held_at(self, stamp: int, limits: Limits) -> Vector | None:
        """Its last vector, if that is young enough for a recognition of this stamp."""
        if self.held is None or limits.hold == 0:
            return None
        longest = self._automatic_hold(limits) if limits.hold is None else limits.hold
        return self.held if stamp - self.held.stamp <= longest else None

    def status(self, now: int, limits: Limits) -> SensorStatus:
        """How it fares at a time, nanoseconds."""
        rhythm = self.health.rhythm
        return SensorStatus(
            sensor=self.name,
            modality=self.modality,
            state=self.state(now, limits),
            period=rhythm.period if rhythm else None,
            jitter=rhythm.jitter if rhythm else None,
            latency=rhythm.latency if rhythm else None,
            last_stamp=self.health.last_stamp,
            heard=self.health.heard,
            counts=MappingProxyType(dict(self.counts)),
        )

    def rhythm(self, limits: Limits) -> Rhythm | None:
        """Its rhythm, if it can be predicted by it."""
        rhythm = self.health.rhythm
        if self.name in limits.sporadic or rhythm is None or rhythm.irregular:
            return None
        return rhythm

    def _automatic_hold(self, limits: Limits) -> int:
        rhythm = self.rhythm(limits)
        if rhythm is None:
            return LONGEST_HOLD_NS
        return min(3 * rhythm.period // 2 + max(rhythm.latency, 0), LONGEST_HOLD_NS)
