"""What is behind and below a thing: a floor that it stands on, a wall, or an even backdrop.

Everything is in proportion to the thing, so that its size cannot be read off the floor's boards.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.gaussian_blur import gaussian_blur
from omnibind_core.simulation.ray_caster import RayCaster
from omnibind_core.simulation.shading import Lighting
from omnibind_core.simulation.surface_pattern import SurfacePattern

_Rays = NDArray[np.float32]
_UP = np.array([0.0, 0.0, 1.0], np.float32)


@dataclass(frozen=True, eq=False)
class Plane:
    """An endless wall or floor.

    :param point: some point of it, ``[3]``.
    :param normal: towards the room, unit, ``[3]``.
    :param along: direction of the pattern's first axis, unit, in the plane, ``[3]``.
    :param pattern: its reflectance.
    """

    point: NDArray[np.float32]
    normal: NDArray[np.float32]
    along: NDArray[np.float32]
    pattern: SurfacePattern

    def distance(self, origins: _Rays, directions: _Rays) -> NDArray[np.float32]:
        """Along each ray; infinite where it does not meet the front, ``[r]``."""
        towards = directions @ self.normal
        height = (origins - self.point) @ self.normal
        ahead = np.full(len(directions), np.inf, np.float32)
        np.divide(height, -towards, out=ahead, where=(towards < -1e-6) & (height > 0.0))
        return ahead


@dataclass(frozen=True, eq=False)
class Backdrop:
    """Surroundings of a thing.

    :param planes: floor, wall, both or none.
    :param above: reflectance of the screen behind everything, where it is highest, ``[3]``.
    :param horizon: and from the horizon downwards; between them it changes evenly, ``[3]``.
    :param lamp: direction in which the room is brighter by a lamp or window, unit, ``[3]``.
    :param lamp_share: by how much of its mean a plane's light changes across the picture, 0..1.
    :param penumbra: softness of shadows, as a share of the picture's shorter side.
    """

    planes: tuple[Plane, ...]
    above: NDArray[np.float32]
    horizon: NDArray[np.float32]
    lamp: NDArray[np.float32]
    lamp_share: float
    penumbra: float

    @staticmethod
    def drawn(random: np.random.Generator, *, reach: float, azimuth: float) -> Backdrop:
        """Floor and wall (60 %), floor (15 %), wall (10 %), or neither (15 %), as in product shots.

        :param reach: half the diagonal of the thing, metres.
        :param azimuth: where the viewer stands; the wall is on the far side.
        """
        kind = str(random.choice(['both', 'floor', 'wall', 'none'], p=[0.6, 0.15, 0.1, 0.15]))
        periods = (reach * np.exp(random.uniform(np.log(0.5), np.log(4.0), 2))).tolist()
        patterns = [SurfacePattern.drawn(random, period) for period in periods]
        turn = float(random.uniform(0.0, math.pi))
        along = np.array([math.cos(turn), math.sin(turn), 0.0], np.float32)
        floor = Plane(np.zeros(3, np.float32), _UP, along, patterns[0])
        facing = azimuth + float(random.uniform(-0.6, 0.6))
        normal = np.array([math.sin(facing), -math.cos(facing), 0.0], np.float32)
        behind = -np.float32(reach * random.uniform(1.1, 3.0)) * normal
        wall = Plane(behind, normal, np.cross(_UP, normal), patterns[1])
        lamp = random.standard_normal(3)
        tint = random.uniform(0.75, 1.0, 3)
        return Backdrop(
            planes={'both': (floor, wall), 'floor': (floor,), 'wall': (wall,), 'none': ()}[kind],
            above=(tint * random.uniform(0.05, 1.0)).astype(np.float32),
            horizon=(tint[::-1] * random.uniform(0.05, 1.0)).astype(np.float32),
            lamp=(lamp / np.linalg.norm(lamp)).astype(np.float32),
            lamp_share=float(random.uniform(0.0, 0.5)),
            penumbra=float(random.uniform(0.002, 0.015)),
        )

    def seen(
        self,
        origins: _Rays,
        directions: _Rays,
        lighting: Lighting,
        *,
        pixel: float,
        shape: tuple[int, int],
        caster: RayCaster | None,
    ) -> NDArray[np.float32]:
        """Linear light along the rays of a picture, ``[r, 3]``.

        :param origins: ``[r, 3]``.
        :param directions: unit, ``[r, 3]``, row by row.
        :param lighting: all light there is.
        :param pixel: angle that one ray stands for, radians.
        :param shape: of the picture the rays make, ``h, w``; shadows are softened within it.
        :param caster: what throws shadows; ``None``: nothing.
        """
        share = np.clip(directions[:, 2:] / 0.7, 0.0, 1.0)
        result = (share * self.above + (1.0 - share) * self.horizon) * white_paper(lighting)
        ahead = [plane.distance(origins, directions) for plane in self.planes]
        nearest = np.minimum.reduce(ahead) if ahead else np.zeros(0, np.float32)
        lamp = 1.0 + self.lamp_share * np.clip(2.0 * directions @ self.lamp, -1.0, 1.0)
        for plane, distance in zip(self.planes, ahead, strict=True):
            own = np.flatnonzero((distance <= nearest) & np.isfinite(distance))
            if len(own) == 0:
                continue
            points = origins[own] + distance[own, None] * directions[own]
            offset = points - plane.point
            # a pixel covers a long ellipse; a circle of the same area is between blur and flicker
            flat = np.maximum(-(directions[own] @ plane.normal), 1e-3)
            footprint = distance[own] * np.float32(pixel) / np.sqrt(flat)
            across = np.cross(plane.normal, plane.along)
            colour = plane.pattern.at(offset @ plane.along, offset @ across, footprint)
            light = self._light(plane, points, own, lighting, shape, caster)
            result[own] = colour * light * lamp[own, None]
        return np.asarray(result, np.float32)

    def _light(
        self,
        plane: Plane,
        points: NDArray[np.float32],
        own: NDArray[np.int64],
        lighting: Lighting,
        shape: tuple[int, int],
        caster: RayCaster | None,
    ) -> NDArray[np.float32]:
        """Linear irradiance at points of a plane, ``[n, 3]``; ``own`` are their pixels."""
        upward = (float(plane.normal[2]) + 1.0) / 2.0
        ambient = upward * np.asarray(lighting.sky) + (1.0 - upward) * np.asarray(lighting.ground)
        total = np.broadcast_to(ambient.astype(np.float32), (len(own), 3)).copy()
        for light in lighting.lights:
            towards = np.asarray(light.direction, np.float32)
            towards = towards / np.linalg.norm(towards)
            amount = max(float(plane.normal @ towards), 0.0)
            if amount == 0.0:
                continue
            lit = np.ones(len(own), np.float32)
            if light.shadows and caster is not None:
                picture = np.ones(shape[0] * shape[1], np.float32)
                picture[own[caster.occluded(points, towards[None])]] = 0.0
                softness = self.penumbra * min(shape)
                lit = gaussian_blur(picture.reshape(shape), softness).ravel()[own]
            total += (amount * lit)[:, None] * np.asarray(light.colour, np.float32)
        return total


def white_paper(lighting: Lighting) -> NDArray[np.float32]:
    """Light from white paper that faces all light, linear, ``[3]``."""
    return np.asarray(
        np.asarray(lighting.sky) + sum(np.asarray(light.colour) for light in lighting.lights),
        np.float32,
    )
