"""Small pictures of noise as messages, with whatever stamp."""

from __future__ import annotations

from array import array

import numpy as np
from sensor_msgs.msg import Image


def noise_picture(stamp_ns: int, *, seed: int = 3) -> Image:
    """64 x 48 pixels, rgb8."""
    random = np.random.default_rng(seed)
    message = Image(height=48, width=64, encoding='rgb8', step=192)
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, 10**9)
    message.header.frame_id = 'optical'
    message.data = array('B', random.integers(0, 256, 48 * 192, np.uint8).tobytes())
    return message
