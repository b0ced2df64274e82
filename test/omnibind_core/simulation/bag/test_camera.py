"""The bag's colour camera."""

from __future__ import annotations

from bag_places import place_of
from bag_places import ticks_at
import numpy as np
from numpy.typing import NDArray
import pytest
from sensor_things import cube

from omnibind_core.simulation.bag.camera import camera_readings
from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.bag.sensor_settings import CameraSettings
from omnibind_core.simulation.sensors.image import ImageSimulation

pytest.importorskip('embreex')

SMALL = CameraSettings(width=64, height=48)


def pictures(
    place: Place, times: list[float], settings: CameraSettings = SMALL
) -> NDArray[np.float64]:
    """As numbers, ``[n, h, w, 3]``."""
    found = camera_readings(place, ticks_at(times), settings, ImageSimulation(), 5)
    return np.stack([picture for _, picture in found]).astype(np.float64)


def change(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Mean change of neighbourhoods of 4 x 4, in which noise averages out."""
    difference = (first - second).mean(axis=-1).reshape(12, 4, 16, 4).mean(axis=(1, 3))
    return float(np.abs(difference).mean())


def test_motion() -> None:
    """The nearer in time the more alike; two pictures of the same moment differ by noise alone."""
    a, b, c = pictures(place_of(cube()), [1.1, 1.2, 1.7])
    same, _ = pictures(place_of(cube()), [1.1, 1.1])
    assert (a == same).all()
    assert 0.0 < change(a, b) < change(a, c)


def test_at_rest() -> None:
    """One light, each picture's own noise."""
    a, b = pictures(place_of(cube(), moving=False), [1.0, 3.9])
    assert not (a == b).all()
    moved, _ = pictures(place_of(cube()), [3.9, 3.95])
    assert change(a, b) < 0.5 * change(a, moved)


def test_fewer_views_than_pictures() -> None:
    """With 5 views a second, pictures within 200 ms show one view, with noise of their own."""
    place = place_of(cube())
    few = CameraSettings(width=64, height=48, renders=5.0)
    a, b, c = pictures(place, [1.21, 1.39, 1.41], few)
    exact = pictures(place, [1.2, 1.2, 1.4])
    assert not (a == b).all()
    assert change(a, b) < change(b, c)
    assert (a == exact[0]).all()
    assert (c == exact[2]).all()


def test_nothing() -> None:
    """Surroundings without the thing."""
    with_thing = pictures(place_of(cube(), moving=False), [1.5])
    without = pictures(place_of(None, moving=False), [1.5])
    assert with_thing.shape == without.shape == (1, 48, 64, 3)
    assert change(with_thing[0], without[0]) > 1.0
