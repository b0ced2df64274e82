"""Bicubic resizing in float64, written from the formula: the reference for Pillow's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def bicubic(picture: NDArray[np.generic], size: int) -> NDArray[np.float64]:
    """The central square of ``[h, w]`` or ``[h, w, c]``, resized to ``size``.

    Keys' kernel with a = -0.5, widened by the scale where the picture shrinks.
    """
    values = np.asarray(picture, dtype=np.float64)
    side = min(values.shape[:2])
    vertical = _weights(values.shape[0], side, size)
    horizontal = _weights(values.shape[1], side, size)
    return np.einsum('ih,jw,hw...->ij...', vertical, horizontal, values)


def _weights(length: int, side: int, size: int) -> NDArray[np.float64]:
    scale = side / size
    start = (length - side) / 2
    centres = start + (np.arange(size) + 0.5) * scale
    distance = np.abs(np.arange(length) + 0.5 - centres[:, None]) / max(scale, 1.0)
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    weights = np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
    return weights / weights.sum(axis=1, keepdims=True)
