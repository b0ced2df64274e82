"""Colour from a Bayer mosaic: bilinear interpolation at full resolution.

The simplest method that keeps the picture's size (a region of interest stays where it is): each
missing colour is the rounded mean of its two or four nearest pixels of that colour, as in
OpenCV's ``COLOR_Bayer*2RGB``. At the border the mosaic is mirrored about the outermost pixel,
which keeps its colours in place. Zipper edges of that method are below what the resizing that
follows can show.

Notation: ``h, w`` height and width of the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError

# Where red lies in the upper left 2 x 2 pixels, (row, column); blue lies diagonally opposite.
RED_AT = {'rggb': (0, 0), 'bggr': (1, 1), 'gbrg': (1, 0), 'grbg': (0, 1)}


def demosaic(mosaic: NDArray[np.uint8], pattern: str) -> NDArray[np.uint8]:
    """RGB from a Bayer mosaic.

    :param mosaic: ``[h, w]``, any size from 2 x 2, odd sides too.
    :param pattern: ``rggb``, ``bggr``, ``gbrg`` or ``grbg``: the upper left 2 x 2 pixels.
    :return: uint8 ``[h, w, 3]``.
    :raises InputError: for a picture smaller than 2 x 2, which lacks a colour.
    """
    rows, columns = mosaic.shape
    if rows < 2 or columns < 2:
        raise InputError('height x width', f'{rows} x {columns}', '2 x 2 or more in a Bayer mosaic')
    wide = np.pad(mosaic, 1, mode='reflect').astype(np.uint16)
    centre = wide[1:-1, 1:-1]
    across = wide[1:-1, :-2] + wide[1:-1, 2:]
    along = wide[:-2, 1:-1] + wide[2:, 1:-1]
    corners = wide[:-2, :-2] + wide[:-2, 2:] + wide[2:, :-2] + wide[2:, 2:]
    row, column = RED_AT[pattern]
    red = (slice(row, None, 2), slice(column, None, 2))
    blue = (slice(1 - row, None, 2), slice(1 - column, None, 2))
    green_by_red = (slice(row, None, 2), slice(1 - column, None, 2))
    green_by_blue = (slice(1 - row, None, 2), slice(column, None, 2))
    rgb = np.empty((rows, columns, 3), np.uint8)
    rgb[..., 1] = centre
    for own, other, place in ((0, 2, red), (2, 0, blue)):
        rgb[(*place, own)] = centre[place]
        rgb[(*place, 1)] = (across[place] + along[place] + 2) >> 2
        rgb[(*place, other)] = (corners[place] + 2) >> 2
    for in_row, in_column, place in ((0, 2, green_by_red), (2, 0, green_by_blue)):
        rgb[(*place, in_row)] = (across[place] + 1) >> 1
        rgb[(*place, in_column)] = (along[place] + 1) >> 1
    return rgb
