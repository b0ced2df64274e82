"""Floor and wall: where they are, how bright they are, and the shadow on them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
import math

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.simulation.backdrop import Backdrop
from omnibind_core.simulation.backdrop import Plane
from omnibind_core.simulation.backdrop import white_paper
from omnibind_core.simulation.shading import Light
from omnibind_core.simulation.shading import Lighting
from omnibind_core.simulation.surface_pattern import SurfacePattern

SUN = Light((0.0, 0.6, 0.8), (1.0, 0.5, 0.25))
LIGHTING = Lighting((SUN,), sky=(0.2, 0.2, 0.2), ground=(0.1, 0.1, 0.1))


def vector(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def plain(value: float) -> SurfacePattern:
    levels = tuple(np.full((2**k, 2**k, 3), value, np.float32) for k in range(7, -1, -1))
    return SurfacePattern('plain', levels, 1.0)


def floor(value: float = 0.5) -> Plane:
    return Plane(vector(0, 0, 0), vector(0, 0, 1), vector(1, 0, 0), plain(value))


def wall(distance: float = 2.0, value: float = 0.5) -> Plane:
    return Plane(vector(0, distance, 0), vector(0, -1, 0), vector(1, 0, 0), plain(value))


def backdrop(*planes: Plane, penumbra: float = 0.0) -> Backdrop:
    return Backdrop(
        planes=planes,
        above=vector(0.9, 0.9, 0.9),
        horizon=vector(0.3, 0.3, 0.3),
        lamp=vector(0, 0, 1),
        lamp_share=0.0,
        penumbra=penumbra,
    )


def seen(scenery: Backdrop, directions: np.ndarray, caster: object = None) -> np.ndarray:
    towards = np.atleast_2d(np.asarray(directions, np.float32))
    towards = towards / np.linalg.norm(towards, axis=1, keepdims=True)
    origins = np.broadcast_to(vector(0, -3, 1), towards.shape)
    return scenery.seen(
        origins, towards, LIGHTING, pixel=0.01, shape=(1, len(towards)), caster=caster
    )


def test_a_floor_is_lit_as_lambert_says() -> None:
    """0.5 * (sky + 0.8 * sun); the cosine of the sun's height on a floor is 0.8."""
    found = seen(backdrop(floor()), [0, 1, -0.5])[0]
    np.testing.assert_allclose(found, 0.5 * (0.2 + 0.8 * np.array([1.0, 0.5, 0.25])), rtol=1e-5)


def test_a_wall_gets_half_sky_half_ground_and_no_sun_from_behind() -> None:
    found = seen(backdrop(wall()), [0, 1, 0.1])[0]
    np.testing.assert_allclose(found, 0.5 * 0.15, rtol=1e-5)


def test_the_nearer_plane_hides_the_other() -> None:
    """From (0, -3, 1) the floor ends at the wall's foot, 5 m away: 1 in 5 downwards."""
    both = backdrop(floor(0.4), wall(2.0, 0.8))
    above, below = seen(both, [[0, 5, -0.99], [0, 5, -1.01]])
    np.testing.assert_allclose(above, 0.8 * 0.15, rtol=1e-5)
    np.testing.assert_allclose(below[1], 0.4 * (0.2 + 0.4), rtol=1e-5)


def test_beyond_the_planes_is_a_screen_from_horizon_to_zenith() -> None:
    found = seen(backdrop(floor()), [[0, 1, 0.0], [0, 0, 1.0], [0, 1, 1.0]])
    white = white_paper(LIGHTING)
    np.testing.assert_allclose(white, [1.2, 0.7, 0.45], rtol=1e-6)
    np.testing.assert_allclose(found[0], 0.3 * white, rtol=1e-5)
    np.testing.assert_allclose(found[1], 0.9 * white, rtol=1e-5)
    assert (found[0] < found[2]).all()


def test_planes_have_no_back() -> None:
    plane = wall()
    origin = vector(0, 3, 1)[None]
    assert plane.distance(origin, vector(0, -1, 0)[None])[0] == np.inf
    assert plane.distance(origin, vector(0, 1, 0)[None])[0] == np.inf
    assert plane.distance(vector(0, 0, 1)[None], vector(0, 1, 0)[None])[0] == pytest.approx(2.0)


def test_a_cube_throws_its_shadow() -> None:
    """Edge 1, sun 53 degrees high from +y: the shadow reaches 0.75 beyond the cube towards -y."""
    pytest.importorskip('embreex')
    from sensor_things import cube

    scenery = backdrop(floor())
    thing = cube(1.0)
    points = np.array([[0, -0.5 - 0.70, 0], [0, -0.5 - 0.80, 0], [0.55, -0.6, 0], [0.45, -0.6, 0]])
    found = seen(scenery, points - [0, -3, 1], thing.caster)[:, 0]
    lit, dark = 0.5 * (0.2 + 0.8), 0.5 * 0.2
    np.testing.assert_allclose(found, [dark, lit, lit, dark], rtol=1e-5)


def test_a_penumbra_is_soft() -> None:
    pytest.importorskip('embreex')
    from sensor_things import cube

    y = np.linspace(-2.4, -0.6, 64)
    points = np.stack([np.zeros(64), y, np.zeros(64)], axis=1)
    towards = points - [0, -3, 1]
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    origins = np.broadcast_to(vector(0, -3, 1), towards.shape)
    steps = []
    for penumbra in (0.0, 0.05):
        light = backdrop(floor(), penumbra=penumbra).seen(
            origins,
            towards.astype(np.float32),
            LIGHTING,
            pixel=0.01,
            shape=(64, 1),
            caster=cube(1.0).caster,
        )[:, 0]
        steps.append(np.abs(np.diff(light)).max())
    # the picture is one pixel wide: the shorter side is 1, so 0.05 of it is no blur at all
    assert steps[0] == steps[1] == pytest.approx(0.4, rel=1e-4)
    square = np.broadcast_to(towards.astype(np.float32)[:, None], (64, 64, 3)).reshape(-1, 3)
    starts = np.broadcast_to(vector(0, -3, 1), square.shape)
    soft = backdrop(floor(), penumbra=0.05).seen(
        starts, square, LIGHTING, pixel=0.01, shape=(64, 64), caster=cube(1.0).caster
    )
    assert np.abs(np.diff(soft.reshape(64, 64, 3)[:, 30, 0])).max() < 0.1


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), azimuth=st.floats(0.0, 2 * math.pi))
def test_drawn_walls_are_behind_the_thing(seed: int, azimuth: float) -> None:
    """Beyond the sphere around it, and facing the viewer."""
    drawn = Backdrop.drawn(np.random.default_rng(seed), reach=0.7, azimuth=azimuth)
    viewer = np.array([math.sin(azimuth), -math.cos(azimuth), 0.0])
    for plane in drawn.planes:
        assert np.linalg.norm(plane.normal) == pytest.approx(1.0, abs=1e-5)
        assert abs(float(plane.normal @ plane.along)) < 1e-5
        if plane.normal[2] == 0.0:
            assert float(plane.normal @ viewer) > 0.8
            assert float(plane.normal @ plane.point) < -0.7


def test_surroundings_scale_with_the_thing() -> None:
    """So that a floor does not tell its size."""
    small, large = (
        Backdrop.drawn(np.random.default_rng(3), reach=reach, azimuth=1.0) for reach in (0.1, 2.0)
    )
    for near, far in zip(small.planes, large.planes, strict=True):
        np.testing.assert_allclose(20 * near.point, far.point, rtol=1e-5, atol=1e-6)
        assert 20 * near.pattern.period == pytest.approx(far.pattern.period)


def test_kinds_come_as_often_as_stated() -> None:
    def kind(seed: int) -> int:
        drawn = Backdrop.drawn(np.random.default_rng(seed), reach=1.0, azimuth=0.0)
        return len(drawn.planes)

    counts = Counter(kind(seed) for seed in range(400))
    assert counts[2] == pytest.approx(240, abs=35)
    assert counts[1] == pytest.approx(100, abs=30)
    assert counts[0] == pytest.approx(60, abs=28)


def test_a_lamp_makes_one_side_brighter() -> None:
    lit = replace(backdrop(floor()), lamp=vector(1, 0, 0), lamp_share=0.4)
    left, right = seen(lit, [[-1, 1, -0.5], [1, 1, -0.5]])[:, 0]
    assert right / left == pytest.approx(1.4 / 0.6, rel=1e-5)
