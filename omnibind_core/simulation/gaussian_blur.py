"""A Gaussian blur of few pixels: what lenses and penumbras do to a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def gaussian_blur(picture: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """A picture blurred along both axes; its edge pixels are repeated outwards.

    :param picture: ``[h, w]`` or ``[h, w, c]``.
    :param sigma: standard deviation, px; the kernel ends at 3 of them. Below 0.05 nothing
        reaches a neighbour: the picture itself is returned.
    """
    if sigma < 0.05:
        return picture
    half = max(1, int(np.ceil(3.0 * sigma)))
    weights = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    weights = (weights / weights.sum()).astype(np.float32)
    for axis in (0, 1):
        width = [(0, 0)] * picture.ndim
        width[axis] = (half, half)
        padded = np.pad(picture, width, 'edge')
        length = picture.shape[axis]
        total = weights[half] * picture
        for offset in range(1, half + 1):
            before = padded.take(range(half - offset, half - offset + length), axis)
            after = padded.take(range(half + offset, half + offset + length), axis)
            total += weights[half + offset] * (before + after)
        picture = total
    return picture
