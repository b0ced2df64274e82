"""Polygons into triangles: fans where a polygon is convex, ear clipping where it is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EAR_LIMIT = 128
"""Corners above which a concave polygon is cut as a fan: ear clipping may take cubic time."""

Point = tuple[float, float]


def triangulate(
    points: NDArray[np.float64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split polygons into triangles.

    :param points: corner positions of all polygons, one after the other, ``[c, 3]``.
    :param sizes: corners of each polygon, ``[p]``, all >= 3, summing to ``c``.
    :returns: ``[t, 3]`` indices into ``points``, and ``[t]`` the polygon of each triangle, both in
        the polygons' order.
    """
    starts = np.cumsum(sizes) - sizes
    corners = [np.zeros((0, 3), np.int64)]
    owners = [np.zeros(0, np.int64)]
    for size in np.unique(sizes).tolist():
        members = np.flatnonzero(sizes == size)
        index = starts[members, None] + np.arange(size)
        local = _cut(points[index])
        rows = np.arange(len(members))[:, None, None]
        corners.append(index[rows, local].reshape(-1, 3))
        owners.append(np.repeat(members, size - 2))
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind='stable')
    return np.concatenate(corners)[order], owner[order]


def _cut(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Triangles ``[p, n - 2, 3]`` of ``p`` polygons with ``n`` corners each, as corner numbers."""
    count, size, _ = points.shape
    last = np.arange(1, size - 1)
    fan = np.stack([np.zeros_like(last), last, last + 1], axis=1)
    triangles = np.tile(fan, (count, 1, 1))
    if size == 3:
        return triangles
    concave = np.flatnonzero(_concave(points))
    if size == 4:
        # A concave quadrilateral has one diagonal inside; it is the better one for convex ones too.
        other = concave[_worst_half(points[concave], (1, 2, 3, 0)) > _worst_half(points[concave])]
        triangles[other] = [[1, 2, 3], [1, 3, 0]]
    elif size <= EAR_LIMIT:
        flat = _flatten(points[concave])
        for row, polygon in zip(concave, flat.tolist(), strict=True):
            triangles[row] = _clip_ears([(x, y) for x, y in polygon])
    return triangles


def _newell(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area normal of polygons ``[p, n, 3]`` (Newell's method), ``[p, 3]``."""
    return np.asarray(np.cross(points, np.roll(points, -1, axis=1)).sum(axis=1), np.float64)


def _concave(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which polygons ``[p, n, 3]`` turn against their own orientation at some corner, ``[p]``."""
    centred = points - points.mean(axis=1, keepdims=True)
    into = centred - np.roll(centred, 1, axis=1)
    out = np.roll(centred, -1, axis=1) - centred
    normal = _newell(centred)
    turn = np.einsum('pnk,pk->pn', np.cross(into, out), normal)
    scale = np.einsum('pk,pk->p', normal, normal)
    return np.asarray((turn < -1e-9 * scale[:, None]).any(axis=1), np.bool_)


def _worst_half(
    points: NDArray[np.float64], order: tuple[int, ...] = (0, 1, 2, 3)
) -> NDArray[np.float64]:
    """The smaller signed area of a quadrilateral's halves, cut from its first corner, ``[p]``."""
    a, b, c, d = (points[:, corner] for corner in order)
    normal = _newell(points - points.mean(axis=1, keepdims=True))
    first = np.einsum('pk,pk->p', np.cross(b - a, c - a), normal)
    second = np.einsum('pk,pk->p', np.cross(c - a, d - a), normal)
    return np.asarray(np.minimum(first, second), np.float64)


def _flatten(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Polygons ``[p, n, 3]`` seen along their main axis, turning left, ``[p, n, 2]``."""
    normal = _newell(points - points.mean(axis=1, keepdims=True))
    axis = np.argmax(np.abs(normal), axis=1)
    kept = np.stack([(axis + 1) % 3, (axis + 2) % 3], axis=1)
    flat = np.take_along_axis(points, kept[:, None, :], axis=2)
    flip = np.take_along_axis(normal, axis[:, None], axis=1) < 0
    flat[..., 0] = np.where(flip, -flat[..., 0], flat[..., 0])
    return np.asarray(flat, np.float64)


def _clip_ears(flat: list[Point]) -> list[tuple[int, int, int]]:
    """Ear clipping (Meisters 1975); where a polygon crosses itself, some corner is cut anyway."""
    left = list(range(len(flat)))
    triangles = []
    while len(left) > 3:
        ear = next((i for i in range(len(left)) if _is_ear(flat, left, i)), 0)
        triangles.append((left[ear - 1], left[ear], left[(ear + 1) % len(left)]))
        del left[ear]
    triangles.append((left[0], left[1], left[2]))
    return triangles


def _is_ear(flat: list[Point], left: list[int], i: int) -> bool:
    a, b, c = flat[left[i - 1]], flat[left[i]], flat[left[(i + 1) % len(left)]]
    if _turn(a, b, c) <= 0.0:
        return False
    for k in left:
        p = flat[k]
        if (
            p not in (a, b, c)
            and _turn(a, b, p) >= 0.0
            and _turn(b, c, p) >= 0.0
            and _turn(c, a, p) >= 0.0
        ):
            return False
    return True


def _turn(a: Point, b: Point, c: Point) -> float:
    """Twice the signed area of a, b, c; positive for a left turn."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
