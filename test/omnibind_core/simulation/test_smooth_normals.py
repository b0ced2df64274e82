from __future__ import annotations

import numpy as np

from omnibind_core.simulation.smooth_normals import corner_normals


def sphere(rings: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """A ball of triangles, its vertices shared."""
    phi = np.linspace(0, np.pi, rings + 1)
    theta = np.arange(2 * rings) * np.pi / rings
    grid = np.stack(
        [
            np.sin(phi)[:, None] * np.cos(theta),
            np.sin(phi)[:, None] * np.sin(theta),
            np.repeat(np.cos(phi)[:, None], len(theta), 1),
        ],
        axis=-1,
    ).reshape(-1, 3)
    faces = []
    for i in range(rings):
        for j in range(len(theta)):
            k = (j + 1) % len(theta)
            a, b = i * len(theta) + j, i * len(theta) + k
            c, d = a + len(theta), b + len(theta)
            faces += [(a, c, d)] if i < rings - 1 else []
            faces += [(a, d, b)] if i > 0 else []
    # The two poles are many vertices at one place: make them one each.
    index = np.arange(len(grid))
    index[: len(theta)] = 0
    index[-len(theta) :] = len(grid) - 1
    faces_array = index[np.array(faces)]
    corners = grid[faces_array]
    area = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return grid, faces_array[np.linalg.norm(area, axis=1) > 1e-9]


def test_a_smooth_ball_has_the_normals_of_a_sphere() -> None:
    vertices, faces = sphere()
    normals = corner_normals(vertices, faces, np.ones(len(faces), np.int64))
    cosine = np.einsum('fck,fck->fc', normals, vertices[faces])
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 3.0


def test_without_smoothing_groups_triangles_are_flat() -> None:
    vertices, faces = sphere(6)
    normals = corner_normals(vertices, faces, np.zeros(len(faces), np.int64))
    np.testing.assert_allclose(normals[:, 0], normals[:, 1])
    np.testing.assert_allclose(normals[:, 0], normals[:, 2])


def test_a_right_angle_stays_a_crease_and_a_shallow_one_does_not() -> None:
    for height, smooth in ((1.0, False), (0.2, True)):
        # Two triangles that share the edge along y and rise to both sides.
        vertices = np.array([[0, 0, 0], [0, 1, 0], [-1, 0.5, height], [1, 0.5, height]], float)
        faces = np.array([[0, 1, 2], [1, 0, 3]])
        if height == 1.0:
            vertices[2, 0], vertices[3, 0] = -0.4, 0.4  # an angle of more than 120 degrees
        normals = corner_normals(vertices, faces, np.ones(2, np.int64))
        agree = np.allclose(normals[0, 0], normals[1, 1])
        assert agree is smooth


def test_groups_do_not_mix() -> None:
    vertices = np.array([[0, 0, 0], [0, 1, 0], [-1, 0.5, 0.2], [1, 0.5, 0.2]], float)
    faces = np.array([[0, 1, 2], [1, 0, 3]])
    apart = corner_normals(vertices, faces, np.array([1, 2]))
    np.testing.assert_allclose(apart, corner_normals(vertices, faces, np.zeros(2, np.int64)))
