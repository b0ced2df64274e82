"""Farthest-point sampling against a loop in plain Python."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from omnibind_core.modalities.farthest_point_sampling import farthest_points


def _by_loop(points: list[tuple[int, int, int]], count: int, start: int) -> list[int]:
    taken = [start]
    while len(taken) < count:
        best, farthest = -1, -1
        for index, point in enumerate(points):
            if index in taken:
                continue
            nearest = min(
                sum((a - b) ** 2 for a, b in zip(point, points[other], strict=True))
                for other in taken
            )
            if nearest > farthest:
                best, farthest = index, nearest
        taken.append(best)
    return taken


_POINT = st.tuples(*[st.integers(-5, 5)] * 3)


@given(st.lists(_POINT, min_size=1, max_size=14), st.data())
def test_against_a_loop(points: list[tuple[int, int, int]], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(points)))
    start = data.draw(st.integers(0, len(points) - 1))
    array = np.array(points, np.float32).T
    assert farthest_points(array, count, start).tolist() == _by_loop(points, count, start)


def test_the_corners_of_a_cube_come_first() -> None:
    rng = np.random.default_rng(0)
    corners = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1).T
    points = np.concatenate([rng.uniform(0.2, 0.8, (500, 3)), corners])
    taken = farthest_points(points.T.astype(np.float32), 8, 500)
    assert sorted(taken.tolist()) == list(range(500, 508))


def test_no_point_is_taken_twice() -> None:
    points = np.zeros((3, 7), np.float32)
    points[0, 3] = 1
    assert farthest_points(points, 7, 0).tolist() == [0, 3, 1, 2, 4, 5, 6]


def test_coverage_is_better_than_of_a_random_choice() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(2000, 3))
    points[:1800] *= 0.1  # most of them in one place

    def uncovered(chosen: np.ndarray) -> float:
        distances = np.linalg.norm(points[:, None] - points[chosen][None], axis=2)
        return float(distances.min(axis=1).max())

    farthest = uncovered(farthest_points(points.T.astype(np.float32), 64, 0))
    assert farthest < 0.5 * uncovered(rng.choice(2000, 64, replace=False))
