"""The rays of a scanning range sensor, and where it stands to have a wanted number of them hit.

Rays leave the sensor at equal steps of azimuth and elevation, as those of spinning and of scanning
solid-state lidars do. Notation: ``r`` rays.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.camera import orbit
from omnibind_core.simulation.ray_caster import RayCaster
from omnibind_core.simulation.shading import cast_solid

_MOST_RAYS = 1_000_000
_SURVEY = 40  # rays a side of the coarse scan that measures how much there is to hit
_COUNTED = 1000  # hits of the finer or coarser scan that tells how many there will be


@dataclass(frozen=True, kw_only=True)
class RangeScan:
    """A sensor that looks at a thing from a direction.

    :param caster: the thing.
    :param azimuth: where the sensor is, as :func:`~omnibind_core.simulation.camera.orbit`, radians.
    :param elevation: above the horizon of the thing's middle, radians.
    :param steps: angle between rays in azimuth and in elevation, radians.
    """

    caster: RayCaster
    azimuth: float
    elevation: float
    steps: tuple[float, float]

    def position(self, distance: float) -> NDArray[np.float64]:
        """The sensor in the thing's frame at a distance from its middle, metres, ``[3]``."""
        x, y, z = self._middle.tolist()
        place = orbit(
            target=(x, y, z),
            distance=distance,
            azimuth=math.degrees(self.azimuth),
            elevation=math.degrees(self.elevation),
        )
        return np.asarray(place, np.float64)

    def rays(
        self, distance: float, phase: tuple[float, float] = (0.0, 0.0), *, spacing: float = 1.0
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Those rays that may meet the thing.

        More than a million are thinned out.

        :param distance: from the thing's middle, metres.
        :param phase: how far all rays are moved, in steps, 0..1.
        :param spacing: factor of both steps.
        :returns: origins and unit directions, float32 ``[r, 3]`` each.
        """
        sensor = self.position(distance)
        offset = self.caster.mesh.vertices.astype(np.float64) - sensor
        ahead = self._middle - sensor
        middle = math.atan2(ahead[1], ahead[0])
        turn = np.arctan2(offset[:, 1], offset[:, 0]) - middle
        turn = (turn + np.pi) % (2.0 * np.pi) - np.pi
        height = np.arctan2(offset[:, 2], np.hypot(offset[:, 0], offset[:, 1]))
        across = _grid(turn, self.steps[0] * spacing, phase[0])
        upward = _grid(height, self.steps[1] * spacing, phase[1])
        thinned = math.ceil(math.sqrt(max(len(across) * len(upward) / _MOST_RAYS, 1.0)))
        across, upward = across[::thinned] + middle, upward[::thinned, None]
        directions = np.empty((len(upward), len(across), 3), np.float32)
        directions[..., 0] = np.cos(upward) * np.cos(across)
        directions[..., 1] = np.cos(upward) * np.sin(across)
        directions[..., 2] = np.sin(upward)
        unit = directions.reshape(-1, 3)
        return np.broadcast_to(sensor.astype(np.float32), unit.shape), unit

    def distance_for(self, wanted: float, *, least: float, most: float) -> float:
        """Where about so many rays hit the thing, metres from its middle.

        Never within the thing: at least 1.3 times half its diagonal.

        :param wanted: number of rays.
        :param least: nearest, metres.
        :param most: farthest, metres; the thing's size goes before.
        """
        radius = float(np.linalg.norm(self.caster.mesh.size)) / 2.0
        nearest = max(least, 1.3 * radius)
        solid = self.steps[0] * self.steps[1] * max(math.cos(self.elevation), 0.05)
        distance = math.sqrt(self._area(radius) / (wanted * solid))
        distance = max(min(distance, most), nearest)
        # from nearby a thing looks larger than its outline from afar tells: once more, on the spot
        spacing = math.sqrt(wanted / _COUNTED)
        found = self._count(*self.rays(distance, (0.5, 0.5), spacing=spacing))
        distance *= math.sqrt(max(found, 1) / _COUNTED) if found >= 20 else 1.0
        return max(min(distance, most), nearest)

    @property
    def _middle(self) -> NDArray[np.float64]:
        return np.asarray(self.caster.mesh.bounds.astype(np.float64).mean(axis=0), np.float64)

    def _area(self, radius: float) -> float:
        """Of the thing's outline from this direction, square metres; glass does not count."""
        forward = self._middle - self.position(1.0)
        right = np.cross(forward, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        place = (np.arange(_SURVEY) + 0.5) / _SURVEY * 2.0 - 1.0
        across = place[:, None, None] * right + place[:, None] * np.cross(right, forward)
        starts = self.position(3.0 * radius) + radius * across.reshape(-1, 3)
        directions = np.broadcast_to(forward, starts.shape)
        filled = self._count(starts.astype(np.float32), directions.astype(np.float32))
        return max(filled, 1) * (2.0 * radius / _SURVEY) ** 2

    def _count(self, origins: NDArray[np.float32], directions: NDArray[np.float32]) -> int:
        return int(cast_solid(self.caster, origins, directions).hit.sum())


def _grid(angles: NDArray[np.float64], step: float, phase: float) -> NDArray[np.float64]:
    """Multiples of a step, moved by a share of it, from below the least to above the most angle."""
    first = math.floor(float(angles.min()) / step - phase)
    last = math.ceil(float(angles.max()) / step - phase)
    return np.asarray((np.arange(first, last + 1) + phase) * step, np.float64)
