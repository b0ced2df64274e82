"""Rows, steps and bytes of ``sensor_msgs/Image``: checked before anything is looked at.

Notation: ``h, w`` height and width of the picture.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_ros.conversions.byte_view import byte_view
from omnibind_ros.conversions.messages import ImageMessage

Value = TypeVar('Value', bound=np.generic)


def checked_bytes(
    message: ImageMessage, *, row_bytes: int, rows: int | None = None
) -> NDArray[np.uint8]:
    """The picture's bytes, of which at least ``rows`` times ``step`` are there.

    More bytes than that are tolerated (some drivers append metadata), a row longer than its
    pixels is padding.

    :param row_bytes: bytes that the pixels of one row take.
    :param rows: rows of ``step`` bytes that the encoding takes; the message's height if None.
    :return: uint8 ``[n]``, a read-only view of the message.
    :raises InputError: naming ``height``, ``width``, ``step`` or ``data``.
    """
    for field, side in (('height', message.height), ('width', message.width)):
        if side < 1:
            raise InputError(field, side, '>= 1')
    if message.step < row_bytes:
        allowed = f'>= {row_bytes} bytes for {message.width} px of {message.encoding!r}'
        raise InputError('step', message.step, allowed)
    data = byte_view(message.data, 'data')
    rows = message.height if rows is None else rows
    if data.size < rows * message.step:
        allowed = f'>= {rows * message.step} ({rows} rows of {message.step} bytes)'
        raise InputError('data', f'{data.size} bytes', allowed)
    return data


def even(message: ImageMessage, *, rows: bool) -> None:
    """Refuse a picture whose width (and height) is odd while its colours cover two pixels.

    :param rows: whether the height counts as well.
    :raises InputError: naming ``width`` or ``height``.
    """
    sides = (('width', message.width), ('height', message.height if rows else 0))
    for field, side in sides:
        if side % 2:
            raise InputError(field, side, f'an even number in {message.encoding!r}')


def plane(message: ImageMessage, *, dtype: np.dtype[Value], channels: int) -> NDArray[Value]:
    """A picture whose pixels lie one after the other, ``[h, w, channels]``, without a copy.

    :param dtype: type of one value, in the message's byte order.
    :raises InputError: as :func:`checked_bytes`.
    """
    pixel = channels * dtype.itemsize
    data = checked_bytes(message, row_bytes=message.width * pixel)
    return np.ndarray(
        (message.height, message.width, channels),
        dtype,
        buffer=data,
        strides=(message.step, pixel, dtype.itemsize),
    )
