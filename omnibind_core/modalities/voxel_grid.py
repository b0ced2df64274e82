"""A voxel grid: one point for each occupied cube of space, at the mean of the points in it.

The reduction of PCL's ``VoxelGrid``, but the number of points is asked for and the size of the
cubes follows.

Notation: ``n`` points in, ``m`` points out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BITS = 20  # resolution: 1/2^20 of the longest side, 0.1 mm of 100 m
_TRIALS = 12


def reduced(points: NDArray[np.floating], least: int, most: int) -> NDArray[np.float32]:
    """A cloud reduced to between ``least`` and ``most`` points, if it has that many cells.

    The result does not depend on the order of the points, down to the last bit: coordinates are
    rounded to a fine lattice first, so that sums are exact.

    :param points: ``[3, n]`` finite, not all in one place.
    :param least: fewer come out only if the cloud has fewer distinct places.
    :param most: where no cube size gives a number in between (a regular lattice may jump), an even
        choice in the order of space is taken from a finer grid.
    :return: ``[3, m]`` relative to the lower corner of the cloud's bounding box.
    """
    corner = points.min(axis=1).astype(np.float64)
    extent = float((points.max(axis=1) - corner).max())
    lattice = (points - corner[:, None]) * ((1 << _BITS) / extent)
    place = np.minimum(lattice.astype(np.int32), (1 << _BITS) - 1)  # [3, n]
    cell = _cells(place, _resolution(place, least, most))
    order = np.argsort(cell)  # any order within a cube will do: its sum is exact
    cell = cell[order]
    starts = np.flatnonzero(np.concatenate(([True], cell[1:] != cell[:-1])))
    sums = np.add.reduceat(place[:, order], starts, axis=1, dtype=np.int64)
    means = sums / np.diff(np.append(starts, len(cell)))
    if means.shape[1] > most:
        means = means[:, np.arange(most) * means.shape[1] // most]
    return (means * (extent / (1 << _BITS))).astype(np.float32)


def _resolution(place: NDArray[np.int32], least: int, most: int) -> int:
    """How many cubes along the longest side leave between ``least`` and ``most`` occupied.

    Surfaces occupy about the square of the resolution; the search starts from there and is bound
    by bisection. Without a hit, the coarsest resolution found that occupies enough.
    """
    low, high = 1, 1 << _BITS
    trial = 64
    wanted = (least * most) ** 0.5
    for _ in range(_TRIALS):
        occupied = _occupied(_cells(place, trial))
        if least <= occupied <= most:
            return trial
        if occupied < least:
            low = trial
        else:
            high = trial
        if high - low <= 1:
            break
        trial = round(trial * (wanted / occupied) ** 0.5)
        if not low < trial < high:
            trial = max(low + 1, min(high - 1, round((low * high) ** 0.5)))
    return high


def _cells(place: NDArray[np.int32], resolution: int) -> NDArray[np.int64]:
    """Number of the cube of each point, ``[n]``."""
    cell = np.zeros(place.shape[1], dtype=np.int64)
    for axis in place:
        cube = axis.astype(np.int64)
        cube *= resolution
        cube >>= _BITS
        cell *= resolution
        cell += cube
    return cell


def _occupied(cell: NDArray[np.int64]) -> int:
    cell = np.sort(cell)
    return 1 + int(np.count_nonzero(cell[1:] != cell[:-1]))
