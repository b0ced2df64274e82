"""Point cloud: a scanning range sensor (solid-state or spinning lidar) before a thing.

Rays leave the sensor at equal steps of azimuth and elevation; what they meet first is measured,
glass apart: beams pass it. So the cloud is partial, has the thing's real size, and is the sparser
the smaller or farther the thing. The sensor has one angular resolution and stands where a thing
gets a drawn number of rays: a cup is measured from nearby, a tree from afar.

A robot crops clouds to what it looks at and takes out the floor. So does this: the cloud is what is
in the thing's box, with a few points of the floor that were left, and a few stray ones. *Nothing*
is an empty range: at most a handful of stray points.

Axes as lidar drivers have them (REP 103): x forwards, y left, z up, the sensor at the origin and
level within a degree or so; it does not face the thing exactly. Noise: RealSense L515 data sheet
(2.5 mm at 1 m and 15.5 mm at 9 m, standard deviation).
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
from omnibind_core.simulation.range_scan import RangeScan
from omnibind_core.simulation.ray_caster import Hits
from omnibind_core.simulation.shading import cast_solid
from omnibind_core.simulation.surface import surface_at
from omnibind_core.simulation.thing import Reading

if TYPE_CHECKING:
    from omnibind_core.simulation.thing import Thing
    from omnibind_core.simulation.thing import View

_Points = NDArray[np.float64]


@dataclass(frozen=True)
class PointCloudSimulation:
    """The sensor, where it stands, and what it gets wrong."""

    azimuth_step: float = option(
        0.35,
        'Angle between rays along the horizon.',
        unit='degrees',
        minimum=0.02,
        maximum=5.0,
    )
    elevation_step: float = option(
        0.35,
        'Angle between rows of rays. Spinning lidars have 0.3 to 2 and finer steps of azimuth.',
        unit='degrees',
        minimum=0.02,
        maximum=5.0,
    )
    least_points: int = option(
        300,
        'Fewest rays that shall hit a thing; where it stands follows from it.',
        minimum=1,
        maximum=500_000,
    )
    most_points: int = option(
        3000, 'Most; drawn evenly on a log scale.', minimum=1, maximum=500_000
    )
    least_distance: float = option(
        0.2,
        "Nearest the sensor is to a thing's middle.",
        unit='m',
        minimum=0.06,
        maximum=20.0,
    )
    most_distance: float = option(20.0, 'Farthest.', unit='m', minimum=0.06, maximum=200.0)
    noise: float = option(
        1.8, 'Standard deviation of the range at no distance.', unit='mm', minimum=0.0, maximum=1e3
    )
    noise_growth: float = option(
        1.7,
        'How much it grows with distance; near and far part add as squares do.',
        unit='mm/m',
        minimum=0.0,
        maximum=1e3,
    )
    quantum: float = option(1.0, 'Step of the measured range.', unit='mm', minimum=0.0, maximum=1e3)
    loss: float = option(
        0.05, 'Share of the echoes that are lost anywhere.', minimum=0.0, maximum=1.0
    )
    grazing: float = option(
        80.0,
        'Angle of incidence at which half of the echoes are lost; the share that returns is '
        'cos^2 / (cos^2 + cos^2 of this).',
        unit='degrees',
        minimum=10.0,
        maximum=90.0,
    )
    floor: float = option(
        0.03,
        "Most points of the floor that were left, as a share of the thing's points.",
        minimum=0.0,
        maximum=1.0,
    )
    strays: float = option(
        0.01,
        'Most stray points (echoes from two surfaces at once, dust, sunlight), likewise.',
        minimum=0.0,
        maximum=1.0,
    )
    most_strays: int = option(8, 'Most stray points in an empty range.', minimum=0, maximum=10_000)
    heading: float = option(
        30.0,
        'How far aside of straight ahead a thing may be.',
        unit='degrees',
        minimum=0.0,
        maximum=180.0,
    )
    tilt: float = option(
        1.0,
        'Standard deviation of how far the mounted sensor is off level, in roll and in pitch.',
        unit='degrees',
        minimum=0.0,
        maximum=20.0,
    )

    def __post_init__(self) -> None:
        """Check what concerns two fields each.

        :raises ConfigError: where a least is above its most, with all problems found.
        """
        problems = []
        for name in ('points', 'distance'):
            least, most = getattr(self, f'least_{name}'), getattr(self, f'most_{name}')
            if least > most:
                problems.append(Problem(f'most_{name}', f'{most:g}', f'at least {least:g}'))
        if problems:
            raise ConfigError(type(self).__name__, problems)


def simulate(
    thing: Thing, view: View, options: PointCloudSimulation, random: np.random.Generator
) -> Reading:
    """One cloud of a thing.

    :param view: its azimuth and elevation; the distance follows from the number of points drawn.
    :returns: raw is float32 ``[n, 3]``, in metres; metadata: ``nothing`` 0, distance (m), rays that
        hit the thing, points of the floor and stray points. A thing of glass gives next to none.
    :raises UnavailableError: ``embreex`` is not installed.
    """
    scan = RangeScan(
        caster=thing.caster,
        azimuth=view.azimuth,
        elevation=view.elevation,
        steps=(math.radians(options.azimuth_step), math.radians(options.elevation_step)),
    )
    wanted = np.exp(random.uniform(*np.log([options.least_points, options.most_points])))
    distance = scan.distance_for(
        float(wanted), least=options.least_distance, most=options.most_distance
    )
    sensor = scan.position(distance)
    across, upward = random.random(2).tolist()
    origins, directions = scan.rays(distance, (across, upward))
    found = cast_solid(thing.caster, origins, directions)
    seen = np.flatnonzero(found.hit)
    hits = Hits(found.triangle[seen], found.distance[seen], found.barycentric[seen])
    towards = directions[seen]
    normal = surface_at(thing.mesh, hits, towards).normal
    cosine = np.abs(np.einsum('rk,rk->r', normal, towards)).astype(np.float64)
    kept = random.random(len(seen)) < returned(cosine, options)
    ranges = measured(hits.distance[kept].astype(np.float64), options, random)
    own = ranges[:, None] * towards[kept]
    box = thing.mesh.bounds.astype(np.float64) - sensor
    floor = _floor(box, -float(sensor[2]), options, random, len(own))
    strays = _strays(box, options, random, len(own))
    points = np.concatenate([own, floor, strays])
    facts: dict[str, float | int | str] = {
        'nothing': 0,
        'distance': distance,
        'hits': len(seen),
        'floor': len(floor),
        'strays': len(strays),
    }
    return Reading(_mounted(points, options, random, view.azimuth), facts)


def nothing(options: PointCloudSimulation, random: np.random.Generator) -> Reading:
    """An empty range: no points or a few stray ones."""
    count = int(random.integers(0, options.most_strays + 1))
    turn = random.uniform(0.0, 2.0 * np.pi, count)
    height = np.radians(random.uniform(-40.0, 5.0, count))
    distance = random.uniform(options.least_distance, options.most_distance, count)
    level = np.cos(height)
    away = np.stack([level * np.cos(turn), level * np.sin(turn), np.sin(height)], axis=1)
    points = _mounted(distance[:, None] * away, options, random, 0.0)
    return Reading(points, {'nothing': 1, 'strays': count})


def returned(cosine: NDArray[np.float64], options: PointCloudSimulation) -> NDArray[np.float64]:
    """Probability that an echo is measured, ``[r]``.

    :param cosine: of the angle of incidence, ``[r]``.
    """
    half = math.cos(math.radians(options.grazing)) ** 2
    return (1.0 - options.loss) * cosine**2 / (cosine**2 + max(half, 1e-12))


def measured(
    distance: NDArray[np.float64], options: PointCloudSimulation, random: np.random.Generator
) -> NDArray[np.float64]:
    """What the sensor says of true ranges, metres, ``[r]``."""
    spread = np.hypot(options.noise, options.noise_growth * distance) * 1e-3
    ranges = distance + random.standard_normal(len(distance)) * spread
    if options.quantum > 0.0:
        step = options.quantum * 1e-3
        ranges = np.rint(ranges / step) * step
    return np.asarray(np.maximum(ranges, 0.0), np.float64)


def _floor(
    box: _Points,
    ground: float,
    options: PointCloudSimulation,
    random: np.random.Generator,
    count: int,
) -> _Points:
    """Points of the floor in and just around the box, ``[n, 3]``, in the sensor's place."""
    number = int(count * random.uniform(0.0, options.floor))
    low, high = box
    side = 0.1 * (high - low)
    points = random.uniform(low - side, high + side, (number, 3))
    distance = np.linalg.norm(np.column_stack([points[:, :2], np.full(number, ground)]), axis=1)
    points[:, 2] = ground
    scale = measured(distance, options, random) / distance
    return np.asarray(points * scale[:, None], np.float64)


def _strays(
    box: _Points, options: PointCloudSimulation, random: np.random.Generator, count: int
) -> _Points:
    """Points anywhere in and around the box, ``[n, 3]``."""
    number = int(count * random.uniform(0.0, options.strays))
    low, high = box
    side = 0.15 * float(np.max(high - low))
    return np.asarray(random.uniform(low - side, high + side, (number, 3)), np.float64)


def _mounted(
    points: _Points, options: PointCloudSimulation, random: np.random.Generator, azimuth: float
) -> NDArray[np.float32]:
    """In the frame of a sensor that is mounted nearly level and faces the thing nearly."""
    heading = math.radians(random.uniform(-options.heading, options.heading))
    rolled, pitched = np.radians(random.normal(0.0, options.tilt, 2)).tolist()
    # a sensor at azimuth 0 stands at -y and looks along +y, which is its x when it faces the thing
    yaw = _turn(2, heading - azimuth - math.pi / 2.0)
    turned = points @ (_turn(1, pitched) @ _turn(0, rolled) @ yaw).T
    return np.ascontiguousarray(turned, np.float32)


def _turn(axis: int, angle: float) -> _Points:
    """Rotation about a coordinate axis, counter-clockwise seen from its tip, ``[3, 3]``."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = math.cos(angle)
    matrix[second, first] = math.sin(angle)
    matrix[first, second] = -math.sin(angle)
    return matrix
