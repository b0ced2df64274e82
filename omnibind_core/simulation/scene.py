"""A thing in a lit room, and the light that reaches a camera from there.

The light is drawn without regard to what the thing is: a lamp or window with the colour of a black
body, from anywhere above, and what walls and sky scatter. Notation: ``h, w`` picture size.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.backdrop import Backdrop
from omnibind_core.simulation.backdrop import white_paper
from omnibind_core.simulation.camera import Camera
from omnibind_core.simulation.colour_temperature import black_body
from omnibind_core.simulation.ray_caster import RayCaster
from omnibind_core.simulation.shading import Colour
from omnibind_core.simulation.shading import Light
from omnibind_core.simulation.shading import Lighting
from omnibind_core.simulation.shading import shade


@dataclass(frozen=True, eq=False)
class Rendered:
    """Light at a camera's pixels.

    :param light: float32 ``[h, w, 3]``, linear; 1 is what white paper facing the lamp gives.
    :param coverage: float32 ``[h, w]``, share of each pixel that the thing hides.
    """

    light: NDArray[np.float32]
    coverage: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Scene:
    """Light and surroundings; the thing itself is given when it is looked at.

    :param lighting: all light there is.
    :param kelvin: colour temperature of the lamp.
    :param backdrop: floor, wall.
    """

    lighting: Lighting
    kelvin: float
    backdrop: Backdrop

    @staticmethod
    def drawn(
        random: np.random.Generator,
        *,
        reach: float,
        azimuth: float,
        kelvin: tuple[float, float] = (2700.0, 7500.0),
        ambient: tuple[float, float] = (0.25, 0.75),
    ) -> Scene:
        """Any room with any light.

        :param reach: half the diagonal of the thing, metres.
        :param azimuth: where the viewer stands, radians.
        :param kelvin: warmest and coldest colour temperature of the lamp; drawn evenly in its
            reciprocal, as differences are seen.
        :param ambient: least and most share of the light that comes from everywhere.
        """
        warm, cold = (1e6 / value for value in kelvin)
        temperature = 1e6 / float(random.uniform(cold, warm))
        share = float(random.uniform(*ambient))
        turn, height = random.uniform(0.0, 2.0 * math.pi), math.radians(random.uniform(20.0, 75.0))
        direction = (
            math.cos(height) * math.cos(turn),
            math.cos(height) * math.sin(turn),
            math.sin(height),
        )
        lamp = np.array(black_body(temperature))
        # what walls scatter is a mixture of the lamp's light and of white
        scattered = share * (0.5 * lamp + 0.5)
        below = float(random.uniform(0.3, 0.9))
        lighting = Lighting(
            lights=(Light(direction, _colour((1.0 - share) * lamp)),),
            sky=_colour(scattered),
            ground=_colour(below * scattered),
        )
        backdrop = Backdrop.drawn(random, reach=reach, azimuth=azimuth)
        return Scene(lighting, temperature, backdrop)

    @property
    def white(self) -> Colour:
        """Linear colour of white paper that faces all light."""
        return _colour(white_paper(self.lighting).astype(np.float64))

    def seen(self, camera: Camera, caster: RayCaster | None = None, *, rays: int = 1) -> Rendered:
        """What a camera gets.

        :param camera: where it is.
        :param caster: the thing; ``None``: the surroundings alone.
        :param rays: number for each pixel where the thing is or borders; the surroundings are
            smooth already and take one.
        :raises UnavailableError: ``embreex`` is not installed, and there is a thing.
        """
        shape = (camera.height, camera.width)
        origins, directions = camera.rays()
        light = self.backdrop.seen(
            origins,
            directions,
            self.lighting,
            pixel=1.0 / camera.focal_length,
            shape=shape,
            caster=caster,
        )
        coverage = np.zeros(len(directions), np.float32)
        if caster is not None:
            hit = np.zeros(len(directions), np.bool_)
            inside = _box(camera, caster)
            hit[inside] = caster.cast(origins[inside], directions[inside]).hit
            near = np.flatnonzero(_grown(hit.reshape(shape)))
            fine = _directions(camera, near, rays)
            starts = np.broadcast_to(origins[:1], fine.shape)
            shaded = shade(caster, starts, fine, self.lighting)
            coverage[near] = shaded.coverage.reshape(rays, -1).mean(axis=0)
            own = shaded.colour.reshape(rays, -1, 3).mean(axis=0)
            light[near] = own + (1.0 - coverage[near, None]) * light[near]
        return Rendered(light.reshape(*shape, 3), coverage.reshape(shape))


def _colour(values: NDArray[np.float64]) -> Colour:
    red, green, blue = values.tolist()
    return red, green, blue


def _box(camera: Camera, caster: RayCaster) -> NDArray[np.int64]:
    """The pixels around a thing's corners; all, if one of these is not before the camera."""
    low, high = caster.mesh.bounds
    corners = np.array(
        [[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])]
    )
    places, depth = camera.project(corners)
    everything = np.arange(camera.height * camera.width).reshape(camera.height, camera.width)
    if not (depth > 1e-6).all():
        return everything.ravel()
    left, top = np.clip(np.floor(places.min(axis=0)), 0, 1e6).astype(int)
    right, bottom = np.clip(np.ceil(places.max(axis=0)), 0, 1e6).astype(int)
    return everything[top:bottom, left:right].ravel()


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask and all pixels that touch it."""
    padded = np.pad(mask, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return np.asarray(rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:], np.bool_)


def _directions(camera: Camera, pixels: NDArray[np.int64], count: int) -> NDArray[np.float32]:
    """Unit directions of rays through places within pixels, ``[count * pixels, 3]``.

    The places form a lattice in which no two share a row or a column.
    """
    number = np.arange(count)[:, None]
    step = next(
        k for k in range(max(round(count * 0.618), 1), count + 2) if math.gcd(k, count) == 1
    )
    right, down = (number + 0.5) / count, (number * step % count + 0.5) / count
    grid = np.ones((count, len(pixels), 3))
    grid[..., 0] = (pixels % camera.width + right - camera.width / 2.0) / camera.focal_length
    grid[..., 1] = (pixels // camera.width + down - camera.height / 2.0) / camera.focal_length
    directions = grid.reshape(-1, 3) @ camera.rotation
    directions /= np.sqrt(np.einsum('rk,rk->r', directions, directions))[:, None]
    return directions.astype(np.float32)
