"""The robot's colour camera: the scene drawn where the robot is, with each picture's own noise."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
import math

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.seeding import generator
from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.bag.sensor_settings import CameraSettings
from omnibind_core.simulation.bag.ticks import Tick
from omnibind_core.simulation.camera_response import CameraResponse
from omnibind_core.simulation.camera_response import white_balance
from omnibind_core.simulation.sensors.image import ImageSimulation


def camera_readings(
    place: Place,
    ticks: Sequence[Tick],
    settings: CameraSettings,
    options: ImageSimulation,
    seed: int,
) -> Iterator[tuple[Tick, NDArray[np.uint8]]]:
    """Pictures at a stop, uint8 ``[h, w, 3]`` RGB.

    :param options: of the simulated camera; size and what moves are the bag's.
    """
    response = _response(place, options, generator(seed, 'camera', place.number))
    drawn = math.nan
    light = np.empty(0, np.float32)
    for tick in ticks:
        wanted = tick.time
        if settings.renders:
            wanted = max(
                math.floor(wanted * settings.renders) / settings.renders, place.period.begin
            )
        if not place.path.moving:
            wanted = place.period.begin
        if wanted != drawn:
            camera = place.framing(place.camera, wanted).camera(settings.width, settings.height)
            light = place.scene.seen(camera, place.caster, rays=options.rays).light
            drawn = wanted
        yield tick, response.picture(light, generator(seed, 'camera', 'noise', tick.number))


def _response(
    place: Place, options: ImageSimulation, random: np.random.Generator
) -> CameraResponse:
    """The camera's settings at a stop: they follow its light."""
    wells = np.log([options.least_full_well, options.most_full_well])
    balance = float(random.uniform(options.white_balance, 1.0))
    return CameraResponse(
        exposure=float(np.clip(random.normal(0.0, options.exposure), -1.5, 1.5)),
        full_well=float(np.exp(random.uniform(*wells))),
        read_noise=options.read_noise,
        blur=float(random.uniform(options.least_blur, options.most_blur)),
        gains=white_balance(place.scene.white, balance),
        vignetting=math.tan(place.camera.fov / 2.0) * float(random.uniform(0.0, 0.7)),
    )
