"""What a sensor is pointed at, from where, and what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
import math
from typing import Any

import numpy as np

from omnibind_core.errors import InputError
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.physical_material import PhysicalMaterial
from omnibind_core.simulation.ray_caster import RayCaster


@dataclass(frozen=True, kw_only=True, eq=False)
class Thing:
    """One object: its shape, and what it is made of. It carries no class label.

    :param mesh: its surface, in metres.
    :param materials: physical material of each of the mesh's materials.
    :raises InputError: when their numbers differ.
    """

    mesh: Mesh
    materials: tuple[PhysicalMaterial, ...]

    def __post_init__(self) -> None:
        if len(self.materials) != len(self.mesh.materials):
            wanted = f'{len(self.mesh.materials)}, one for each of the mesh'
            raise InputError('materials', f'{len(self.materials)}', wanted)

    @cached_property
    def caster(self) -> RayCaster:
        """Rays against the mesh; built when first asked for."""
        return RayCaster(self.mesh)


@dataclass(frozen=True, kw_only=True)
class View:
    """Where the robot stands.

    :param azimuth: around the object, radians, 0 to 2 pi.
    :param elevation: above the horizon, radians.
    """

    azimuth: float
    elevation: float

    @classmethod
    def drawn(cls, random: np.random.Generator) -> View:
        """A view from any side, from 5 to 40 degrees above the horizon; the class plays no part."""
        azimuth = float(random.uniform(0.0, 2.0 * math.pi))
        return cls(azimuth=azimuth, elevation=math.radians(float(random.uniform(5.0, 40.0))))


@dataclass(frozen=True)
class Reading:
    """What a sensor read.

    :param raw: exactly what the modality's preprocessing takes.
    :param metadata: how it came about: plain numbers and texts.
    """

    raw: Any
    metadata: Mapping[str, float | int | str] = field(default_factory=dict)
