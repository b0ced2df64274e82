"""``sensor_msgs/CompressedImage``: colour pictures as JPEG files."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.bag.writers.messages import Messages

FORMAT = 'rgb8; jpeg compressed bgr8'
"""As image_transport writes it: what the picture was, the codec, what OpenCV was given."""


def compressed_image(
    messages: Messages, header: Any, picture: NDArray[np.uint8], quality: int
) -> bytes:
    """A serialised message.

    :param picture: ``[h, w, 3]`` RGB.
    :param quality: of the JPEG file, 1 to 95.
    """
    from PIL import Image

    file = BytesIO()
    Image.fromarray(picture).save(file, 'JPEG', quality=quality)
    data = np.frombuffer(file.getvalue(), np.uint8)
    return messages.serialised(
        'sensor_msgs/msg/CompressedImage', header=header, format=FORMAT, data=data
    )
