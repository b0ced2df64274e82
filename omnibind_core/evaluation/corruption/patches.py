"""Parts of pictures hidden or moved: shared by the corruptions of several modalities."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Value = TypeVar('Value', bound=np.generic)
SIDE = 8  # pixels of a patch


def blocks(height: int, width: int, share: float, random: np.random.Generator) -> NDArray[np.bool_]:
    """Rectangles that together cover at least ``share`` of a picture; ``[h, w]``, true = covered.

    Each rectangle is at most a third of the picture high and wide, so it overshoots by little.
    """
    covered = np.zeros((height, width), dtype=np.bool_)
    while covered.mean() < share:
        tall = int(random.integers(1, max(2, height // 3 + 1)))
        broad = int(random.integers(1, max(2, width // 3 + 1)))
        top = int(random.integers(0, height - tall + 1))
        left = int(random.integers(0, width - broad + 1))
        covered[top : top + tall, left : left + broad] = True
    return covered


def shuffled_patches(
    picture: NDArray[Value], share: float, random: np.random.Generator
) -> NDArray[Value]:
    """The share of the whole patches of a picture ``[h, w, ...]`` change places at random.

    Every pixel value stays in the picture: its histogram, and so whatever a mean or a percentile
    tells, is that of the good one.
    """
    rows, columns = picture.shape[0] // SIDE, picture.shape[1] // SIDE
    chosen = random.permutation(rows * columns)[: round(share * rows * columns)]
    moved = picture.copy()
    for source, target in zip(chosen, np.roll(chosen, 1), strict=True):
        i, j = divmod(int(source), columns)
        k, m = divmod(int(target), columns)
        moved[k * SIDE : (k + 1) * SIDE, m * SIDE : (m + 1) * SIDE] = picture[
            i * SIDE : (i + 1) * SIDE, j * SIDE : (j + 1) * SIDE
        ]
    return moved
