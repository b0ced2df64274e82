"""The one place that knows ``cv_bridge``: it reads encodings that we do not, where installed.

It is optional on purpose: its compiled part breaks with every change of numpy's binary interface
(vision_opencv issue 535), and its big-endian branch calls a method that numpy 2 removed.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_ros.conversions.messages import ImageMessage

# What cv_bridge and numpy raise over data they cannot use; OpenCV's own error comes on top.
_FAILURES = (TypeError, ValueError, AttributeError, KeyError, RuntimeError, ZeroDivisionError)


class _Bridge(Protocol):
    """``cv_bridge.CvBridge``."""

    def imgmsg_to_cv2(
        self, img_msg: ImageMessage, desired_encoding: str = 'passthrough'
    ) -> NDArray[np.generic]:
        """An OpenCV picture of a message."""


def decode_with_cv_bridge(message: ImageMessage) -> NDArray[np.generic] | None:
    """The picture as ``cv_bridge`` reads it, or None where it is not (properly) installed.

    :return: ``[h, w, 3]`` uint8 RGB where the encoding has colours, else ``[h, w]`` of the
        message's own type.
    :raises InputError: if ``cv_bridge`` refuses the message.
    """
    try:
        failures = (*_FAILURES, import_module('cv2').error)
        bridge = import_module('cv_bridge').CvBridge()
    except (ImportError, AttributeError):  # the second: built for another version of numpy
        return None
    colours = _read(bridge, message, 'rgb8', failures)
    if not isinstance(colours, str):
        return colours
    picture = _read(bridge, message, 'passthrough', failures)
    if isinstance(picture, str):
        given = f'{message.encoding!r}, which cv_bridge refuses ({picture})'
        raise InputError('encoding', given, 'an encoding of image_encodings.hpp')
    if picture.ndim == 2:
        return picture
    if picture.ndim == 3 and picture.shape[2] == 3 and picture.dtype == np.uint8:
        return picture[..., ::-1]  # OpenCV's pictures are BGR
    raise InputError('encoding', repr(message.encoding), 'one channel, or three of 8 bits')


def _read(
    bridge: _Bridge, message: ImageMessage, wanted: str, failures: tuple[type[Exception], ...]
) -> NDArray[np.generic] | str:
    """The picture in the wanted encoding, or why there is none."""
    try:
        return np.asarray(bridge.imgmsg_to_cv2(message, desired_encoding=wanted))
    except failures as error:
        return str(error)
