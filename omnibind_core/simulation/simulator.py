"""What the generation asks of a simulated sensor, and where the simulators are."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import Protocol
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from omnibind_core.simulation.plan import PlannedInstance


class SensorReading(Protocol):
    """What a simulator returns."""

    @property
    def raw(self) -> Any:
        """As the modality's ``preprocess`` takes it."""

    @property
    def metadata(self) -> Mapping[str, float | int | str]:
        """What was drawn for it."""


@dataclass(frozen=True)
class Simulator:
    """One simulated sensor with its settings.

    :param simulate: ``(planned, thing, view, random) -> reading``; the plan is for texts alone, a
        sensor does not know what it looks at.
    :param nothing: ``(random) -> reading`` with nothing to sense; ``None`` for text.
    """

    simulate: Callable[[PlannedInstance, Any, Any, np.random.Generator], SensorReading]
    nothing: Callable[[np.random.Generator], SensorReading] | None


class Stage(Protocol):
    """Things, places to sense them from, and sensors; made anew in each process."""

    @property
    def simulators(self) -> Mapping[str, Simulator]:
        """By modality."""

    def thing(self, planned: PlannedInstance) -> Any:
        """The thing itself, ready to be sensed.

        :raises OmniBindError: it cannot be had: one sentence.
        """

    def view(self, random: np.random.Generator) -> Any:
        """A place to sense it from."""

    def describe(self, planned: PlannedInstance, thing: Any) -> Mapping[str, Any]:
        """What is worth knowing of the thing, for JSON: creator, licence, materials, warnings."""
