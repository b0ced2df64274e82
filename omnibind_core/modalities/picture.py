"""What all picture-like modalities share: checking, cutting, turning and resizing.

Notation: ``h, w`` height and width of the raw picture, ``s`` side of the square a model takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import DTypeLike
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.errors import Problem

Pixel = TypeVar('Pixel', bound=np.generic)

# Beyond these a message is a mistake or an attack, and resizing it would stall the sensor.
LONGEST_SIDE = 8192
MOST_PIXELS = 2**25


@dataclass(frozen=True)
class PictureSensor:
    """Which part of a sensor's picture is used, and which way up the sensor is mounted."""

    roi: tuple[int, int, int, int] = option(
        (0, 0, 0, 0),
        'Part of the raw picture that is used: x and y of its upper left corner, width, height. '
        'All 0: the whole picture.',
        unit='px',
        minimum=0,
        maximum=LONGEST_SIDE,
    )
    rotation: int = option(
        0,
        'How far the picture (after roi) is turned clockwise, so that it stands upright.',
        unit='degrees',
        choices=(0, 90, 180, 270),
    )

    def __post_init__(self) -> None:
        """Check what concerns several fields.

        :raises ConfigError: with all problems found.
        """
        problems = self.problems()
        if problems:
            raise ConfigError(type(self).__name__, problems)

    def problems(self) -> list[Problem]:
        """What is wrong between the fields; a sensor with more fields adds to it."""
        if any(self.roi) and not all(self.roi[2:]):
            allowed = 'width and height both above 0, or all four values 0'
            return [Problem('roi', str(list(self.roi)), allowed)]
        return []


def check_picture(
    raw: object, *, field: str, channels: int | None, dtypes: tuple[DTypeLike, ...]
) -> None:
    """Refuse anything that is not a picture of a bounded size, before anything is computed.

    :param raw: expected: an array ``[h, w]`` (``channels`` None) or ``[h, w, channels]``.
    :param field: how the picture is called in the error.
    :param dtypes: the pixel types allowed, in the machine's byte order.
    :raises InputError: for a wrong type, pixel type, shape or size.
    """
    if not isinstance(raw, np.ndarray):
        raise InputError(field, type(raw).__name__, 'a numpy array')
    allowed = [np.dtype(dtype) for dtype in dtypes]
    if raw.dtype not in allowed:
        raise InputError(f'{field}.dtype', raw.dtype, ' or '.join(str(dtype) for dtype in allowed))
    expected = () if channels is None else (channels,)
    if raw.ndim != 2 + len(expected) or raw.shape[2:] != expected:
        wanted = '[height, width]' if channels is None else f'[height, width, {channels}]'
        raise InputError(f'{field}.shape', list(raw.shape), wanted)
    if not all(1 <= side <= LONGEST_SIDE for side in raw.shape[:2]):
        raise InputError(f'{field}.shape', list(raw.shape), f'sides from 1 to {LONGEST_SIDE} px')
    if raw.shape[0] * raw.shape[1] > MOST_PIXELS:
        raise InputError(f'{field}.shape', list(raw.shape), f'at most {MOST_PIXELS} pixels')


def region(picture: NDArray[Pixel], roi: tuple[int, int, int, int]) -> NDArray[Pixel]:
    """The part of a picture that a sensor's ``roi`` names; a view.

    :param picture: ``[h, w]`` or ``[h, w, c]``.
    :param roi: x, y, width, height in pixels; all 0 = the whole picture.
    :raises InputError: if it does not lie within the picture. It is not cut down silently: after
        a change of resolution it would show another part of the world.
    """
    if not any(roi):
        return picture
    x, y, width, height = roi
    rows, columns = picture.shape[:2]
    if min(roi) < 0 or width < 1 or height < 1 or x + width > columns or y + height > rows:
        raise InputError('roi', list(roi), f'within the picture of {columns} x {rows} px')
    return picture[y : y + height, x : x + width]


def square(picture: NDArray[Pixel], size: int) -> NDArray[Pixel]:
    """The short side brought to ``size``, then the centre cut out: CLIP's and ImageBind's way.

    Pillow's bicubic filter (a = -0.5), which widens when it reduces and so does not alias. Only
    the part that remains is computed. The cut is exactly central (``torchvision`` rounds it, and
    the long side, to whole pixels), so that resizing and turning by 90 degrees commute.
    Pictures that shrink by 6 or more are first averaged over whole blocks, down to 3 times the
    size or more (``reducing_gap``): about a quarter of a grey level of difference on average, at
    half the time.

    :param picture: ``[h, w, 3]`` uint8, or ``[h, w]`` float32 with finite values.
    :param size: side ``s`` of the result.
    :return: ``[s, s, 3]`` uint8 or ``[s, s]`` float32. Bicubic interpolation overshoots at edges
        by up to about a tenth of the step: floats may leave the range of the picture's values.
    """
    from PIL import Image

    rows, columns = picture.shape[:2]
    side = min(rows, columns)
    left = (columns - side) / 2
    top = (rows - side) / 2
    resized = Image.fromarray(picture).resize(
        (size, size),
        Image.Resampling.BICUBIC,
        box=(left, top, left + side, top + side),
        reducing_gap=3.0,
    )
    return np.asarray(resized, dtype=picture.dtype)


def upright(picture: NDArray[Pixel], rotation: int) -> NDArray[Pixel]:
    """A picture ``[h, w]`` or ``[h, w, c]`` turned clockwise by the given degrees; a view."""
    return np.rot90(picture, k=-(rotation // 90)) if rotation else picture
