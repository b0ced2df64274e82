"""Deformed copies: still meshes, other shapes, other colours, right normals."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.simulation.deformation import colour_matrix
from omnibind_core.simulation.deformation import Deformation
from omnibind_core.simulation.deformation import deformed
from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.mesh import Mesh


def bumpy_sheet(side: int = 90) -> Mesh:
    """A smooth sheet with exact normals: z = 0.5 + 0.2 sin(3x) cos(2y) over a square of 2 m."""
    grid = np.linspace(-1.0, 1.0, side)
    x, y = np.meshgrid(grid, grid, indexing='ij')
    z = 0.5 + 0.2 * np.sin(3 * x) * np.cos(2 * y)
    vertices = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    slope = np.stack(
        [
            -0.6 * np.cos(3 * x) * np.cos(2 * y),
            0.4 * np.sin(3 * x) * np.sin(2 * y),
            np.ones_like(x),
        ],
        axis=-1,
    ).reshape(-1, 3)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    corner = np.arange(side * side).reshape(side, side)
    a, b, c, d = corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]
    faces = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)]).reshape(-1, 3)
    texture = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    return Mesh(
        name='sheet',
        vertices=vertices.astype(np.float32),
        faces=faces.astype(np.int32),
        normals=slope[faces].astype(np.float32),
        uv=vertices[faces][..., :2].astype(np.float32),
        material=np.zeros(len(faces), np.int32),
        materials=(Material('wood', diffuse=(0.2, 0.5, 0.7), texture=texture),),
    )


SHEET = bumpy_sheet()


@given(seed=st.integers(0, 10**6))
def test_normals_stay_normal(seed: int) -> None:
    """Within the mesh's own error of the deformed triangles' planes, on the same side."""
    copy = deformed(
        SHEET, Deformation(twist=20.0, taper=0.3, bend=0.15), np.random.default_rng(seed)
    )
    flat = copy.face_normals.astype(np.float64)
    smooth = copy.normals.astype(np.float64).mean(axis=1)
    smooth /= np.linalg.norm(smooth, axis=1, keepdims=True)
    assert np.einsum('fk,fk->f', flat, smooth).min() > np.cos(np.radians(8.0))
    assert np.allclose(np.linalg.norm(copy.normals, axis=2), 1.0, atol=1e-5)


@given(seed=st.integers(0, 10**6))
def test_it_stands_where_the_original_stood(seed: int) -> None:
    """On z = 0, centred; proportions change within bounds; parts keep their material."""
    settings = Deformation(twist=0.0, taper=0.0, bend=0.0)
    copy = deformed(SHEET, settings, np.random.default_rng(seed))
    low, high = copy.bounds
    assert low[2] == pytest.approx(0.0, abs=1e-6)
    assert np.allclose(low[:2] + high[:2], 0.0, atol=1e-5)
    ratio = np.log(copy.size / SHEET.size)
    assert np.abs(ratio).max() <= settings.stretch + 1e-5
    assert np.array_equal(copy.material, SHEET.material)
    assert copy.materials[0].name == 'wood'


def test_the_same_seed_gives_the_same_copy() -> None:
    """Another seed another one; no change allowed gives the original."""
    first = deformed(SHEET, Deformation(), np.random.default_rng(1))
    again = deformed(SHEET, Deformation(), np.random.default_rng(1))
    other = deformed(SHEET, Deformation(), np.random.default_rng(2))
    assert np.array_equal(first.vertices, again.vertices)
    assert np.array_equal(first.materials[0].texture, again.materials[0].texture)
    assert not np.allclose(first.vertices, other.vertices)
    assert not np.array_equal(first.materials[0].texture, other.materials[0].texture)
    still = Deformation(
        stretch=0, taper=0, twist=0, bend=0, mirror=0, hue=0, saturation=0, brightness=0
    )
    same = deformed(SHEET, still, np.random.default_rng(3))
    bottom = [0.0, 0.0, SHEET.bounds[0, 2]]
    assert np.allclose(same.vertices, SHEET.vertices - bottom, atol=1e-6)
    assert np.allclose(same.normals, SHEET.normals, atol=1e-6)
    assert np.array_equal(same.materials[0].texture, SHEET.materials[0].texture)


def test_mirroring() -> None:
    """x changes sign, triangles are turned over with their normals and texture coordinates."""
    settings = Deformation(
        stretch=0, taper=0, twist=0, bend=0, mirror=1, hue=0, saturation=0, brightness=0
    )
    copy = deformed(SHEET, settings, np.random.default_rng(0))
    assert np.allclose(copy.vertices[:, 0], -SHEET.vertices[:, 0], atol=1e-6)
    assert (copy.face_normals[:, 2] > 0).all()
    assert np.allclose(copy.normals[:, 0], SHEET.normals[:, 2] * [-1, 1, 1], atol=1e-6)
    assert np.array_equal(copy.uv[:, 0], SHEET.uv[:, 2])


def test_colours() -> None:
    """120 degrees turn red into green; grey stays grey; brightness and saturation are factors."""
    assert np.allclose(colour_matrix(120.0, 1.0, 1.0) @ [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    assert np.allclose(colour_matrix(77.0, 0.3, 0.5) @ [0.4, 0.4, 0.4], [0.2, 0.2, 0.2])
    assert np.allclose(colour_matrix(0.0, 0.0, 1.0) @ [0.9, 0.3, 0.0], [0.4, 0.4, 0.4])


@given(seed=st.integers(0, 10**6))
def test_bending_shifts_sideways_and_never_folds(seed: int) -> None:
    """Feet stay on the floor; no shift beyond ``bend``; neighbours stay in order."""
    settings = Deformation(
        stretch=0, taper=0, twist=0, bend=0.2, mirror=0, hue=0, saturation=0, brightness=0
    )
    copy = deformed(SHEET, settings, np.random.default_rng(seed))
    assert np.allclose(copy.vertices[:, 2], SHEET.vertices[:, 2] - SHEET.bounds[0, 2], atol=1e-6)
    shift = (copy.vertices - SHEET.vertices)[:, :2].astype(np.float64)
    reach = np.linalg.norm(SHEET.size) / 2
    # centring moves everything by as much again at most
    assert np.linalg.norm(shift, axis=1).max() <= 2 * 0.2 * reach
    assert (copy.face_normals[:, 2] > 0).all()


def test_bending_bends() -> None:
    """Not a mere shift: what was straight is not."""
    settings = Deformation(stretch=0, taper=0, twist=0, bend=0.2, mirror=0)
    copy = deformed(SHEET, settings, np.random.default_rng(3))
    shift = (copy.vertices - SHEET.vertices)[:, :2]
    assert np.ptp(shift, axis=0).max() > 0.05
