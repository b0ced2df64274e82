"""``sensor_msgs/Image``: 16-bit pictures of one channel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.bag.writers.messages import Messages


def mono16_image(messages: Messages, header: Any, picture: NDArray[np.uint16]) -> bytes:
    """A serialised message with the encoding ``mono16``.

    :param picture: ``[h, w]``.
    """
    height, width = picture.shape
    data = np.ascontiguousarray(picture, '<u2').view(np.uint8).ravel()
    return messages.serialised(
        'sensor_msgs/msg/Image',
        header=header,
        height=height,
        width=width,
        encoding='mono16',
        is_bigendian=0,
        step=2 * width,
        data=data,
    )
