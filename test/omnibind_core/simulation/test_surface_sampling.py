from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree
from tiny_models import box_triangles
from tiny_models import mesh_of

from omnibind_core.simulation.surface_sampling import sample_surface


def test_points_lie_on_their_triangles() -> None:
    mesh = mesh_of(*box_triangles((0, 0, 0), (1, 2, 3)))
    points, triangle = sample_surface(mesh, 500)
    corners = mesh.triangles[triangle].astype(float)
    # Barycentric coordinates by least squares: inside, and the point is met.
    edges = np.stack([corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]], axis=2)
    offset = points - corners[:, 0]
    uv = np.array(
        [np.linalg.lstsq(e, o, rcond=None)[0] for e, o in zip(edges, offset, strict=True)]
    )
    np.testing.assert_allclose(np.einsum('nkc,nc->nk', edges, uv), offset, atol=1e-9)
    assert (uv >= -1e-9).all()
    assert (uv.sum(axis=1) <= 1 + 1e-9).all()


def test_every_triangle_gets_its_share_to_one_point() -> None:
    mesh = mesh_of(*box_triangles((0, 0, 0), (1, 2, 3)))
    _, triangle = sample_surface(mesh, 1000)
    counts = np.bincount(triangle, minlength=len(mesh.faces))
    expected = 1000 * mesh.areas / mesh.areas.sum()
    assert np.abs(counts - expected).max() <= 1.0


def test_points_are_spread_evenly() -> None:
    mesh = mesh_of(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], float), np.array([[0, 1, 2]]))
    points, _ = sample_surface(mesh, 512)
    nearest = cKDTree(points).query(points, k=2)[0][:, 1]
    random = np.sort(np.random.default_rng(0).random((512, 2)), axis=1)
    random = np.column_stack([random[:, 0], 1 - random[:, 1], np.zeros(512)])
    assert nearest.min() > 5 * cKDTree(random).query(random, k=2)[0][:, 1].min()


def test_the_same_each_time_and_other_points_for_another_phase() -> None:
    mesh = mesh_of(*box_triangles((0, 0, 0), (1, 2, 3)))
    first, _ = sample_surface(mesh, 64)
    again, _ = sample_surface(mesh, 64)
    other, _ = sample_surface(mesh, 64, start=0.25)
    np.testing.assert_array_equal(first, again)
    assert cKDTree(first).query(other)[0].min() > 0.0


@pytest.mark.parametrize('count', [1, 2])
def test_few_points(count: int) -> None:
    mesh = mesh_of(*box_triangles((0, 0, 0), (1, 1, 1)))
    assert sample_surface(mesh, count)[0].shape == (count, 3)
