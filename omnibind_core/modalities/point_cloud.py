"""Point cloud: what a lidar or depth camera measured, as a fixed number of points of unit size.

Farthest-point sampling, centroid and radius are the preprocessing of Point-Bind and of the
encoders it uses (PointNet++ and its successors).

Notation: ``n`` points of the raw cloud, ``k`` points a model takes.
"""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.errors import Problem
from omnibind_core.modalities import voxel_grid
from omnibind_core.modalities.base import Modality
from omnibind_core.modalities.base import Prepared
from omnibind_core.modalities.farthest_point_sampling import farthest_points

MOST_POINTS = 2_000_000  # a picture of 1920 x 1080 depths
# Farthest-point sampling takes time in proportion; more than 4 candidates per point taken change
# little, the voxel grid has spread them already.
_CANDIDATES = 4
_SMALLEST_RADIUS = 1e-6  # m: below this all points are one


@dataclass(frozen=True)
class PointCloudSpecification:
    """What a point cloud encoder takes: ``[points, 3]``, centred, of unit size."""

    points: int = option(1024, 'Points that are taken.', minimum=16, maximum=16_384)
    sampling: str = option(
        'farthest',
        'How they are taken. farthest: farthest-point sampling of a voxel grid. voxel: the voxel '
        'grid itself, faster and less even.',
        choices=('farthest', 'voxel'),
    )
    radius_percentile: float = option(
        95.0,
        'Percentile of the distances from the centroid that becomes 1. 100 is the usual maximum, '
        'which one stray point decides.',
        unit='%',
        minimum=50.0,
        maximum=100.0,
    )
    scale_channel: bool = option(
        False,
        'Add a fourth column, the same for all points: the natural logarithm of the radius in '
        'metres, which scaling to unit size loses.',
    )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the prepared array, without a batch axis."""
        return (self.points, 4 if self.scale_channel else 3)


@dataclass(frozen=True)
class PointCloudSensor:
    """What differs from sensor to sensor."""

    range_min: float = option(
        0.05,
        'Nearer points are left out: many drivers put lost echoes at the origin.',
        unit='m',
        minimum=0.0,
        maximum=1000.0,
    )
    range_max: float = option(
        30.0, 'Farther points are left out.', unit='m', minimum=0.01, maximum=1000.0
    )
    crop_box: tuple[float, float, float, float, float, float] = option(
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        'Part of space that is used, in the frame of the cloud: lower x, y, z, then upper x, y, z. '
        'All 0: everything.',
        unit='m',
        minimum=-1000.0,
        maximum=1000.0,
    )
    min_points: int = option(
        32,
        'With fewer points left there is nothing to sense.',
        unit='points',
        minimum=1,
        maximum=1_000_000,
        live=True,
    )

    def __post_init__(self) -> None:
        """Check what concerns several fields.

        :raises ConfigError: with all problems found.
        """
        problems = []
        if self.range_max <= self.range_min:
            allowed = f'more than range_min ({self.range_min:g} m)'
            problems.append(Problem('range_max', f'{self.range_max:g}', allowed))
        if any(self.crop_box) and not all(
            low < high for low, high in zip(self.crop_box[:3], self.crop_box[3:], strict=True)
        ):
            allowed = 'each upper bound above its lower bound, or all six values 0'
            problems.append(Problem('crop_box', str(list(self.crop_box)), allowed))
        if problems:
            raise ConfigError(type(self).__name__, problems)


def preprocess(
    raw: NDArray[np.float32] | NDArray[np.float64],
    specification: PointCloudSpecification,
    sensor: PointCloudSensor,
) -> Prepared:
    """A point cloud made ready for the point cloud encoder.

    Points that are not finite, out of range or outside the crop box are left out; then sampling,
    centring and scaling. Centroid and radius are those of the sampled points: these lie evenly on
    the shape, so the result does not depend on how densely which side was measured. The order of
    the raw points makes no difference. If there are fewer points than asked for, all are taken
    and repeated in order.

    *Nothing to sense* means an empty range: fewer than ``min_points`` are left, or all of them are
    in one place. The array is zero then.

    :param raw: ``[n, 3]`` float32 or float64, x, y, z in metres, the sensor at the origin.
    :return: array ``[k, 3]`` or ``[k, 4]``; evidence is the number of points left.
    :raises InputError: for any other type or shape, and for more than 2 million points.
    """
    _check(raw)
    points = _within(raw, sensor)  # [3, n]
    number = points.shape[1]
    array = np.zeros(specification.shape, dtype=np.float32)
    radius = 0.0
    if number >= sensor.min_points:
        sampled = _sampled(points, specification)  # [3, at most k]
        offset = sampled - sampled.mean(axis=1, keepdims=True)
        distance = np.sqrt((offset * offset).sum(axis=0))
        radius = float(np.percentile(distance, specification.radius_percentile))
    if radius < _SMALLEST_RADIUS:
        return Prepared(array, informative=False, evidence=float(number), unit='points')
    array[:, :3] = (offset / radius).T[np.arange(specification.points) % offset.shape[1]]
    if specification.scale_channel:
        array[:, 3] = math.log(radius)
    return Prepared(array, informative=True, evidence=float(number), unit='points')


def _check(raw: object) -> None:
    if not isinstance(raw, np.ndarray):
        raise InputError('points', type(raw).__name__, 'a numpy array')
    if raw.dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise InputError('points.dtype', raw.dtype, 'float32 or float64')
    if raw.ndim != 2 or raw.shape[1] != 3 or len(raw) > MOST_POINTS:
        raise InputError('points.shape', list(raw.shape), f'[n, 3], n <= {MOST_POINTS}')


def _within(
    raw: NDArray[np.float32] | NDArray[np.float64], sensor: PointCloudSensor
) -> NDArray[np.float32] | NDArray[np.float64]:
    """The finite points in range and in the crop box, ``[3, n]`` with contiguous rows."""
    points: NDArray[Any] = np.ascontiguousarray(raw.T)
    with np.errstate(all='ignore'):  # huge numbers become infinite, and comparisons refuse NaN
        squared = (points * points).sum(axis=0)
        kept = (squared >= sensor.range_min**2) & (squared <= sensor.range_max**2)
        if any(sensor.crop_box):
            for axis in range(3):
                kept &= points[axis] >= sensor.crop_box[axis]
                kept &= points[axis] <= sensor.crop_box[axis + 3]
    return points if kept.all() else points[:, np.flatnonzero(kept)]


def _sampled(
    points: NDArray[np.float32] | NDArray[np.float64], specification: PointCloudSpecification
) -> NDArray[np.float64]:
    """At most ``k`` points ``[3, k]`` in an order of their own, relative to some of them."""
    count = specification.points
    voxels = specification.sampling == 'voxel'
    # a quarter more voxels than points are found in a few trials, exactly as many in many or none
    limit = count * 5 // 4 if voxels else _CANDIDATES * count
    if points.shape[1] > limit and np.ptp(points, axis=1).max() > _SMALLEST_RADIUS:
        candidates = voxel_grid.reduced(points, count if voxels else limit // 2, limit)
    else:
        # sorted by x, y, z: what happens next no longer depends on the order they came in
        order = np.lexsort((points[2], points[1], points[0]))[:limit]
        candidates = (points[:, order] - points[:, order[:1]]).astype(np.float32)
    number = candidates.shape[1]
    if number <= count:
        return candidates.astype(np.float64)
    if voxels:
        return candidates[:, np.arange(count) * number // count].astype(np.float64)
    offset = candidates - candidates.mean(axis=1, dtype=np.float64, keepdims=True)
    start = int((offset * offset).sum(axis=0).argmax())
    return candidates[:, farthest_points(candidates, count, start)].astype(np.float64)


MODALITY = Modality(
    name='point_cloud',
    title='Point cloud',
    role='student',
    raw='float32 or float64 [n, 3], x, y, z in the sensor frame',
    unit='m',
    span=0.0,
    specification=PointCloudSpecification,
    sensor=PointCloudSensor,
    preprocess=preprocess,
)
