"""The books that every kind of window keeps: its limits, and what became of each vector."""

from __future__ import annotations

from abc import ABC
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.sensor import Sensor
from omnibind_core.streaming.stamp_grid import StampGrid
from omnibind_core.streaming.vector import Vector


class WindowBooks(ABC):
    """What the adaptive window and a synchronizer have in common.

    :param config: lengths and limits.
    :param space: the embedding space; vectors of any other are refused.
    """

    def __init__(self, config: WindowConfig, space: str) -> None:
        self._space = space
        self._config = config
        self._limits = config.limits()
        self._grid = StampGrid(config.max_rate)
        self._outcomes = Counter(dict.fromkeys(Outcome, 0))
        self._received = 0
        self._closed = 0
        self._unpublished = 0

    @property
    def config(self) -> WindowConfig:
        """The configuration in force."""
        return self._config

    @property
    def received(self) -> int:
        """Vectors received in all: the outcomes and the undecided ones sum to this."""
        return self._received

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        """How many vectors ended how; every outcome is present."""
        return MappingProxyType(dict(self._outcomes))

    @property
    def unpublished(self) -> int:
        """Windows that ``max_rate`` held back."""
        return self._unpublished

    def set_config(self, config: WindowConfig) -> None:
        """Change the configuration; an open window keeps the length it has."""
        if config.max_rate != self._config.max_rate:
            self._grid = StampGrid(config.max_rate)
        self._config = config
        self._limits = config.limits()

    @abstractmethod
    def _find(self, sensor: str) -> Sensor | None:
        """A sensor that is known."""

    def _restart_rate(self) -> None:
        """Time begins anew: what was let through before says nothing any more."""
        self._grid = StampGrid(self._config.max_rate)

    def _refusal(self, vector: Vector, sensor: Sensor | None, now: int) -> Outcome | None:
        """Why a vector is not taken, if it is not."""
        if sensor is None:
            return Outcome.REFUSED_SENSOR
        if not sensor.enabled:
            return Outcome.DISABLED
        if vector.space != self._space:
            return Outcome.REFUSED_SPACE
        if not 0 < vector.stamp <= now + self._limits.max_ahead:
            return Outcome.REFUSED_STAMP
        return None

    def _decide(self, sensor: str, outcome: Outcome, count: int = 1) -> None:
        """So many vectors of a sensor ended so."""
        if count <= 0:
            return
        self._outcomes[outcome] += count
        known = self._find(sensor)
        if known is not None:
            known.counts[outcome] += count

    def _enter(self, closed: ClosedWindow) -> ClosedWindow:
        """A window has closed."""
        for vector in closed.fresh:
            self._decide(vector.sensor, Outcome.FRESH)
        self._closed += 1
        self._unpublished += not closed.publish
        return closed
