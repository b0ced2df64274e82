"""Thermal: an uncooled radiometric camera before a thing in a room.

Temperatures come from :mod:`~omnibind_core.simulation.heat`, invented and independent of the class:
ambient 10 to 30 degrees C, a small offset of the thing and of each of its materials, and perhaps a
heat source. What the camera gets is radiation (:mod:`~omnibind_core.simulation.planck`): the
surface's own, by its emissivity, and the room's that it reflects; bare metal mirrors the room. The
camera assumes emissivity 1, as cameras do by default. Glass is opaque from 8 to 14 um, so only
cut-out textures let rays through. Noise: FLIR Lepton 3.5 and Boson data sheets.
"""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.simulation.camera import Camera
from omnibind_core.simulation.camera import frame
from omnibind_core.simulation.heat import HeatField
from omnibind_core.simulation.heat import SOURCES
from omnibind_core.simulation.heat import Surroundings
from omnibind_core.simulation.planck import band_radiance
from omnibind_core.simulation.planck import band_temperature
from omnibind_core.simulation.ray_caster import Hits
from omnibind_core.simulation.surface import surface_at
from omnibind_core.simulation.thing import Reading

if TYPE_CHECKING:
    from omnibind_core.simulation.thing import Thing
    from omnibind_core.simulation.thing import View

_ZERO_CELSIUS = 273.15
_COUNT = 0.01  # K
_LAYERS = 6  # cut-out surfaces followed along one ray


@dataclass(frozen=True)
class ThermalSimulation:
    """The camera, and what temperatures occur."""

    width: int = option(80, 'Picture width.', unit='px', minimum=16, maximum=640)
    height: int = option(60, 'Picture height.', unit='px', minimum=12, maximum=512)
    fov: float = option(
        50.0, 'Horizontal angle of view.', unit='degrees', minimum=10.0, maximum=120.0
    )
    oversampling: int = option(
        2, 'Rays a pixel, squared: detectors average over their area.', minimum=1, maximum=4
    )
    margin: float = option(
        1.4, 'Loosest framing: 1 fills the picture; tightest is 1.05.', minimum=1.05, maximum=5.0
    )
    least_ambient: float = option(
        10.0, 'Coldest room.', unit='degrees C', minimum=-20.0, maximum=50.0
    )
    most_ambient: float = option(
        30.0, 'Warmest room.', unit='degrees C', minimum=-20.0, maximum=50.0
    )
    least_netd: float = option(
        50.0,
        'Noise of each pixel in each picture of the best sensor (NETD; data sheets: < 50, < 60). '
        'Above 65 mK an empty wall passes for something at the default flat_kelvin of 0.3 K.',
        unit='mK',
        minimum=0.0,
        maximum=500.0,
    )
    most_netd: float = option(65.0, 'And of the worst.', unit='mK', minimum=0.0, maximum=500.0)
    fixed_pattern: float = option(
        15.0,
        "What the shutter's correction leaves of each pixel's and each column's offset.",
        unit='mK',
        minimum=0.0,
        maximum=500.0,
    )
    accuracy: float = option(
        1.0,
        'Standard deviation of the whole picture (data sheets: 95 % within 2 to 5 K).',
        unit='K',
        minimum=0.0,
        maximum=5.0,
    )
    blur: float = option(
        0.6,
        "Standard deviation of the lens's blur; diffraction at f/1.1, 12 um.",
        unit='px',
        minimum=0.0,
        maximum=3.0,
    )

    def __post_init__(self) -> None:
        """Check what concerns two fields each.

        :raises ConfigError: where a least is above its most, with all problems found.
        """
        problems = []
        for name in ('ambient', 'netd'):
            least, most = getattr(self, f'least_{name}'), getattr(self, f'most_{name}')
            if least > most:
                problems.append(Problem(f'most_{name}', f'{most:g}', f'at least {least:g}'))
        if problems:
            raise ConfigError(type(self).__name__, problems)


def simulate(
    thing: Thing, view: View, options: ThermalSimulation, random: np.random.Generator
) -> Reading:
    """One thermal picture of a thing.

    :param view: its azimuth and elevation; the camera frames the thing by itself.
    :returns: raw is uint16 ``[h, w]``, 0.01 K a count; metadata: ambient (degrees C), heat source,
        share of the picture that the thing fills.
    :raises UnavailableError: ``embreex`` is not installed.
    """
    ambient = _ZERO_CELSIUS + random.uniform(options.least_ambient, options.most_ambient)
    source = str(random.choice(list(SOURCES)))
    surroundings = Surroundings.drawn(ambient, random)
    heat = HeatField.drawn(
        thing.caster, thing.materials, ambient=ambient, source=source, random=random
    )
    camera = _camera(thing, view, options, float(random.uniform(1.05, options.margin)))
    origins, directions = camera.rays()
    radiance = band_radiance(surroundings.seen(directions))
    hits, normals = _opaque_hits(thing, origins, directions)
    seen = np.flatnonzero(hits.hit)
    points = origins[seen] + hits.distance[seen, None] * directions[seen]
    material = thing.mesh.material[hits.triangle[seen]]
    normal, towards = normals[seen], directions[seen]
    own = heat.temperature(points, normal, material)
    cosine = np.clip(-np.einsum('rk,rk->r', normal, towards), 0.0, 1.0)
    mirrored = towards + 2.0 * cosine[:, None] * normal
    base = np.array([item.emissivity for item in thing.materials])[material]
    radiance[seen] = exitance(own, surroundings.seen(mirrored), base, cosine)
    fine = options.oversampling
    grid = radiance.reshape(options.height, fine, options.width, fine).mean(axis=(1, 3))
    facts: dict[str, float | int | str] = {
        'ambient': float(ambient - _ZERO_CELSIUS),
        'source': source,
        'strength': heat.strength,
        'coverage': len(seen) / len(directions),
    }
    return Reading(_counts(band_temperature(_blurred(grid, options.blur)), options, random), facts)


def nothing(options: ThermalSimulation, random: np.random.Generator) -> Reading:
    """A wall of one temperature."""
    ambient = _ZERO_CELSIUS + random.uniform(options.least_ambient, options.most_ambient)
    wall = np.full((options.height, options.width), ambient)
    return Reading(_counts(wall, options, random), {'ambient': float(ambient - _ZERO_CELSIUS)})


def exitance(
    own: NDArray[np.float64],
    around: NDArray[np.float64],
    emissivity: NDArray[np.float64],
    cosine: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Radiance that leaves a surface in the band: its own, and what it reflects of the room.

    Kirchhoff: what is not emitted is reflected. At grazing angles everything reflects; the fall is
    Schlick's approximation of Fresnel's equations (Schlick 1994).

    :param own: the surface's temperature, K, ``[r]``.
    :param around: what is seen in the mirrored direction, K, ``[r]``.
    :param emissivity: at normal incidence, 0..1, ``[r]``.
    :param cosine: of the angle of view to the normal, ``[r]``.
    :returns: W/(m^2 sr), ``[r]``.
    """
    share = emissivity * (1.0 - (1.0 - cosine.astype(np.float64)) ** 5)
    return share * band_radiance(own) + (1.0 - share) * band_radiance(around)


def _camera(thing: Thing, view: View, options: ThermalSimulation, margin: float) -> Camera:
    """A camera that has the thing in the middle square of its picture, which models look at."""
    half = math.tan(math.radians(options.fov) / 2.0) * options.height / options.width
    near = frame(
        thing.mesh.vertices,
        width=options.height,
        height=options.height,
        fov=2.0 * math.degrees(math.atan(min(half, math.tan(math.radians(options.fov) / 2.0)))),
        azimuth=math.degrees(view.azimuth),
        elevation=math.degrees(view.elevation),
        margin=margin,
    )
    return Camera(
        width=options.width * options.oversampling,
        height=options.height * options.oversampling,
        fov=options.fov,
        position=near.position,
        target=near.target,
    )


def _opaque_hits(
    thing: Thing, origins: NDArray[np.float32], directions: NDArray[np.float32]
) -> tuple[Hits, NDArray[np.float32]]:
    """First surfaces that stop heat rays, and the normals there ``[r, 3]``."""
    mesh = thing.mesh
    hits = thing.caster.cast(origins, directions)
    normals = np.zeros_like(directions)
    cut_out = np.array([item.alpha is not None for item in mesh.materials])
    whole = np.array([item.opacity for item in mesh.materials], np.float32)
    step = np.float32(2e-5 * float(mesh.size.max()))
    index = np.flatnonzero(hits.hit)
    for layer in range(_LAYERS):
        if len(index) == 0:
            break
        part = Hits(hits.triangle[index], hits.distance[index], hits.barycentric[index])
        surface = surface_at(mesh, part, directions[index])
        normals[index] = surface.normal
        material = mesh.material[part.triangle]
        through = cut_out[material] & (surface.opacity < 0.5 * whole[material])
        if layer == _LAYERS - 1:
            break
        index = index[through]
        passed = hits.distance[index] + step
        beyond = thing.caster.cast(
            origins[index] + passed[:, None] * directions[index], directions[index]
        )
        hits.triangle[index] = beyond.triangle
        hits.distance[index] = beyond.distance + passed
        hits.barycentric[index] = beyond.barycentric
        index = index[beyond.hit]
    return hits, normals


def _blurred(grid: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """A Gaussian blur of a few pixels with repeated edges."""
    if sigma == 0.0:
        return grid
    half = max(1, int(np.ceil(3.0 * sigma)))
    weights = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    weights /= weights.sum()
    for _ in range(2):
        padded = np.pad(grid, ((half, half), (0, 0)), 'edge')
        grid = sum(w * padded[i : i + len(grid)] for i, w in enumerate(weights)).T
    return grid


def _counts(
    kelvin: NDArray[np.float64], options: ThermalSimulation, random: np.random.Generator
) -> NDArray[np.uint16]:
    """What the camera reads out of true temperatures."""
    netd = random.uniform(options.least_netd, options.most_netd) * 1e-3
    pattern = options.fixed_pattern * 1e-3
    given = kelvin + random.normal(0.0, options.accuracy)
    given = given + random.normal(0.0, netd, kelvin.shape)
    given += random.normal(0.0, pattern, kelvin.shape)
    given += random.normal(0.0, pattern, kelvin.shape[1])
    return np.asarray(np.clip(np.rint(given / _COUNT), 0, 65_535), np.uint16)
