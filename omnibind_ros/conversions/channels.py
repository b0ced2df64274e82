"""The channels that a modality takes, whatever the camera sends.

Notation: ``h, w`` height and width of the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_ros.conversions.image import Picture


def to_rgb(picture: Picture) -> NDArray[np.uint8]:
    """A colour picture; a grey one gets three equal channels.

    :param picture: ``[h, w, 3]`` or ``[h, w]`` uint8.
    :return: uint8 ``[h, w, 3]``, read-only; a view.
    :raises InputError: for 16-bit or float pixels: how they become 8 bits is for the modality
        that knows their meaning (thermal) to say, not for the image modality.
    """
    if picture.dtype != np.uint8:
        allowed = '8-bit pixels; 16-bit and float pictures belong to the modality thermal'
        raise InputError('encoding', f'{picture.dtype} pixels', allowed)
    bytes_ = picture.astype(np.uint8, copy=False)
    return bytes_ if picture.ndim == 3 else np.broadcast_to(bytes_[..., None], (*picture.shape, 3))


def to_single(picture: Picture) -> Picture:
    """A picture of one channel; colours become brightness (ITU-R BT.601, as Pillow's ``L``).

    Thermal cameras that send coloured pictures have lost their temperatures; brightness follows
    the usual palettes (ironbow, white hot) from cold to warm, though not the rainbow palette.

    :param picture: ``[h, w, 3]`` uint8, or ``[h, w]`` of any type.
    :return: ``[h, w]`` uint8, or the picture as it was.
    """
    if picture.ndim == 2:
        return picture
    from PIL import Image

    return np.asarray(Image.fromarray(picture).convert('L'), dtype=np.uint8)
