"""Things and sensors without meshes, for the generation's own tests; importable in any process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
import os
from pathlib import Path
from typing import Any

import numpy as np
from tiny_readings import reading

from omnibind_core.modalities.registry import NAMES
from omnibind_core.simulation.errors import MeshError
from omnibind_core.simulation.plan import PlannedInstance
from omnibind_core.simulation.simulator import Simulator


@dataclass(frozen=True)
class FakeView:
    """Where from."""

    azimuth: float


@dataclass(frozen=True)
class FakeReading:
    """As simulators return."""

    raw: Any
    metadata: Mapping[str, float | int | str] = field(default_factory=dict)


class FakeStage:
    """Readings are random; what is named so goes wrong."""

    def __init__(self) -> None:
        self.simulators = {name: self._simulator(name) for name in NAMES}

    def _simulator(self, name: str) -> Simulator:
        def simulate(
            planned: PlannedInstance, thing: Any, view: Any, random: np.random.Generator
        ) -> FakeReading:
            if thing == 'buggy':
                raise IndexError('list index out of range')
            if thing == 'full':
                raise OSError(28, 'No space left on device', 'shards/full.tar')
            if thing == 'deadly':
                os._exit(3)
            return FakeReading(reading(name, random), {'drawn': np.float32(view.azimuth)})

        def nothing(random: np.random.Generator) -> FakeReading:
            return FakeReading(reading(name, random))

        return Simulator(simulate, None if name == 'text' else nothing)

    def thing(self, planned: PlannedInstance) -> Any:
        with Path(os.environ['FAKE_STAGE_LOG']).open('a') as log:
            log.write(f'{planned.instance}\n')
        if planned.model == 'unreadable':
            raise MeshError(planned.model, 'a face without corners')
        return planned.model

    def view(self, random: np.random.Generator) -> FakeView:
        return FakeView(float(random.uniform(0.0, 360.0)))

    def describe(self, planned: PlannedInstance, thing: Any) -> Mapping[str, Any]:
        return {'licence': 'CC0-1.0', 'mass': float('nan')}
