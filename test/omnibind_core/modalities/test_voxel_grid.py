"""The voxel grid against dictionaries of cubes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.modalities import voxel_grid


def _means(points: NDArray[np.float64], resolution: int) -> NDArray[np.float64]:
    """Mean of the points of each cube, relative to the lower corner, in order of x, y, z."""
    corner = points.min(axis=0)
    edge = (points.max(axis=0) - corner).max() / resolution
    cubes: dict[tuple[int, ...], list[NDArray[np.float64]]] = {}
    for point in points - corner:
        cube = tuple(min(int(value / edge), resolution - 1) for value in point)
        cubes.setdefault(cube, []).append(point)
    return np.array([np.mean(cubes[cube], axis=0) for cube in sorted(cubes)])


@pytest.mark.parametrize('seed', range(6))
def test_it_is_the_means_of_the_cubes_of_some_size(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(600, 3)) * rng.uniform(0.1, 20, 3) + rng.normal(size=3) * 5
    found = voxel_grid.reduced(points.T.astype(np.float64), 40, 80).T
    assert 40 <= len(found) <= 80
    assert found.dtype == np.float32
    errors = [
        np.abs(found - means).max()
        for means in (_means(points, resolution) for resolution in range(1, 40))
        if len(means) == len(found)
    ]
    assert min(errors) < 2e-6 * np.ptp(points, axis=0).max()


@given(st.integers(0, 1 << 32), st.integers(1, 40))
def test_the_order_of_the_points_makes_no_difference(seed: int, least: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(3, 200)).astype(np.float32)
    first = voxel_grid.reduced(points, least, 2 * least)
    second = voxel_grid.reduced(points[:, rng.permutation(200)], least, 2 * least)
    np.testing.assert_array_equal(first, second)
    assert least <= first.shape[1] <= 2 * least


def test_where_no_size_fits_an_even_choice_is_taken() -> None:
    # a lattice of 4 x 4 x 4: 8 cubes, 27, or all 64, nothing from 30 to 50
    lattice = np.array(np.meshgrid(*[np.arange(4.0)] * 3)).reshape(3, -1)
    found = voxel_grid.reduced(np.repeat(lattice, 3, axis=1), 30, 50)
    assert found.shape == (3, 50)
    expected = sorted(map(tuple, lattice.T.tolist()))
    assert [tuple(np.round(point, 4)) for point in found.T.tolist()] == [
        expected[index * 64 // 50] for index in range(50)
    ]


def test_fewer_places_than_asked_for_are_all_there() -> None:
    points = np.array([[0, 0, 5, 5, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]], np.float32)
    found = voxel_grid.reduced(points, 4, 8)
    np.testing.assert_allclose(found, [[0, 0, 5], [0, 1, 0], [0, 0, 0]], atol=1e-5)


def test_two_clusters_far_apart_are_still_resolved() -> None:
    rng = np.random.default_rng(0)
    near = rng.uniform(0, 0.1, (3, 900))
    points = np.concatenate([near, near[:, :100] + 100], axis=1)
    found = voxel_grid.reduced(points, 200, 400)
    assert 200 <= found.shape[1] <= 400
    assert (found[0] < 1).sum() > 100
