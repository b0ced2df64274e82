"""Rays of a scanning range sensor."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import numpy as np
import pytest

pytest.importorskip('embreex')

from sensor_things import assortment
from sensor_things import cube
from sensor_things import table

from omnibind_core.simulation.range_scan import RangeScan
from omnibind_core.simulation.thing import Thing

STEPS = (math.radians(0.4), math.radians(0.7))
THINGS = assortment()


def scan(thing: Thing, azimuth: float = 0.4, elevation: float = 0.3) -> RangeScan:
    return RangeScan(caster=thing.caster, azimuth=azimuth, elevation=elevation, steps=STEPS)


@settings(max_examples=50)
@given(
    number=st.integers(0, len(THINGS) - 1),
    azimuth=st.floats(0.0, 2 * math.pi),
    elevation=st.floats(0.0, 1.2),
    phase=st.tuples(st.floats(0.0, 0.999), st.floats(0.0, 0.999)),
)
def test_rays_are_a_grid_that_holds_the_whole_thing(
    number: int, azimuth: float, elevation: float, phase: tuple[float, float]
) -> None:
    thing = THINGS[number]
    here = scan(thing, azimuth, elevation)
    distance = 2.0 * float(np.linalg.norm(thing.mesh.size))
    origins, directions = here.rays(distance, phase)
    assert directions.dtype == origins.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1.0, atol=1e-5)
    middle = thing.mesh.bounds.mean(axis=0)
    assert np.linalg.norm(origins[0] - middle) == pytest.approx(distance, rel=1e-4)
    ahead = np.arctan2(*(middle - origins[0])[[1, 0]])
    turn = (np.arctan2(directions[:, 1], directions[:, 0]) - ahead + np.pi) % (2 * np.pi) - np.pi
    height = np.arcsin(directions[:, 2])
    for angle, step, moved in zip((turn, height), STEPS, phase, strict=True):
        count = angle / step - moved
        assert np.abs(count - np.rint(count)).max() < 0.01
    corners = thing.mesh.vertices - origins[0]
    lies = np.arctan2(corners[:, 1], corners[:, 0]) - ahead
    lies = (lies + np.pi) % (2 * np.pi) - np.pi
    up = np.arctan2(corners[:, 2], np.hypot(corners[:, 0], corners[:, 1]))
    assert turn.min() <= lies.min() + 1e-5
    assert turn.max() >= lies.max() - 1e-5
    assert height.min() <= up.min() + 1e-5
    assert height.max() >= up.max() - 1e-5


@pytest.mark.parametrize('wanted', [300, 1000, 3000])
def test_about_as_many_rays_hit_as_wanted(wanted: int) -> None:
    for thing in THINGS:
        for azimuth in (0.0, 2.0):
            here = scan(thing, azimuth)
            distance = here.distance_for(wanted, least=0.01, most=1000.0)
            hits = int(thing.caster.cast(*here.rays(distance)).hit.sum())
            assert hits == pytest.approx(wanted, rel=0.25)


def test_a_cube_from_afar_subtends_its_area_over_the_squared_distance() -> None:
    """Straight ahead, at elevation 0: edge squared over (distance squared times the steps)."""
    distance = scan(cube(0.5), 0.0, 0.0).distance_for(400.0, least=0.1, most=100.0)
    wanted = math.sqrt(0.5**2 / (400.0 * STEPS[0] * STEPS[1])) + 0.25  # to its front
    assert distance == pytest.approx(wanted, rel=0.06)


def test_the_sensor_is_neither_within_the_thing_nor_out_of_reach() -> None:
    here = scan(table())
    radius = float(np.linalg.norm(table().mesh.size)) / 2
    assert here.distance_for(1e7, least=0.1, most=9.0) == pytest.approx(1.3 * radius)
    assert here.distance_for(1e7, least=5.0, most=9.0) == 5.0
    assert here.distance_for(1.0, least=0.1, most=9.0) == 9.0


def test_huge_grids_are_thinned_out() -> None:
    fine = RangeScan(caster=cube().caster, azimuth=0.0, elevation=0.2, steps=(1e-4, 1e-4))
    _, directions = fine.rays(0.6)
    assert 200_000 < len(directions) < 1_100_000
