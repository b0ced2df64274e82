"""Textured Lambert shading with distant lights and hard shadows, through transparent surfaces.

A picture is ``ambient * colour + sum over lights of max(0, n . l) * colour``, in linear light;
cameras apply their own exposure, noise and encoding. Notation: ``r`` rays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.ray_caster import Hits
from omnibind_core.simulation.ray_caster import RayCaster
from omnibind_core.simulation.surface import Surface
from omnibind_core.simulation.surface import surface_at

Colour = tuple[float, float, float]

LAYERS = 12
"""Transparent surfaces followed along one ray; the next one counts as solid."""

SOLID = 0.5
"""Opacity from which a surface stops a range sensor's beam."""

_OPAQUE = 0.99


@dataclass(frozen=True)
class Light:
    """A distant light.

    :param direction: from the object towards the light, any length but zero.
    :param colour: linear irradiance of a surface facing it; 1 makes white paper white.
    :param shadows: whether objects keep it from each other.
    """

    direction: tuple[float, float, float]
    colour: Colour = (0.8, 0.8, 0.8)
    shadows: bool = True


@dataclass(frozen=True)
class Lighting:
    """All light there is.

    :param lights: distant lights.
    :param sky: ambient light from above, linear.
    :param ground: ambient light from below; in between they are mixed by the normal's height.
    """

    lights: tuple[Light, ...] = (Light((-0.5, -1.0, 1.5)),)
    sky: Colour = (0.35, 0.35, 0.35)
    ground: Colour = (0.2, 0.2, 0.2)


@dataclass(frozen=True, eq=False)
class Shaded:
    """Light along rays.

    :param colour: float32 ``[r, 3]``, linear, of the object alone: 0 where there is none.
    :param coverage: float32 ``[r]``, 1 = the object hides what is behind it; a background ``b``
        shows as ``colour + (1 - coverage) * b``.
    :param hits: the first surface of each ray.
    """

    colour: NDArray[np.float32]
    coverage: NDArray[np.float32]
    hits: Hits

    def over(self, background: NDArray[np.float32] | Colour) -> NDArray[np.float32]:
        """The object before a background, one colour or one for each ray, linear ``[r, 3]``."""
        behind = np.asarray(background, np.float32)
        return self.colour + (1.0 - self.coverage)[:, None] * behind


def shade(
    caster: RayCaster,
    origins: NDArray[np.float32],
    directions: NDArray[np.float32],
    lighting: Lighting | None = None,
) -> Shaded:
    """Light that arrives along rays.

    :param caster: the mesh.
    :param origins: float32 ``[r, 3]``.
    :param directions: float32 ``[r, 3]``, unit.
    :param lighting: all light there is.
    """
    lighting = lighting or Lighting()
    colour = np.zeros((len(directions), 3), np.float32)
    through = np.ones(len(directions), np.float32)
    first = caster.cast(origins, directions)
    index = np.flatnonzero(first.hit)
    hits = _select(first, index)
    starts, towards = origins[index], directions[index]
    for _ in range(LAYERS):
        if len(index) == 0:
            break
        surface = surface_at(caster.mesh, hits, towards)
        points = starts + hits.distance[:, None] * towards
        light = _light(caster, points, surface, lighting)
        share = through[index] * surface.opacity
        colour[index] += share[:, None] * surface.colour * light
        through[index] -= share
        onwards = through[index] > 1.0 - _OPAQUE
        index, towards = index[onwards], towards[onwards]
        starts = points[onwards] + _step(caster) * towards
        hits = caster.cast(starts, towards)
        again = hits.hit
        index, starts, towards = index[again], starts[again], towards[again]
        hits = _select(hits, again)
    return Shaded(colour, 1.0 - through, first)


def cast_solid(
    caster: RayCaster, origins: NDArray[np.float32], directions: NDArray[np.float32]
) -> Hits:
    """The first surface that stops a beam: not glass, not the cut-out part of a leaf's texture.

    Parameters as :func:`shade`; distances count from the given origins.
    """
    result = caster.cast(origins, directions)
    index = np.flatnonzero(result.hit)
    for _ in range(LAYERS):
        if len(index) == 0:
            break
        hits = _select(result, index)
        opacity = surface_at(caster.mesh, hits, directions[index]).opacity
        index = index[opacity < SOLID]
        if len(index) == 0:
            break
        passed = result.distance[index] + _step(caster)
        starts = origins[index] + passed[:, None] * directions[index]
        beyond = caster.cast(starts, directions[index])
        result.triangle[index] = beyond.triangle
        result.distance[index] = beyond.distance + passed
        result.barycentric[index] = beyond.barycentric
        index = index[beyond.hit]
    return result


def _light(
    caster: RayCaster, points: NDArray[np.float32], surface: Surface, lighting: Lighting
) -> NDArray[np.float32]:
    """Linear irradiance at points, ``[r, 3]``."""
    upward = (surface.normal[:, 2:] + 1.0) / 2.0
    sky = np.asarray(lighting.sky, np.float32)
    ground = np.asarray(lighting.ground, np.float32)
    total = upward * sky + (1.0 - upward) * ground
    for light in lighting.lights:
        towards = np.asarray(light.direction, np.float32)
        towards = towards / np.linalg.norm(towards)
        amount = np.maximum(surface.normal @ towards, 0.0)
        lit = np.flatnonzero(amount > 0.0)
        if light.shadows and len(lit):
            starts = points[lit] + 2.0 * _step(caster) * surface.normal[lit]
            amount[lit[caster.occluded(starts, towards)]] = 0.0
        total = total + amount[:, None] * np.asarray(light.colour, np.float32)
    return np.asarray(total, np.float32)


def _step(caster: RayCaster) -> np.float32:
    """How far to leave a surface before looking on: beyond rounding, below any detail."""
    return np.float32(2e-5 * float(caster.mesh.size.max()))


def _select(hits: Hits, index: NDArray[np.int64] | NDArray[np.bool_]) -> Hits:
    return Hits(hits.triangle[index], hits.distance[index], hits.barycentric[index])
