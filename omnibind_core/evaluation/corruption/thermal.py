"""Corruptions of radiometric pictures ``uint16 [h, w]``, 0.01 K per count (FLIR TLinear)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.corruption.base import Corruption
from omnibind_core.evaluation.corruption.patches import shuffled_patches

Counts = NDArray[np.uint16]
COUNTS_PER_KELVIN = 100.0


def noise(raw: Counts, level: float, random: np.random.Generator) -> Counts:
    """Gaussian noise of ``level`` kelvin: a hot or ageing sensor."""
    added = random.normal(0.0, level * COUNTS_PER_KELVIN, raw.shape)
    return _to_counts(raw.astype(np.float64) + added)


def stripes(raw: Counts, level: float, random: np.random.Generator) -> Counts:
    """Column pattern of ``level`` kelvin: the shutter was not closed for long."""
    columns = random.normal(0.0, level * COUNTS_PER_KELVIN, (1, raw.shape[1]))
    return _to_counts(raw.astype(np.float64) + columns)


def drift(raw: Counts, level: float, random: np.random.Generator) -> Counts:
    """Every temperature off by up to ``level`` kelvin: the camera's own warming."""
    sign = 1.0 if random.random() < 0.5 else -1.0
    return _to_counts(raw.astype(np.float64) + sign * level * COUNTS_PER_KELVIN)


def blur(raw: Counts, level: float, random: np.random.Generator) -> Counts:
    """Defocus: Gaussian of a standard deviation of ``level`` of the shorter side."""
    deviation = level * min(raw.shape)
    reach = max(1, int(np.ceil(3.0 * deviation)))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    kernel /= kernel.sum()
    soft = np.pad(raw.astype(np.float64), reach, mode='edge')
    for axis in (0, 1):
        soft = np.apply_along_axis(np.convolve, axis, soft, kernel, 'valid')
    return _to_counts(soft)


def hot_pixels(raw: Counts, level: float, random: np.random.Generator) -> Counts:
    """The share ``level`` of the pixels is stuck, half of them cold, half of them hot."""
    stuck = random.random(raw.shape) < level
    values = np.where(random.random(raw.shape) < 0.5, 0, 65_535)
    return np.where(stuck, values, raw).astype(np.uint16)


def clipping(raw: Counts, level: float, random: np.random.Generator) -> Counts:
    """A wrong gain: the warmest share ``level`` of the picture is cut to one value."""
    limit = np.quantile(raw, 1.0 - level)
    return _to_counts(np.minimum(raw.astype(np.float64), limit))


def garbled(raw: Counts, level: float, random: np.random.Generator) -> Counts:
    """Torn transmission: the share ``level`` of the patches changes places."""
    moved: Counts = shuffled_patches(raw, level, random)
    return moved


def _to_counts(values: NDArray[np.floating]) -> Counts:
    rounded: NDArray[np.float64] = np.clip(np.rint(values), 0, 65_535)
    return rounded.astype(np.uint16)


THERMAL_CORRUPTIONS = tuple(
    Corruption(name, 'thermal', text, unit, levels, change)
    for name, text, unit, levels, change in (
        ('noise', 'Gaussian noise.', 'K', (0.2, 0.5, 1.0, 2.0, 4.0), noise),
        ('stripes', 'Column pattern.', 'K', (0.2, 0.5, 1.0, 2.0, 4.0), stripes),
        ('drift', 'All temperatures off.', 'K', (1.0, 3.0, 6.0, 12.0, 25.0), drift),
        ('blur', 'Defocus.', 'of the shorter side', (0.01, 0.02, 0.035, 0.06, 0.1), blur),
        ('hot_pixels', 'Stuck pixels.', 'share', (0.002, 0.01, 0.03, 0.08, 0.2), hot_pixels),
        ('clipping', 'The warmest part is cut.', 'share', (0.05, 0.15, 0.3, 0.5, 0.8), clipping),
        ('garbled', 'Patches change places.', 'share', (0.1, 0.25, 0.5, 0.75, 1.0), garbled),
    )
)
