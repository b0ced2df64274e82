"""The robot's range sensor: scans of what is before it, as its driver crops them."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
import math

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.seeding import generator
from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.bag.sensor_settings import LidarSettings
from omnibind_core.simulation.bag.ticks import Tick
from omnibind_core.simulation.sensors import point_cloud
from omnibind_core.simulation.sensors.point_cloud import PointCloudSimulation

_Cloud = NDArray[np.float32]
_SURPLUS = 1.3  # rays for each point that is wanted: some echoes are lost


def lidar_readings(
    place: Place,
    ticks: Sequence[Tick],
    settings: LidarSettings,
    options: PointCloudSimulation,
    seed: int,
) -> Iterator[tuple[Tick, _Cloud]]:
    """Clouds at a stop, float32 ``[n, 3]``, m; the sensor at the origin, x forwards, z up.

    The robot keeps its distance, and the sensor its heading, for the whole stop.

    :param options: of the simulated sensor; resolution and number of points are the bag's.
    """
    random = generator(seed, 'lidar', place.number)
    heading = math.radians(random.uniform(-options.heading, options.heading))
    rays = math.ceil(_SURPLUS * settings.points)
    own = replace(
        options,
        azimuth_step=settings.step,
        elevation_step=settings.step,
        least_points=rays,
        most_points=rays,
        heading=0.0,
        tilt=0.0,
    )
    placed = False
    for tick in ticks:
        noise = generator(seed, 'lidar', 'noise', tick.number)
        if place.thing is None:
            yield tick, point_cloud.nothing(own, noise).raw
            continue
        reading = point_cloud.simulate(place.thing, place.view(tick.time), own, noise)
        if not placed:
            distance = float(reading.metadata['distance'])
            own = replace(own, least_distance=distance, most_distance=distance)
            placed = True
        yield tick, _turned(_thinned(reading.raw, settings.points, noise), heading)


def _thinned(points: _Cloud, most: int, random: np.random.Generator) -> _Cloud:
    """So many of the points, in their order."""
    if len(points) <= most:
        return points
    return points[np.sort(random.choice(len(points), most, replace=False))]


def _turned(points: _Cloud, heading: float) -> _Cloud:
    """About the vertical axis, counter-clockwise from above."""
    cosine, sine = math.cos(heading), math.sin(heading)
    matrix = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]], np.float32)
    return np.ascontiguousarray(points @ matrix)
