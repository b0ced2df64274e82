"""The bag's range sensor."""

from __future__ import annotations

from bag_places import place_of
from bag_places import ticks_at
import numpy as np
from numpy.typing import NDArray
import pytest
from sensor_things import cube
from sensor_things import table

from omnibind_core.simulation.bag.lidar import lidar_readings
from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.bag.sensor_settings import LidarSettings
from omnibind_core.simulation.sensors.point_cloud import PointCloudSimulation
from omnibind_core.simulation.thing import Thing

pytest.importorskip('embreex')

SETTINGS = LidarSettings(points=400, step=0.35)


def clouds(place: Place, times: list[float]) -> list[NDArray[np.float32]]:
    """At these times."""
    found = lidar_readings(place, ticks_at(times), SETTINGS, PointCloudSimulation(), 5)
    return [cloud for _, cloud in found]


@pytest.mark.parametrize('thing', [cube(), table()])
def test_clouds(thing: Thing) -> None:
    """As many points as are asked for, of one sensor at one distance and heading."""
    place = place_of(thing)
    found = clouds(place, [1.0 + 0.2 * number for number in range(10)])
    assert {cloud.shape for cloud in found} == {(400, 3)}
    assert all(cloud.dtype == np.float32 for cloud in found)
    middles = np.array([np.median(cloud, axis=0) for cloud in found])
    ranges = np.linalg.norm(middles, axis=1)
    assert np.ptp(ranges) < 0.25 * ranges.mean()
    assert np.ptp(np.arctan2(middles[:, 1], middles[:, 0])) < np.radians(10.0)


def test_every_scan_has_its_own_noise() -> None:
    """Also at rest."""
    a, b = clouds(place_of(cube(), moving=False), [1.0, 2.0])
    assert not (a == b).all()
    assert np.median(a, axis=0) == pytest.approx(np.median(b, axis=0), abs=0.05)


def test_an_empty_range() -> None:
    """A few stray points at most."""
    found = clouds(place_of(None), [1.0 + 0.1 * number for number in range(20)])
    assert all(len(cloud) <= 8 for cloud in found)
    assert any(len(cloud) for cloud in found)
