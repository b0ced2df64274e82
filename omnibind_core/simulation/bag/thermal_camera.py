"""The robot's thermal camera: one room and one warm place at each stop, seen while it sways."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.seeding import generator
from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.bag.sensor_settings import ThermalSettings
from omnibind_core.simulation.bag.ticks import Tick
from omnibind_core.simulation.sensors import thermal
from omnibind_core.simulation.sensors.thermal import ThermalSimulation

_COUNTS = 0.1  # a millikelvin, in counts of 0.01 K


def thermal_readings(
    place: Place,
    ticks: Sequence[Tick],
    settings: ThermalSettings,
    options: ThermalSimulation,
    seed: int,
) -> Iterator[tuple[Tick, NDArray[np.uint16]]]:
    """Pictures at a stop, uint16 ``[h, w]``, 0.01 K a count.

    The same random numbers for each picture give the same room, heat and fixed pattern; only the
    noise that changes from picture to picture is drawn for each.

    :param options: of the simulated thermal camera; its size is the bag's.
    """
    netd = generator(seed, 'thermal', 'netd').uniform(options.least_netd, options.most_netd)
    still = replace(
        options, width=settings.width, height=settings.height, least_netd=0.0, most_netd=0.0
    )
    for tick in ticks:
        random = generator(seed, 'thermal', place.number)
        if place.thing is None:
            reading = thermal.nothing(still, random)
        else:
            reading = thermal.simulate(place.thing, place.view(tick.time), still, random)
        noise = generator(seed, 'thermal', 'noise', tick.number).normal(
            0.0, netd * _COUNTS, reading.raw.shape
        )
        yield tick, np.clip(np.rint(reading.raw + noise), 0, 65_535).astype(np.uint16)
