from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import k0
from tiny_models import box_triangles
from tiny_models import mesh_of

from omnibind_core.simulation.heat import CONVECTION
from omnibind_core.simulation.heat import fin_length
from omnibind_core.simulation.heat import HeatField
from omnibind_core.simulation.heat import SOURCES
from omnibind_core.simulation.heat import Surroundings
from omnibind_core.simulation.heat import warm_place
from omnibind_core.simulation.physical_material import MATERIALS
from omnibind_core.simulation.ray_caster import RayCaster

pytest.importorskip('embreex')

AMBIENT = 293.15
WOOD = MATERIALS['wood']


@pytest.fixture(scope='module')
def box() -> RayCaster:
    return RayCaster(mesh_of(*box_triangles((0, 0, 0), (1, 1, 1))))


def field(box: RayCaster, source: str, seed: int = 0) -> HeatField:
    random = np.random.default_rng(seed)
    return HeatField.drawn(box, (WOOD,), ambient=AMBIENT, source=source, random=random)


def test_a_warm_place_is_the_fin_equations_solution() -> None:
    distance = np.linspace(0.0, 0.5, 400)
    for length in (0.003, 0.012, 0.13):
        exact = k0(np.maximum(distance, 0.05) / length) / k0(0.05 / length)
        np.testing.assert_allclose(
            warm_place(distance, 0.05, length), exact, rtol=1e-6, atol=1e-300
        )


def test_a_warm_place_satisfies_the_fin_equation_numerically() -> None:
    # T'' + T' / r = T / L^2 outside the warm place.
    length, step = 0.03, 1e-4
    radius = np.arange(0.06, 0.3, step)
    value = warm_place(radius, 0.05, length)
    slope = np.gradient(value, step)
    residual = np.gradient(slope, step) + slope / radius - value / length**2
    assert np.abs(residual[5:-5]).max() < 1e-3 * (1 / length**2)


def test_no_source_leaves_ambient_and_the_materials_offsets(box: RayCaster) -> None:
    heat = field(box, 'none')
    points = np.random.default_rng(1).random((50, 3)).astype(np.float32)
    normals = np.tile(np.float32([0, 0, 1]), (50, 1))
    found = heat.temperature(points, normals, np.zeros(50, np.int32))
    np.testing.assert_allclose(found, AMBIENT + heat.offsets[0])


@pytest.mark.parametrize('source', ['inside', 'touched'])
def test_a_warm_place_is_hottest_at_its_middle_and_gone_far_away(
    box: RayCaster, source: str
) -> None:
    heat = replace(field(box, source), offsets=np.zeros(1), radius=0.1)
    away = np.array([0.0, 0.05, 0.1, 0.12, 0.2, 5.0])
    points = (heat.position + away[:, None] * np.array([1.0, 0, 0])).astype(np.float32)
    normals = np.tile(np.float32([1, 0, 0]), (6, 1))
    rise = heat.temperature(points, normals, np.zeros(6, np.int32)) - AMBIENT
    np.testing.assert_allclose(rise[:2], heat.strength, rtol=1e-6)
    # Rounded to float32, the third point may lie a little outside.
    assert rise[2] == pytest.approx(heat.strength, rel=1e-3)
    assert (np.diff(rise[2:]) < 0).all()
    assert rise[-1] < 1e-6


def test_sunlight_follows_the_cosine_and_the_things_own_shadow(box: RayCaster) -> None:
    heat = replace(
        field(box, 'sunlight'),
        offsets=np.zeros(1),
        strength=400.0,
        position=np.array([0.5, 0.5, 1.0]),
        direction=np.array([0.6, 0.0, 0.8]),
        radius=3.0,
        lengths=np.zeros(1) + 1e-9,
    )
    points = np.float32([[0.5, 0.5, 1.0], [1.0, 0.5, 0.5], [0.0, 0.5, 0.5], [0.5, 0.5, 0.0]])
    normals = np.float32([[0, 0, 1], [1, 0, 0], [-1, 0, 0], [0, 0, 1]])
    rise = heat.temperature(points, normals, np.zeros(4, np.int32)) - AMBIENT
    full = 400.0 / CONVECTION
    # Top 0.8, sunny side 0.6, far side 0; the floor inside faces the sun but is shaded.
    np.testing.assert_allclose(rise, [0.8 * full, 0.6 * full, 0.0, 0.0], rtol=1e-4, atol=1e-9)


def test_warmth_spreads_farther_in_metal() -> None:
    assert fin_length(WOOD) == pytest.approx((0.16 * 0.018 / 20) ** 0.5)
    assert fin_length(MATERIALS['aluminium']) > 5 * fin_length(WOOD)


@pytest.mark.parametrize('source', SOURCES)
def test_draws_depend_on_the_generator_only(box: RayCaster, source: str) -> None:
    small = RayCaster(mesh_of(*box_triangles((0, 0, 0), (0.1, 0.1, 0.1))))
    first, other = field(box, source, 7), field(small, source, 7)
    # The same temperatures for another thing: only where and how wide scale with it.
    assert first.strength == other.strength
    np.testing.assert_array_equal(first.offsets, other.offsets)
    assert first.radius == pytest.approx(10 * other.radius, rel=1e-5)


def test_surroundings_have_a_floor_a_ceiling_and_one_odd_place() -> None:
    room = Surroundings(AMBIENT, 2.0, -1.5, (1.0, 0.0, 0.0), 6.0, 0.3)
    directions = np.float32([[0, 0, -1], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0.6, 0.8, 0.0]])
    found = room.seen(directions) - AMBIENT
    np.testing.assert_allclose(found, [-1.5, 0.0, 2.0, 6.0, 0.0], atol=0.01)
