"""How the robot sways: slowly, within bounds, and not at all when it stands."""

from __future__ import annotations

import math

import numpy as np
import pytest

from omnibind_core.data.seeding import generator
from omnibind_core.simulation.bag.sway import Sway
from omnibind_core.simulation.bag.sway import SwayPath
from omnibind_core.simulation.framing import Framing
from omnibind_core.simulation.thing import View

SWAY = Sway(pan=0.08, pan_period=2.0, orbit=10.0, approach=0.05)
MIDDLE = Framing(
    target=(0.0, 0.0, 0.5), distance=2.0, azimuth=1.0, elevation=0.4, fov=0.7, shift=(0.2, -0.1)
)


def test_bounds() -> None:
    """As far as it is said and no farther; the fastest pan is 2 pi pan / period."""
    path = SwayPath.drawn(SWAY, generator('s'))
    times = np.arange(0.0, 60.0, 0.01)
    found = [path.framing(MIDDLE, float(time)) for time in times]
    right = np.array([item.shift[0] for item in found])
    assert right.max() == pytest.approx(0.2 + 0.16, abs=1e-3)
    assert right.min() == pytest.approx(0.2 - 0.16, abs=1e-3)
    # 2 from edge to edge of the square
    fastest = np.abs(np.diff(right)).max() / 0.01 / 2.0
    assert fastest == pytest.approx(2.0 * math.pi * 0.08 / 2.0, rel=1e-3)
    around = np.array([item.azimuth for item in found])
    assert np.abs(around - 1.0).max() == pytest.approx(math.radians(10.0), abs=1e-3)
    distance = np.array([item.distance for item in found])
    assert np.abs(distance / 2.0 - 1.0).max() == pytest.approx(0.05, abs=1e-3)
    assert {(item.target, item.fov) for item in found} == {(MIDDLE.target, MIDDLE.fov)}


def test_the_robot_is_where_its_cameras_are() -> None:
    """View and framing have one azimuth and one elevation."""
    path = SwayPath.drawn(SWAY, generator('s'))
    view, framing = path.view(View(azimuth=1.0, elevation=0.4), 3.3), path.framing(MIDDLE, 3.3)
    assert (view.azimuth, view.elevation) == (framing.azimuth, framing.elevation)


def test_at_rest() -> None:
    """Nothing moves."""
    path = SwayPath.drawn(SWAY, generator('s'), moving=False)
    assert path.framing(MIDDLE, 0.0) == path.framing(MIDDLE, 5.0)
    assert SwayPath.drawn(SWAY, generator('s')).framing(MIDDLE, 0.0) == path.framing(MIDDLE, 5.0)


def test_neither_zenith_nor_floor() -> None:
    """An elevation stays between 2 and 80 degrees."""
    path = SwayPath.drawn(Sway(orbit=90.0), generator('s'))
    for low in (0.0, 1.5):
        views = [path.view(View(azimuth=0.0, elevation=low), t * 0.3) for t in range(100)]
        assert all(math.radians(2.0) <= view.elevation <= math.radians(80.0) for view in views)
