"""Events into pictures of counts: one per polarity and time slice, free of stuck pixels.

Notation: ``n`` events, ``c`` channels, ``r`` side of a square part of the sensor in pixels, ``g``
side of the grid of cells that it is counted into.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def hot_events(
    x: NDArray[np.uint16], y: NDArray[np.uint16], *, side: int, deviations: float
) -> NDArray[np.intp]:
    """Which events come from hot pixels: stuck ones, or ones that look at a flickering lamp.

    As EventCLIP (arXiv 2306.06354) a pixel is hot above mean + ``deviations`` standard deviations
    of the counts of all pixels. Two things differ. Mean and deviation are those of the pixels
    that fired at all: over all pixels, whatever covers less than 1 % of the sensor is an outlier,
    so a small object on a still background would be removed. And the deviation is at least that
    of a Poisson process of that mean, or among pixels that fired once one that fired five times
    would be hot.

    :param x: ``[n]`` column, at most ``side``, which stands for outside.
    :param y: ``[n]`` row, likewise.
    :param deviations: 0 switches it off.
    :return: ``[k]`` indices of events.
    """
    none = np.empty(0, dtype=np.intp)
    if deviations <= 0:
        return none
    pixel = y.astype(np.intp)
    pixel *= side + 1
    pixel += x
    counts = np.bincount(pixel, minlength=(side + 1) ** 2)
    square = counts.reshape(side + 1, side + 1)
    square[side] = 0
    square[:, side] = 0
    active = int(np.count_nonzero(counts))
    if not active:
        return none
    mean = int(counts.sum()) / active
    # whole numbers, so exact: the sum of squares of 5 million events is at most 2.5e13
    variance = max(int(counts @ counts) / active - mean * mean, mean)
    limit = mean + deviations * math.sqrt(variance)
    if counts.max() <= limit:
        return none
    return np.flatnonzero((counts > limit)[pixel])


def histogram(
    x: NDArray[np.uint16],
    y: NDArray[np.uint16],
    channel: NDArray[np.int32],
    *,
    channels: int,
    side: int,
    cells: int,
) -> NDArray[np.intp]:
    """Events per channel and cell ``[c, g, g]``; each event inside the square counts once.

    :param x: ``[n]`` column, at most ``side``, which stands for outside.
    :param y: ``[n]`` row, likewise.
    :param channel: ``[n]`` channel of each event, below ``channels``.
    """
    # what is outside falls into an extra row or column of cells: cheaper than cutting it out
    index = channel * np.int32(cells + 1)
    index += _cell(y, side, cells)
    index *= np.int32(cells + 1)
    index += _cell(x, side, cells)
    counts = np.bincount(index, minlength=channels * (cells + 1) ** 2)
    return counts.reshape(channels, cells + 1, cells + 1)[:, :cells, :cells]


def _cell(pixel: NDArray[np.uint16], side: int, cells: int) -> NDArray[np.int32]:
    """In which of ``cells`` equal parts of ``side`` pixels each lies; ``cells`` for ``side``."""
    part = pixel.astype(np.int32)
    part *= np.int32(cells)
    part //= np.int32(side)
    return part


def evenly(counts: NDArray[np.intp], side: int) -> NDArray[np.float32]:
    """Counts as if all cells had the mean area, ``[c, g, g]``.

    260 pixels in 96 cells are 2 or 3 pixels each: an even scene would show a lattice of cells
    with 4 to 9 pixels.
    """
    cells = counts.shape[-1]
    pixels = np.bincount(_cell(np.arange(side, dtype=np.uint16), side, cells), minlength=cells)
    share = (side / cells / pixels).astype(np.float32)
    result: NDArray[np.float32] = counts.astype(np.float32) * share[:, None] * share[None, :]
    return result


def scaled(
    counts: NDArray[np.float32], *, percentile: float, logarithmic: bool
) -> NDArray[np.float32]:
    """Counts brought to 0..1: 1 is a high percentile of the cells that hold events.

    All channels are scaled by one number, so that the balance between polarities and between time
    slices stays. A percentile instead of the maximum, because one flickering cell would darken
    all others; the logarithm because edges of different speed differ by decades.

    :param counts: ``[c, g, g]``, >= 0.
    :param percentile: of the cells above 0, nearest rank, in %.
    :return: ``[c, g, g]``.
    """
    occupied = counts[counts > 0]
    if not occupied.size:
        return np.zeros_like(counts)
    rank = max(math.ceil(percentile / 100 * occupied.size) - 1, 0)
    reference = np.partition(occupied, rank)[rank]
    if logarithmic:
        counts, reference = np.log1p(counts), np.log1p(reference)
    result: NDArray[np.float32] = np.minimum(counts / reference, np.float32(1))
    return result


def enlarged(grid: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """A grid ``[c, g, g]`` repeated to ``[c, size, size]``, cell by cell (nearest)."""
    cells = grid.shape[-1]
    if cells == size:
        return grid
    source = np.arange(size) * cells // size
    return grid[:, source[:, None], source[None, :]]
