"""Configuration of the adaptive window and of the sensors' health."""

from __future__ import annotations

from dataclasses import dataclass

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

AUTOMATIC_HOLD = -1.0
SECOND = 1_000_000_000


def nanoseconds(seconds: float) -> int:
    """Seconds as whole nanoseconds."""
    return round(seconds * SECOND)


@dataclass(frozen=True)
class WindowConfig:
    """How vectors of several sensors are brought together."""

    window: float = option(
        0.08,
        'Length of event time that belongs together: a window takes the vectors (embeddings) '
        'stamped less than this after the one that opened it.',
        unit='s',
        minimum=0.001,
        maximum=10.0,
        live=True,
    )
    max_wait: float = option(
        0.15,
        'Longest time (ROS clock) that a vector waits for sensors that are due; 0: it never waits. '
        'Longer: more sensors in each recognition; shorter: quicker answers.',
        unit='s',
        minimum=0.0,
        maximum=10.0,
        live=True,
    )
    hold: float = option(
        AUTOMATIC_HOLD,
        'How old the last vector of a sensor may be to take part without a fresh one. -1: '
        'min(1.5 periods + latency, 1 s) for each sensor; 0: it never does.',
        unit='s',
        minimum=-1.0,
        maximum=3600.0,
        live=True,
    )
    sensor_timeout: float = option(
        2.0,
        'A periodic sensor is lost when nothing came for this long, or for 3 of its periods, '
        'whichever is longer.',
        unit='s',
        minimum=0.1,
        maximum=3600.0,
        live=True,
    )
    max_rate: float = option(
        0.0,
        'Publish at most this many recognitions a second; 0: every one.',
        unit='Hz',
        minimum=0.0,
        maximum=1000.0,
        live=True,
    )
    sporadic: tuple[str, ...] = option(
        (),
        'Sensors that speak only when something happens (contact-gated touch): never waited for.',
        live=True,
    )
    max_ahead: float = option(
        1.0,
        'A vector stamped further ahead of the ROS clock than this is refused.',
        unit='s',
        minimum=0.0,
        maximum=3600.0,
        live=True,
    )
    max_sensors: int = option(
        64,
        'Most sensors that are followed; vectors of further names are refused and counted.',
        unit='sensors',
        minimum=1,
        maximum=1024,
        live=True,
    )

    def __post_init__(self) -> None:
        if AUTOMATIC_HOLD < self.hold < 0.0:
            raise ConfigError(
                'window', [Problem('hold', f'{self.hold:g}', '-1 (automatic), 0 (off), or > 0 s')]
            )

    def limits(self) -> Limits:
        """The same in nanoseconds, as the state machines count."""
        return Limits(
            window=nanoseconds(self.window),
            max_wait=nanoseconds(self.max_wait),
            hold=None if self.hold == AUTOMATIC_HOLD else nanoseconds(self.hold),
            sensor_timeout=nanoseconds(self.sensor_timeout),
            max_ahead=nanoseconds(self.max_ahead),
            sporadic=frozenset(self.sporadic),
            max_sensors=self.max_sensors,
        )


@dataclass(frozen=True)
class Limits:
    """A :class:`WindowConfig` in nanoseconds; ``hold`` is ``None`` where it is automatic."""

    window: int
    max_wait: int
    hold: int | None
    sensor_timeout: int
    max_ahead: int
    sporadic: frozenset[str]
    max_sensors: int
