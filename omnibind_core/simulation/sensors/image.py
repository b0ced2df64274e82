"""Image: a colour camera before a thing in a room.

The thing is drawn by casting rays (:mod:`~omnibind_core.simulation.shading`) before a floor, a wall
or an even backdrop (:mod:`~omnibind_core.simulation.scene`) and recorded with the camera's exposure
and noise (:mod:`~omnibind_core.simulation.camera_response`). Light, surroundings and camera are
drawn without regard to what the thing is.

A picture of *nothing* is a picture of surroundings alone. It is a picture like any other: product
preprocessing does not flag it as uninformative, that there is nothing in it must be seen. Its
metadata say ``nothing: 1``.
"""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.simulation.camera_response import CameraResponse
from omnibind_core.simulation.camera_response import white_balance
from omnibind_core.simulation.framing import framed
from omnibind_core.simulation.framing import Framing
from omnibind_core.simulation.scene import Scene
from omnibind_core.simulation.thing import Reading
from omnibind_core.simulation.thing import View

if TYPE_CHECKING:
    from omnibind_core.simulation.ray_caster import RayCaster
    from omnibind_core.simulation.thing import Thing


@dataclass(frozen=True)
class ImageSimulation:
    """The camera, the light, and how a thing is framed."""

    width: int = option(192, 'Picture width.', unit='px', minimum=16, maximum=1920)
    height: int = option(192, 'Picture height.', unit='px', minimum=16, maximum=1920)
    rays: int = option(2, 'Rays cast for each pixel where the thing is.', minimum=1, maximum=64)
    least_fov: float = option(
        30.0,
        'Narrowest angle of view of the middle square; the camera stands the farther away.',
        unit='degrees',
        minimum=5.0,
        maximum=120.0,
    )
    most_fov: float = option(65.0, 'Widest.', unit='degrees', minimum=5.0, maximum=120.0)
    least_margin: float = option(
        1.05, 'Tightest framing: 1 fills the middle square.', minimum=1.0, maximum=10.0
    )
    most_margin: float = option(
        1.8, 'Loosest framing: 2 fills half of its side.', minimum=1.0, maximum=10.0
    )
    off_centre: float = option(
        0.8,
        'How far off the middle a thing may be, as a share of the room beside it; above 1 it may '
        'be cut off.',
        minimum=0.0,
        maximum=2.0,
    )
    roll: float = option(
        4.0,
        'Standard deviation of how far the camera is tilted to a side.',
        unit='degrees',
        minimum=0.0,
        maximum=45.0,
    )
    least_kelvin: float = option(
        2700.0,
        'Warmest colour temperature of the light: a warm white bulb.',
        unit='K',
        minimum=1500.0,
        maximum=15_000.0,
    )
    most_kelvin: float = option(
        7500.0, 'Coldest: an overcast sky.', unit='K', minimum=1500.0, maximum=15_000.0
    )
    least_ambient: float = option(
        0.25,
        'Smallest share of the light that comes from everywhere: hard shadows.',
        minimum=0.0,
        maximum=1.0,
    )
    most_ambient: float = option(0.75, 'Largest: hardly any shadow.', minimum=0.0, maximum=1.0)
    white_balance: float = option(
        0.5,
        'Least share of the colour of the light that the camera takes out; the most is all.',
        minimum=0.0,
        maximum=1.0,
    )
    exposure: float = option(
        0.5,
        'Standard deviation of the exposure about the automatic one.',
        unit='stops',
        minimum=0.0,
        maximum=3.0,
    )
    least_full_well: float = option(
        800.0,
        'Fewest photo-electrons at full scale, in dim light at high gain. Photon noise of a grey '
        'wall is 8 % then.',
        unit='electrons',
        minimum=10.0,
        maximum=1e6,
    )
    most_full_well: float = option(
        10_000.0,
        'Most: a full pixel of 3 um at lowest gain (EMVA 1288 data sheets state 8,000 to 11,000).',
        unit='electrons',
        minimum=10.0,
        maximum=1e6,
    )
    read_noise: float = option(
        3.0,
        'Read noise of a pixel (EMVA 1288 data sheets of CMOS cameras: 2 to 7).',
        unit='electrons',
        minimum=0.0,
        maximum=1000.0,
    )
    least_blur: float = option(
        0.3,
        'Standard deviation of the blur of the sharpest lens with colour interpolation.',
        unit='px',
        minimum=0.0,
        maximum=10.0,
    )
    most_blur: float = option(
        0.9, 'And of a slightly defocused one.', unit='px', minimum=0.0, maximum=10.0
    )

    def __post_init__(self) -> None:
        """Check what concerns two fields each.

        :raises ConfigError: where a least is above its most, with all problems found.
        """
        problems = []
        for name in ('fov', 'margin', 'kelvin', 'ambient', 'full_well', 'blur'):
            least, most = getattr(self, f'least_{name}'), getattr(self, f'most_{name}')
            if least > most:
                problems.append(Problem(f'most_{name}', f'{most:g}', f'at least {least:g}'))
        if problems:
            raise ConfigError(type(self).__name__, problems)


def simulate(
    thing: Thing, view: View, options: ImageSimulation, random: np.random.Generator
) -> Reading:
    """One picture of a thing.

    :param view: its azimuth and elevation; the camera frames the thing by itself.
    :returns: raw is uint8 ``[h, w, 3]``; metadata: ``nothing`` 0, share of the picture that the
        thing covers, distance (m), angle of view (degrees), colour temperature of the light (K),
        exposure (stops), full well (electrons).
    :raises UnavailableError: ``embreex`` is not installed.
    """
    framing = _held(thing.mesh.vertices, view, options, random)
    reach = float(np.linalg.norm(thing.mesh.size)) / 2.0
    return _taken(framing, thing.caster, reach, options, random)


def nothing(options: ImageSimulation, random: np.random.Generator) -> Reading:
    """A picture of surroundings without a thing: metadata say ``nothing: 1``."""
    # a unit cube that is not there: the same light, floors and angles as before a thing
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0.0, 1.0)])
    framing = _held(corners, View.drawn(random), options, random)
    return _taken(framing, None, math.sqrt(3.0) / 2.0, options, random)


def _held(
    points: ArrayLike, view: View, options: ImageSimulation, random: np.random.Generator
) -> Framing:
    """How someone holds the camera to have all points in its picture."""
    right, down = random.uniform(-options.off_centre, options.off_centre, 2).tolist()
    return framed(
        points,
        azimuth=view.azimuth,
        elevation=view.elevation,
        fov=math.radians(random.uniform(options.least_fov, options.most_fov)),
        margin=float(random.uniform(options.least_margin, options.most_margin)),
        roll=math.radians(random.normal(0.0, options.roll)),
        off_centre=(right, down),
    )


def _taken(
    framing: Framing,
    caster: RayCaster | None,
    reach: float,
    options: ImageSimulation,
    random: np.random.Generator,
) -> Reading:
    """The picture that a camera takes."""
    scene = Scene.drawn(
        random,
        reach=reach,
        azimuth=framing.azimuth,
        kelvin=(options.least_kelvin, options.most_kelvin),
        ambient=(options.least_ambient, options.most_ambient),
    )
    wells = np.log([options.least_full_well, options.most_full_well])
    balance = float(random.uniform(options.white_balance, 1.0))
    response = CameraResponse(
        exposure=float(np.clip(random.normal(0.0, options.exposure), -1.5, 1.5)),
        full_well=float(np.exp(random.uniform(*wells))),
        read_noise=options.read_noise,
        blur=float(random.uniform(options.least_blur, options.most_blur)),
        gains=white_balance(scene.white, balance),
        vignetting=math.tan(framing.fov / 2.0) * float(random.uniform(0.0, 0.7)),
    )
    camera = framing.camera(options.width, options.height)
    rendered = scene.seen(camera, caster, rays=options.rays)
    facts: dict[str, float | int | str] = {
        'nothing': int(caster is None),
        'coverage': float(rendered.coverage.mean()),
        'fov': math.degrees(framing.fov),
        'kelvin': scene.kelvin,
        'exposure': response.exposure,
        'full_well': response.full_well,
    }
    if caster is not None:
        facts['distance'] = framing.distance
    return Reading(response.picture(rendered.light, random), facts)
