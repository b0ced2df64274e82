"""Near-duplicates by shape alone: recoloured, rescaled, turned and mirrored copies of one mesh.

Each mesh is brought to its bounding box, so scale drops out, and compared with the others under
the 48 symmetries of the box (quarter turns, mirror images). Candidates come from a coarse blurred
occupancy grid, whose comparison is one matrix product; they are measured by the chamfer distance
between dense deterministic surface samples. Colours, textures, triangulation, vertex order and
scale play no part.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.surface_sampling import sample_surface

DUPLICATE = 0.010
"""Distance up to which two models count as one instance.

Measured on the household models: copies lie between 0 and 0.009 (recoloured tree 0.000, a car with
another grille 0.001, mirrored desk top 0.004, dryer and washing machine of one casing 0.008); the
nearest pair of models of different make is at 0.011 (two plain bottles), a refrigerator and another
at 0.012.
"""

SIBLING = 0.020
"""Distance up to which two models must not be separated by a split: a palm tree and the same one
bent are at 0.018, doors of one frame with other panels at 0.017."""

STRETCH = 1.3
"""Most that one axis may be scaled against another: beyond it every box resembles every box (a
telephone and a coffee table are at 0.007 when each fills its bounding box)."""

GRID = 16
SPARSE = 1500
DENSE = 12000
CANDIDATE = 0.88
"""Correlation of occupancy grids from which a pair is measured."""

THIN = 0.05
"""An axis shorter than this share of the longest is scaled as if it had this length."""

Symmetry = tuple[tuple[int, ...], tuple[int, ...]]
"""A permutation of the axes and a sign for each: 48 of them."""


@dataclass(frozen=True, eq=False)
class Shape:
    """The geometry of one mesh, without its size.

    :param name: the mesh's name.
    :param aspect: extent along x, y, z over the longest, at least :data:`THIN`, ``[3]``.
    :param sparse: samples in the box -1..1, float64 ``[SPARSE, 3]``.
    :param dense: nearest-neighbour index over other samples of it, ``[DENSE, 3]``.
    :param noise: mean distance of the sparse samples to the dense ones: what an exact copy has.
    :param grid: blurred occupancy of the box, of length one, float32 ``[GRID, GRID, GRID]``.
    """

    name: str
    aspect: NDArray[np.float64]
    sparse: NDArray[np.float64]
    dense: Any
    noise: float
    grid: NDArray[np.float32]


@dataclass(frozen=True)
class Pair:
    """Two models of similar shape.

    :param first: name of one.
    :param second: name of the other.
    :param distance: see :func:`compare`; 0 = the same surface.
    :param stretch: how much one axis must be scaled against another to match, 1 = not at all.
    """

    first: str
    second: str
    distance: float
    stretch: float


def describe(mesh: Mesh) -> Shape:
    """The shape of a mesh, the same for any size of it."""
    from scipy.spatial import cKDTree

    low, high = mesh.bounds.astype(np.float64)
    extent = high - low
    aspect = np.maximum(extent / extent.max(), THIN)
    scale, centre = aspect * extent.max() / 2.0, (low + high) / 2.0
    sparse = (sample_surface(mesh, SPARSE, start=0.25)[0] - centre) / scale
    dense = (sample_surface(mesh, DENSE, start=0.5)[0] - centre) / scale
    tree = cKDTree(dense)
    return Shape(
        name=mesh.name,
        aspect=aspect,
        sparse=sparse,
        dense=tree,
        noise=float(tree.query(sparse)[0].mean()),
        grid=_occupancy(dense),
    )


def similar_pairs(shapes: Sequence[Shape], limit: float = SIBLING) -> list[Pair]:
    """All pairs whose distance is at most ``limit``, nearest first.

    :param shapes: all different names.
    """
    pairs = [compare(first, second) for first, second in _candidates(shapes)]
    near = [pair for pair in pairs if pair.distance <= limit]
    return sorted(near, key=lambda pair: (pair.distance, pair.first, pair.second))


def compare(first: Shape, second: Shape) -> Pair:
    """Measure two shapes under the symmetries that bring them closest.

    The distance is the mean distance from each surface to the other, the larger of the two
    directions, less what samples of one and the same surface show; in units of half the bounding
    box. It is infinite where every symmetry needs more than :data:`STRETCH`.
    """
    best, stretch = np.inf, np.inf
    for symmetry in _promising(first, second):
        needed = _stretch(first, second, symmetry)
        there = second.dense.query(_turn(first.sparse, _inverse(symmetry)))[0].mean()
        back = first.dense.query(_turn(second.sparse, symmetry))[0].mean()
        distance = max(0.0, float(max(there, back)) - max(first.noise, second.noise))
        if distance < best:
            best, stretch = distance, needed
    return Pair(first.name, second.name, best, stretch)


def _symmetries() -> list[Symmetry]:
    return list(
        itertools.product(itertools.permutations(range(3)), itertools.product((1, -1), repeat=3))
    )


def _inverse(symmetry: Symmetry) -> Symmetry:
    permutation, signs = symmetry
    back = tuple(permutation.index(axis) for axis in range(3))
    return back, tuple(signs[axis] for axis in back)


def _turn(points: NDArray[np.float64], symmetry: Symmetry) -> NDArray[np.float64]:
    permutation, signs = symmetry
    return np.asarray(points[:, list(permutation)] * signs, np.float64)


def _turn_grids(grids: NDArray[np.float32], symmetry: Symmetry) -> NDArray[np.float32]:
    """Grids ``[n, GRID, GRID, GRID]`` under a symmetry."""
    permutation, signs = symmetry
    flipped = tuple(axis + 1 for axis in range(3) if signs[axis] < 0)
    return np.flip(np.transpose(grids, (0, *(axis + 1 for axis in permutation))), flipped)


def _stretch(first: Shape, second: Shape, symmetry: Symmetry) -> float:
    ratio = second.aspect[list(symmetry[0])] / first.aspect
    return float(ratio.max() / ratio.min())


def _promising(first: Shape, second: Shape, most: int = 4) -> list[Symmetry]:
    """The symmetries under which the grids agree best, of those that do not stretch too much."""
    scored = []
    for symmetry in _symmetries():
        if _stretch(first, second, symmetry) <= STRETCH:
            turned = _turn_grids(second.grid[None], symmetry)[0]
            scored.append((-float(np.vdot(first.grid, turned)), symmetry))
    return [symmetry for _, symmetry in sorted(scored)[:most]]


def _candidates(shapes: Sequence[Shape]) -> Iterator[tuple[Shape, Shape]]:
    """Pairs whose grids agree under some symmetry that does not stretch too much."""
    if not shapes:
        return
    count = len(shapes)
    grids = np.stack([shape.grid for shape in shapes])
    aspects = np.stack([shape.aspect for shape in shapes])
    flat = grids.reshape(count, -1)
    best = np.zeros((count, count), np.float32)
    for symmetry in _symmetries():
        ratio = aspects[None, :, list(symmetry[0])] / aspects[:, None]
        fits = ratio.max(axis=2) <= STRETCH * ratio.min(axis=2)
        agreement = flat @ _turn_grids(grids, symmetry).reshape(count, -1).T
        np.maximum(best, np.where(fits, agreement, 0.0), out=best)
    for row, column in zip(*np.nonzero(best >= CANDIDATE), strict=True):
        if row < column:
            yield shapes[row], shapes[column]


def _occupancy(points: NDArray[np.float64]) -> NDArray[np.float32]:
    """How much of the surface lies in each cell, evened out and blurred over its neighbours."""
    cell = np.clip(((points + 1.0) / 2.0 * GRID).astype(np.int64), 0, GRID - 1)
    index = (cell[:, 0] * GRID + cell[:, 1]) * GRID + cell[:, 2]
    grid = np.sqrt(np.bincount(index, minlength=GRID**3).reshape(GRID, GRID, GRID))
    for axis in range(3):
        padded = np.pad(grid, [(1, 1) if k == axis else (0, 0) for k in range(3)])
        low, middle, high = (
            np.take(padded, range(shift, shift + GRID), axis=axis) for shift in range(3)
        )
        grid = 0.25 * low + 0.5 * middle + 0.25 * high
    return np.asarray(grid / np.linalg.norm(grid), np.float32)
