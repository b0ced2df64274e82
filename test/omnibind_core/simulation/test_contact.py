from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from tiny_models import box_triangles
from tiny_models import joined
from tiny_models import mesh_of

from omnibind_core.errors import InputError
from omnibind_core.simulation.contact import height_map
from omnibind_core.simulation.contact import press
from omnibind_core.simulation.contact import touch_point
from omnibind_core.simulation.contact import TouchPoint
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.ray_caster import RayCaster

pytest.importorskip('embreex')

PATCH = {'shape': (60, 80), 'pitch': (0.236e-3, 0.236e-3)}


def box(low: tuple, high: tuple) -> RayCaster:
    return RayCaster(mesh_of(*box_triangles(low, high)))


def cylinder(radius: float, segments: int, *, smooth: bool) -> RayCaster:
    """A tube along x, with the normals of a round or of a faceted one."""
    angle = np.linspace(0.0, 2 * np.pi, segments + 1)[:-1]
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius
    vertices = np.concatenate([np.column_stack([np.full(segments, x), ring]) for x in (-1.0, 1.0)])
    i = np.arange(segments)
    j = (i + 1) % segments
    faces = np.concatenate(
        [np.stack([i, j, j + segments], 1), np.stack([i, j + segments, i + segments], 1)]
    )
    mesh = mesh_of(vertices + np.array([0, 0, 1.0]), faces)
    if smooth:
        normals = vertices.copy()
        normals[:, 0] = 0.0
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        mesh = Mesh(
            mesh.name,
            mesh.vertices,
            mesh.faces,
            normals[faces].astype(np.float32),
            mesh.uv,
            mesh.material,
            mesh.materials,
        )
    return RayCaster(mesh)


def test_points_are_drawn_by_area_on_outer_faces() -> None:
    # A big box with a small one hidden inside it; both stand well above the floor.
    parts = joined(
        [box_triangles((0, 0, 1), (1, 2, 2)), box_triangles((0.4, 0.4, 1.4), (0.6, 0.6, 1.6))]
    )
    caster = RayCaster(mesh_of(*parts))
    random = np.random.default_rng(1)
    found = [touch_point(caster, random) for _ in range(800)]
    on_axis = np.array([int(np.abs(item.outward).argmax()) for item in found])
    assert all(item.triangle < 12 for item in found)
    for item in found:
        ahead = item.position + 0.01 * item.outward
        assert not ((ahead > [0, 0, 1]) & (ahead < [1, 2, 2])).all()
    # Areas of the faces across x, y, z: 4, 2, 4 of 10.
    share = np.bincount(on_axis, minlength=3) / 800
    np.testing.assert_allclose(share, [0.4, 0.2, 0.4], atol=0.06)


def test_no_finger_fits_under_a_thing_on_the_floor() -> None:
    caster = box((0, 0, 0), (1, 1, 1))
    random = np.random.default_rng(2)
    outward = np.array([touch_point(caster, random).outward for _ in range(300)])
    assert (outward[:, 2] > -0.5).all()


def test_a_closed_room_is_touched_all_the_same() -> None:
    # Seen from inside there is no free way out; the side with more room is taken.
    caster = box((0, 0, 0.001), (1, 1, 0.002))
    point = touch_point(caster, np.random.default_rng(3))
    assert np.isfinite(point.position).all()
    assert np.linalg.norm(point.outward) == pytest.approx(1.0)


def test_height_of_a_plane_is_zero_and_of_a_slant_its_tangent() -> None:
    caster = box((-1, -1, 0), (1, 1, 1))
    point = TouchPoint(np.array([0.1, 0.2, 1.0]), np.array([0.0, 0.0, 1.0]), 0)
    flat = height_map(caster, point, **PATCH, roll=0.7, tilt=(0.0, 0.0))
    np.testing.assert_allclose(flat, 0.0, atol=1e-9)
    slant = height_map(caster, point, **PATCH, roll=0.7, tilt=(0.1, 0.0))
    # Leaning towards its columns' direction, the finger meets the surface earlier there.
    steps = np.diff(slant, axis=1)
    np.testing.assert_allclose(np.abs(steps), 0.236e-3 * np.tan(0.1), rtol=1e-6)
    np.testing.assert_allclose(np.diff(slant, axis=0), 0.0, atol=1e-9)


def test_beyond_an_edge_there_is_a_drop() -> None:
    caster = box((-1, -1, 0), (0, 1, 1))
    point = TouchPoint(np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0]), 0)
    depth = height_map(caster, point, **PATCH, roll=0.3, tilt=(0.0, 0.0))
    assert set(np.abs(np.round(np.unique(depth), 6))) == {0.0, 0.02}
    assert (depth < 1e-6).mean() == pytest.approx(0.5, abs=0.02)


def test_a_rounded_cylinder_is_rounder_than_its_facets() -> None:
    radius = 0.02
    # The middle of a facet: where it is farthest from the round tube it stands for.
    angle = 2 * np.pi / 12 * 2.5
    outward = np.array([0.0, np.cos(angle), np.sin(angle)])
    errors = {}
    for smooth in (False, True):
        caster = cylinder(radius, 12, smooth=smooth)
        middle = outward * radius * np.cos(np.pi / 12) + np.array([0, 0, 1.0])
        point = TouchPoint(middle, outward, 0)
        depth = height_map(caster, point, **PATCH, roll=0.0, tilt=(0.0, 0.0))
        x = (np.arange(80) - 39.5) * 0.236e-3
        y = (np.arange(60) - 29.5) * 0.236e-3
        # Whichever way the finger lies, one axis runs around the tube.
        around = y if np.ptp(depth[:, 40]) > np.ptp(depth[30]) else x
        profile = depth[:, 40] if around is y else depth[30]
        exact = radius * np.cos(np.pi / 12) - np.sqrt(radius**2 - around**2)
        errors[smooth] = np.abs(profile - exact).max()
    assert errors[False] > 0.5e-3
    assert errors[True] < 0.35 * errors[False]


@given(
    gaps=st.lists(st.floats(0.0, 0.01), min_size=1, max_size=40),
    force=st.floats(0.01, 50.0),
)
def test_springs_carry_exactly_the_force(gaps: list[float], force: float) -> None:
    gap, stiffness, area = np.array(gaps), 5e7, 1e-6
    depth = press(gap, force, stiffness, area)
    carried = stiffness * area * np.maximum(depth - (gap - gap.min()), 0.0).sum()
    assert carried == pytest.approx(force, rel=1e-9)


def test_a_flat_punch_and_a_ball_against_closed_forms() -> None:
    stiffness, force = 5e7, 4.0
    assert press(np.zeros((50, 50)), force, stiffness, 1e-8) == pytest.approx(
        force / (stiffness * 2500e-8)
    )
    # A ball on springs: F = pi K R d^2 (Johnson 1985, equation 4.56 with a^2 = 2 R d).
    pitch, radius = 2e-5, 0.02
    x = (np.arange(600) - 299.5) * pitch
    gap = (x[:, None] ** 2 + x[None] ** 2) / (2 * radius)
    expected = np.sqrt(0.2 / (np.pi * stiffness * radius))
    assert press(gap, 0.2, stiffness, pitch**2) == pytest.approx(expected, rel=2e-3)


def test_no_force_is_no_press() -> None:
    with pytest.raises(InputError, match='values above 0'):
        press(np.zeros(3), 0.0, 1.0, 1.0)
