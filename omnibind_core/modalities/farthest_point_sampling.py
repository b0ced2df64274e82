"""Farthest-point sampling: points spread evenly over a shape, however densely it was measured.

Eldar et al., "The farthest point strategy for progressive image sampling", 1997; used by
PointNet++ and all point cloud encoders since.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def farthest_points(points: NDArray[np.float32], count: int, start: int) -> NDArray[np.intp]:
    """Indices of points, each the farthest from all that were taken before it.

    Of equally far points the first is taken. Exact, ``O(count * m)``; only element-wise
    arithmetic, so every machine takes the same points.

    :param points: ``[3, m]``, one row per axis (contiguous rows make it fast).
    :param count: how many, at most ``m``.
    :param start: index of the first.
    :return: ``[count]``. Points that lie on one another are taken once each, after all others.
    """
    taken = np.empty(count, dtype=np.intp)
    distance = np.full(points.shape[1], np.inf, dtype=np.float32)  # squared, to the nearest taken
    offset = np.empty_like(points)
    along_x, along_y, along_z = offset
    squared = np.empty_like(distance)
    columns = np.ascontiguousarray(points.T)[:, :, None]  # [m, 3, 1]
    index = start
    for position in range(count):
        taken[position] = index
        np.subtract(points, columns[index], out=offset)
        np.multiply(offset, offset, out=offset)
        np.add(along_x, along_y, out=squared)
        np.add(squared, along_z, out=squared)
        np.minimum(distance, squared, out=distance)
        # below every distance there is: of points on one another none is taken twice
        distance[index] = -1.0
        index = int(distance.argmax())
    return taken
