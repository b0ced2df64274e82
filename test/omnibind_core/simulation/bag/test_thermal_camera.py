"""The bag's thermal camera."""

from __future__ import annotations

from bag_places import place_of
from bag_places import ticks_at
import numpy as np
from numpy.typing import NDArray
import pytest
from sensor_things import cube

from omnibind_core.data.seeding import generator
from omnibind_core.modalities.registry import modality
from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.bag.sensor_settings import ThermalSettings
from omnibind_core.simulation.bag.thermal_camera import thermal_readings
from omnibind_core.simulation.sensors.thermal import ThermalSimulation
from omnibind_core.simulation.thing import Thing

pytest.importorskip('embreex')


def pictures(place: Place, times: list[float]) -> NDArray[np.float64]:
    """Kelvin, ``[n, h, w]``."""
    found = thermal_readings(place, ticks_at(times), ThermalSettings(), ThermalSimulation(), 5)
    counts = np.stack([picture for _, picture in found])
    assert counts.dtype == np.uint16
    return counts * 0.01


@pytest.mark.parametrize('thing', [cube(), None])
def test_only_the_noise_changes_at_rest(thing: Thing | None) -> None:
    """By the camera's NETD from picture to picture; heat, room and pattern stay."""
    place = place_of(thing, moving=False)
    found = pictures(place, [1.0 + 0.1 * number for number in range(25)])
    spread = found.std(axis=0, ddof=1).mean() * 1e3
    netd = generator(5, 'thermal', 'netd').uniform(50.0, 65.0)
    assert spread == pytest.approx(netd, rel=0.05)
    # the fixed pattern is what is left in the mean of an empty wall
    if thing is None:
        assert 10.0 < found.mean(axis=0).std() * 1e3 < 40.0


def test_motion() -> None:
    """The picture moves, its temperatures do not."""
    a, b = pictures(place_of(cube()), [1.0, 3.5])
    assert np.abs(a - b).max() > 0.5
    assert np.median(a) == pytest.approx(np.median(b), abs=1.0)


def test_nothing_to_sense() -> None:
    """Says the product itself, of an empty wall."""
    kind = modality('thermal')
    found = thermal_readings(
        place_of(None), ticks_at([1.0]), ThermalSettings(), ThermalSimulation(), 5
    )
    ((_, wall),) = found
    assert not kind.prepare(wall, kind.specification(), kind.sensor()).informative
