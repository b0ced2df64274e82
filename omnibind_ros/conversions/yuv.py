"""Colour from brightness and colour differences (YUV), as USB and MIPI cameras send it.

ITU-R BT.601 with the studio range (Y 16 to 235, U and V 16 to 240), which is what UVC cameras
send unless they say otherwise and what ``cv_bridge`` assumes. The arithmetic is OpenCV's
(coefficients of three decimals, 20 fractional bits, rounded), so that results agree to the bit.

Notation: ``h, w`` height and width of the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BITS = 20
_LUMA = int(1.164 * 2**_BITS)
_RED_V = int(1.596 * 2**_BITS)
_GREEN_U = int(0.391 * 2**_BITS)
_GREEN_V = int(0.813 * 2**_BITS)
_BLUE_U = int(2.018 * 2**_BITS)


def packed_to_rgb(pairs: NDArray[np.uint8], *, luma_first: bool) -> NDArray[np.uint8]:
    """RGB from YUV 4:2:2 with two pixels in four bytes.

    :param pairs: ``[h, w / 2, 4]``: Y0 U Y1 V (``luma_first``) or U Y0 V Y1.
    :return: uint8 ``[h, w, 3]``.
    """
    rows, half = pairs.shape[:2]
    luma = pairs[..., 0::2] if luma_first else pairs[..., 1::2]
    chroma = pairs[..., 1::2] if luma_first else pairs[..., 0::2]
    rgb = _to_rgb(luma, chroma[..., 0:1], chroma[..., 1:2])
    return rgb.reshape(rows, 2 * half, 3)


def semi_planar_to_rgb(
    luma: NDArray[np.uint8], chroma: NDArray[np.uint8], *, v_first: bool
) -> NDArray[np.uint8]:
    """RGB from a plane of Y and a plane of U and V alternating (NV12, NV21, NV24).

    :param luma: ``[h, w]``.
    :param chroma: ``[h / 2, w / 2, 2]`` or ``[h, w, 2]``.
    :param v_first: V before U (NV21).
    :return: uint8 ``[h, w, 3]``.
    """
    rows, columns = luma.shape
    first, second = chroma[..., 0], chroma[..., 1]
    u, v = (second, first) if v_first else (first, second)
    if u.shape != luma.shape:
        luma = luma.reshape(rows // 2, 2, columns // 2, 2)
        u = u[:, None, :, None]
        v = v[:, None, :, None]
    return _to_rgb(luma, u, v).reshape(rows, columns, 3)


def _to_rgb(
    luma: NDArray[np.uint8], u: NDArray[np.uint8], v: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """RGB of the shape of ``luma`` with a last axis of 3; ``u`` and ``v`` broadcast to it."""
    y = np.maximum(luma.astype(np.int32) - 16, 0) * _LUMA + (1 << (_BITS - 1))
    du = u.astype(np.int32) - 128
    dv = v.astype(np.int32) - 128
    rgb = np.empty((*luma.shape, 3), np.uint8)
    shifts = (_RED_V * dv, -_GREEN_U * du - _GREEN_V * dv, _BLUE_U * du)
    for channel, shift in enumerate(shifts):
        rgb[..., channel] = np.clip((y + shift) >> _BITS, 0, 255)
    return rgb
