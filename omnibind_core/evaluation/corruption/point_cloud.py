"""Corruptions of point clouds ``float32 [n, 3]`` in metres.

After PointCloud-C (Ren, Pan and Liu, "Benchmarking and analyzing point cloud classification under
corruptions", 2022). Levels are relative to the cloud's own size: its largest side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.corruption.base import Corruption

Cloud = NDArray[np.float32]


def noise(raw: Cloud, level: float, random: np.random.Generator) -> Cloud:
    """Gaussian noise of ``level`` of the cloud's size on every coordinate: rain, dust, jitter."""
    return (raw + random.normal(0.0, level * _size(raw), raw.shape)).astype(np.float32)


def drop_out(raw: Cloud, level: float, random: np.random.Generator) -> Cloud:
    """The share ``level`` of the points is lost: dark or shiny surfaces."""
    return raw[random.random(len(raw)) >= level]


def occlusion(raw: Cloud, level: float, random: np.random.Generator) -> Cloud:
    """The share ``level`` of the points on one side is missing: something stands before it."""
    if not len(raw):
        return raw
    direction = random.normal(size=3)
    along = raw @ (direction / np.linalg.norm(direction))
    return raw[along >= np.quantile(along, level)]


def outliers(raw: Cloud, level: float, random: np.random.Generator) -> Cloud:
    """``level`` stray points for each real one, in a box of twice the size: crosstalk, insects."""
    count = round(level * len(raw))
    if not count:
        return raw
    centre = (raw.min(axis=0) + raw.max(axis=0)) / 2
    stray = centre + random.uniform(-1.0, 1.0, (count, 3)) * _size(raw)
    return np.concatenate([raw, stray.astype(np.float32)])


def quantisation(raw: Cloud, level: float, random: np.random.Generator) -> Cloud:
    """Coordinates rounded to ``level`` of the cloud's size: a coarse range resolution."""
    step = level * _size(raw)
    return (np.rint(raw / step) * step).astype(np.float32) if step > 0 else raw


def garbled(raw: Cloud, level: float, random: np.random.Generator) -> Cloud:
    """The share ``level`` of the points gets another point's height: a wrong field offset."""
    cloud = raw.copy()
    moved = np.flatnonzero(random.random(len(cloud)) < level)
    cloud[moved, 2] = cloud[random.permutation(moved), 2]
    return cloud


def _size(cloud: Cloud) -> float:
    return float(np.ptp(cloud, axis=0).max()) if len(cloud) else 0.0


POINT_CLOUD_CORRUPTIONS = tuple(
    Corruption(name, 'point_cloud', text, unit, levels, change)
    for name, text, unit, levels, change in (
        (
            'noise',
            'Noise on every coordinate.',
            'of its size',
            (0.01, 0.02, 0.04, 0.07, 0.12),
            noise,
        ),
        ('drop_out', 'Points are lost.', 'share', (0.25, 0.5, 0.75, 0.9, 0.97), drop_out),
        ('occlusion', 'One side is hidden.', 'share', (0.15, 0.3, 0.45, 0.6, 0.8), occlusion),
        ('outliers', 'Stray points.', 'per point', (0.02, 0.05, 0.1, 0.2, 0.5), outliers),
        (
            'quantisation',
            'Coarse coordinates.',
            'of its size',
            (0.02, 0.04, 0.08, 0.15, 0.3),
            quantisation,
        ),
        ('garbled', 'Heights change places.', 'share', (0.1, 0.25, 0.5, 0.75, 1.0), garbled),
    )
)
