"""Corner normals of a mesh that brings none: smooth within smoothing groups, sharp at creases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CREASE_COSINE = 0.5
"""A corner whose averaged normal departs by more than 60 degrees from its triangle stays flat."""


def corner_normals(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Unit normals at the corners of triangles.

    Averages are weighted by area, over the triangles of one smoothing group around a vertex.

    :param vertices: ``[v, 3]``.
    :param faces: ``[f, 3]``, none of zero area.
    :param groups: smoothing group of each triangle, 0 = flat, ``[f]``.
    :returns: ``[f, 3, 3]``.
    """
    corners = vertices[faces]
    area = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    flat = area / np.linalg.norm(area, axis=1, keepdims=True)
    normals = np.repeat(flat[:, None], 3, axis=1)
    smooth = np.flatnonzero(groups > 0)
    if len(smooth):
        # One accumulator for each pair of vertex and smoothing group that occurs.
        key = faces[smooth].astype(np.int64) + groups[smooth, None] * len(vertices)
        _, slot = np.unique(key, return_inverse=True)
        slot = slot.ravel()
        weights = np.repeat(area[smooth], 3, axis=0)
        total = np.stack([np.bincount(slot, weights[:, axis]) for axis in range(3)], axis=1)
        length = np.linalg.norm(total, axis=1, keepdims=True)
        mean = (total / np.maximum(length, 1e-300))[slot].reshape(-1, 3, 3)
        sharp = np.einsum('fck,fk->fc', mean, flat[smooth]) < CREASE_COSINE
        mean[sharp] = normals[smooth][sharp]
        normals[smooth] = mean
    return normals
