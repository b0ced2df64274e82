"""Point cloud preprocessing against plain Python, and what it must not depend on."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.modalities.point_cloud import MOST_POINTS
from omnibind_core.modalities.point_cloud import PointCloudSensor
from omnibind_core.modalities.point_cloud import PointCloudSpecification
from omnibind_core.modalities.point_cloud import preprocess
from omnibind_core.modalities.registry import modality

SMALL = PointCloudSpecification(points=16)
SENSOR = PointCloudSensor(min_points=4)


def _cloud(number: int, seed: int = 0) -> NDArray[np.float32]:
    """An ellipsoid 2 m ahead, on multiples of 1/256 m."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(number, 3))
    points *= np.array([0.3, 0.6, 0.2]) / np.linalg.norm(points, axis=1, keepdims=True)
    return (np.rint(points * 256) / 256 + [2, 0, 0]).astype(np.float32)


def _distance(first: Any, second: Any) -> float:
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)))


def _by_hand(points: list[list[float]], count: int, percentile: float) -> NDArray[np.float64]:
    """Sorting, farthest-point sampling, centring and scaling, point by point."""
    points = sorted(points)
    if len(points) > count:
        centroid = np.mean(points, axis=0)
        distances = [_distance(point, centroid) for point in points]
        taken = [distances.index(max(distances))]
        while len(taken) < count:
            nearest = [min(_distance(point, points[i]) for i in taken) for point in points]
            nearest = [-1.0 if i in taken else value for i, value in enumerate(nearest)]
            taken.append(nearest.index(max(nearest)))
        points = [points[i] for i in taken]
    centred = np.array(points) - np.mean(points, axis=0)
    radius = np.percentile([_distance(point, (0, 0, 0)) for point in centred], percentile)
    return np.array([centred[i % len(centred)] / radius for i in range(count)])


@pytest.mark.parametrize('number', [4, 9, 16, 17, 40, 64])
@pytest.mark.parametrize('percentile', [80.0, 95.0, 100.0])
def test_against_plain_python(number: int, percentile: float) -> None:
    cloud = _cloud(number)
    specification = PointCloudSpecification(points=16, radius_percentile=percentile)
    prepared = preprocess(cloud, specification, SENSOR)
    expected = _by_hand(cloud.astype(float).tolist(), 16, percentile)
    assert prepared.array.shape == (16, 3)
    assert prepared.array.dtype == np.float32
    assert prepared.array.flags.c_contiguous
    np.testing.assert_allclose(prepared.array, expected, atol=1e-6)
    assert (prepared.informative, prepared.evidence, prepared.unit) == (True, number, 'points')


@pytest.mark.parametrize('sampling', ['farthest', 'voxel'])
@pytest.mark.parametrize('number', [30, 3000])
def test_it_is_centred_and_of_unit_size(sampling: str, number: int) -> None:
    specification = PointCloudSpecification(points=256, sampling=sampling, radius_percentile=100.0)
    array = preprocess(_cloud(number), specification, SENSOR).array
    if number > 256:
        np.testing.assert_allclose(array.mean(axis=0), 0, atol=1e-5)
    assert np.linalg.norm(array, axis=1).max() == pytest.approx(1.0)


def test_big_clouds_lie_on_the_shape_they_were_measured_on() -> None:
    specification = PointCloudSpecification(points=512, scale_channel=True)
    array = preprocess(_cloud(30_000), specification, SENSOR).array
    metres = array[:, :3] * np.exp(array[0, 3]) / [0.3, 0.6, 0.2]
    # means over cubes of about 4 cm lie a little inside the ellipsoid
    np.testing.assert_allclose(np.linalg.norm(metres, axis=1), 1.0, atol=0.06)


def test_which_side_was_measured_densely_makes_little_difference() -> None:
    cloud = _cloud(20_000)
    thinned = cloud[(cloud[:, 1] < 0) | (np.random.default_rng(0).random(20_000) < 0.1)]
    assert abs(thinned[:, 1].mean()) > 0.15
    specification = PointCloudSpecification(points=256, scale_channel=True)
    for given_cloud in (cloud, thinned):
        array = preprocess(given_cloud, specification, SENSOR).array
        middle = (array[:, 1].max() + array[:, 1].min()) / 2 * np.exp(array[0, 3])
        assert abs(middle) < 0.03


def test_stray_points_do_not_shrink_the_object() -> None:
    rng = np.random.default_rng(0)
    cloud = _cloud(8000)
    stray = rng.uniform([1, -2, -1], [6, 2, 1], (10, 3)).astype(np.float32)
    dirty = np.concatenate([cloud, stray])

    def radius(points: NDArray[np.float32], percentile: float) -> float:
        specification = PointCloudSpecification(radius_percentile=percentile, scale_channel=True)
        return float(np.exp(preprocess(points, specification, SENSOR).array[0, 3]))

    assert radius(dirty, 95.0) == pytest.approx(radius(cloud, 95.0), rel=0.1)
    assert radius(dirty, 100.0) > 3 * radius(cloud, 100.0)


@pytest.mark.parametrize('sampling', ['farthest', 'voxel'])
@given(seed=st.integers(0, 1 << 32), number=st.integers(1, 200))
def test_order_place_and_size_make_no_difference(sampling: str, seed: int, number: int) -> None:
    rng = np.random.default_rng(seed)
    specification = PointCloudSpecification(points=16, sampling=sampling, scale_channel=True)
    cloud = _cloud(number, seed)
    # steps of 1/256 m and factors of 2 are exact, so the result must be the same bit by bit
    moved = rng.permutation(cloud) + (rng.integers(-100, 100, 3) / 256).astype(np.float32)
    factor = float(rng.choice([0.25, 0.5, 2.0, 4.0]))
    first = preprocess(cloud, specification, SENSOR)
    second = preprocess((moved * factor).astype(np.float64), specification, SENSOR)
    np.testing.assert_array_equal(first.array[:, :3], second.array[:, :3])
    assert (first.informative, first.evidence) == (second.informative, second.evidence)
    if first.informative:
        logarithm = first.array[:, 3] + math.log(factor)
        np.testing.assert_allclose(second.array[:, 3], logarithm, atol=1e-5)


def test_what_is_not_finite_or_out_of_range_is_left_out() -> None:
    cloud = _cloud(60)
    bad = np.array(
        [
            [np.nan, 0, 1],
            [1, np.inf, 0],
            [0, 0, -np.inf],
            [0, 0, 0],
            [0.03, 0, 0],
            [31, 0, 0],
            [0, -25, 20],
            [3e38, 3e38, 0],
        ],
        np.float32,
    )
    mixed = np.random.default_rng(0).permutation(np.concatenate([cloud, bad]))
    for points in (mixed, mixed.astype(np.float64)):
        prepared = preprocess(points, SMALL, SENSOR)
        np.testing.assert_array_equal(prepared.array, preprocess(cloud, SMALL, SENSOR).array)
        assert prepared.evidence == 60


def test_the_crop_box_keeps_its_borders() -> None:
    cloud = _cloud(60)
    box = (1.9, -0.5, -0.125, 2.25, 0.25, 0.5)
    inside = np.array(
        [p for p in cloud if all(box[i] <= p[i] <= box[i + 3] for i in range(3))], np.float32
    )
    assert 10 < len(inside) < 50
    cropped = preprocess(cloud, SMALL, PointCloudSensor(min_points=4, crop_box=box))
    np.testing.assert_array_equal(cropped.array, preprocess(inside, SMALL, SENSOR).array)
    assert cropped.evidence == len(inside)


def test_an_empty_range_is_nothing_to_sense() -> None:
    sensor = PointCloudSensor()
    for cloud, number in ((_cloud(31), 31), (_cloud(0), 0), (_cloud(100) + 50, 0)):
        prepared = preprocess(cloud, SMALL, sensor)
        assert (prepared.informative, prepared.evidence) == (False, number)
        np.testing.assert_array_equal(prepared.array, np.zeros((16, 3)))
    assert preprocess(_cloud(32), SMALL, sensor).informative


@pytest.mark.parametrize('number', [40, 400])
@pytest.mark.parametrize('sampling', ['farthest', 'voxel'])
def test_points_in_one_place_are_nothing_to_sense(number: int, sampling: str) -> None:
    specification = PointCloudSpecification(points=16, sampling=sampling)
    prepared = preprocess(np.full((number, 3), 1.1), specification, SENSOR)
    assert (prepared.informative, prepared.evidence) == (False, number)
    np.testing.assert_array_equal(prepared.array, 0)


def test_views_are_read_and_not_written() -> None:
    wide = np.zeros((100, 4), np.float32)
    wide[:, :3] = _cloud(100)
    before = wide.copy()
    first = preprocess(wide[::-1, :3], SMALL, SENSOR)
    np.testing.assert_array_equal(first.array, preprocess(_cloud(100), SMALL, SENSOR).array)
    np.testing.assert_array_equal(wide, before)


def test_settings_that_exclude_everything_are_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        PointCloudSensor(range_min=5.0, range_max=5.0, crop_box=(0, 0, 0, 1, 0, 1))
    assert [problem.key for problem in caught.value.problems] == ['range_max', 'crop_box']


def test_the_registry_knows_it() -> None:
    found = modality('point_cloud')
    assert (found.name, found.role) == ('point_cloud', 'student')
    assert found.default_specification().shape == (1024, 3)
    assert found.specification(scale_channel=True).shape == (1024, 4)
    assert found.preprocess is preprocess


def test_too_many_points_are_refused_before_they_are_read() -> None:
    many = np.broadcast_to(np.zeros((), np.float32), (MOST_POINTS + 1, 3))
    with pytest.raises(InputError, match='2000001'):
        preprocess(many, SMALL, SENSOR)


def _filled(shape: tuple[int, ...], name: str, data: bytes) -> NDArray[np.generic]:
    dtype = np.dtype(name)
    length = math.prod(shape) * dtype.itemsize
    return np.resize(np.frombuffer(data, np.uint8), length).view(dtype).reshape(shape)


_NUMBERS = [0.0, -0.0, 1e-45, 1e-20, 1e-7, 0.1, 1.0, -1.0, 1.0000001, 2.5, -29.0, 999.0, 3e38]
_NO_NUMBERS = [math.nan, math.inf, -math.inf]


def _chosen(seed: int, name: str) -> NDArray[np.generic]:
    """Up to 120 points of a few coordinates, mostly of numbers."""
    rng = np.random.default_rng(seed)
    values = _NUMBERS * 5 + _NO_NUMBERS + [1e300] * (name == 'f8')
    return rng.choice(values, (rng.integers(0, 120), 3)).astype(name)


_CLOUDS = st.one_of(
    st.builds(
        _filled,
        st.sampled_from([(n, 3) for n in range(100)] + [(3,), (), (3, 2), (2, 3, 1), (0, 0)]),
        st.sampled_from(['f4', 'f8'] * 3 + ['>f4', 'f2', 'i4', 'u1', 'c8', '?', 'V3', 'S2']),
        st.binary(min_size=1, max_size=200),
    ),
    st.builds(_chosen, st.integers(0, 1 << 32), st.sampled_from(['f4', 'f8'])),
    st.sampled_from([None, 3, b'points', [[1.0, 2.0, 3.0]], np.full((2, 3), None)]),
    st.just(np.broadcast_to(np.zeros((), np.float32), (1 << 40, 3))),
)


@pytest.mark.malformed
@pytest.mark.filterwarnings('error')
@given(
    _CLOUDS,
    st.sampled_from(['farthest', 'voxel']),
    st.sampled_from([(0,) * 6, (-1, -1, -1, 1, 1, 1)]),
    st.sampled_from([(0.05, 30.0), (0.0, 1000.0)]),
)
def test_anything_at_all(cloud: Any, sampling: str, box: Any, span: tuple[float, float]) -> None:
    specification = PointCloudSpecification(points=16, sampling=sampling, scale_channel=True)
    sensor = PointCloudSensor(range_min=span[0], range_max=span[1], crop_box=box, min_points=1)
    try:
        prepared = preprocess(cloud, specification, sensor)
    except InputError:
        return
    assert prepared.array.shape == specification.shape
    assert np.isfinite(prepared.array).all()
    assert 0 <= prepared.evidence <= len(cloud)
