from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.simulation.triangulation import triangulate


def area_of(points: np.ndarray) -> float:
    """Shoelace formula."""
    x, y = points[:, 0], points[:, 1]
    return float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) / 2)


def signed_areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    return np.array([area_of(points[triangle]) for triangle in triangles])


def place(flat: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Flat corners in space."""
    return np.column_stack([flat, np.full(len(flat), 0.7)]) @ turn.T


TURNS = [
    np.eye(3),
    np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]]),
    np.linalg.qr(np.array([[1.0, 2, 3], [0, 1, 4], [5, 6, 0]]))[0],
]

SHAPES = {
    'square': [(0, 0), (1, 0), (1, 1), (0, 1)],
    'dart': [(0, 0), (2, 0.9), (4, 0), (2, 3)],
    'dart from its notch': [(2, 0.9), (4, 0), (2, 3), (0, 0)],
    'L': [(0, 0), (3, 0), (3, 1), (1, 1), (1, 3), (0, 3)],
    'door frame': [(0, 0), (1, 0), (1, 4), (3, 4), (3, 0), (4, 0), (4, 5), (0, 5)],
    'star': [
        (np.cos(a) * r, np.sin(a) * r)
        for a, r in zip(np.arange(14) * np.pi / 7, [2, 0.6] * 7, strict=True)
    ],
    'circle': [(np.cos(a), np.sin(a)) for a in np.arange(32) * np.pi / 16],
}


@pytest.mark.parametrize('turn', TURNS)
@pytest.mark.parametrize('reverse', [False, True])
@pytest.mark.parametrize('name', SHAPES)
def test_triangles_cover_the_polygon_once(name: str, reverse: bool, turn: np.ndarray) -> None:
    flat = np.array(SHAPES[name], float)[:: -1 if reverse else 1]
    triangles, owner = triangulate(place(flat, turn), np.array([len(flat)]))
    assert len(triangles) == len(flat) - 2
    assert set(owner) == {0}
    areas = signed_areas(flat, triangles)
    # No triangle turned over, and the sum is the whole: together, each point covered exactly once.
    assert (np.sign(areas) == np.sign(area_of(flat))).all()
    assert areas.sum() == pytest.approx(area_of(flat))


def test_polygons_of_many_sizes_keep_their_order() -> None:
    names = ['L', 'square', 'star', 'dart', 'square']
    points = np.concatenate([place(np.array(SHAPES[name], float), np.eye(3)) for name in names])
    sizes = np.array([len(SHAPES[name]) for name in names])
    triangles, owner = triangulate(points, sizes)
    assert owner.tolist() == sorted(owner.tolist())
    starts = np.cumsum(sizes) - sizes
    for number, size in enumerate(sizes):
        own = triangles[owner == number]
        assert len(own) == size - 2
        assert own.min() >= starts[number]
        assert own.max() < starts[number] + size


def test_nothing_to_do() -> None:
    triangles, owner = triangulate(np.zeros((0, 3)), np.zeros(0, np.int64))
    assert triangles.shape == (0, 3)
    assert owner.shape == (0,)


@given(st.lists(st.floats(0.2, 3.0), min_size=5, max_size=24))
def test_star_shaped_polygons_are_covered(radii: list[float]) -> None:
    angles = np.arange(len(radii)) * 2 * np.pi / len(radii)
    flat = np.column_stack([np.cos(angles) * radii, np.sin(angles) * radii])
    triangles, _ = triangulate(place(flat, TURNS[2]), np.array([len(flat)]))
    areas = signed_areas(flat, triangles)
    assert areas.sum() == pytest.approx(area_of(flat))
    assert np.abs(areas).sum() == pytest.approx(area_of(flat))
