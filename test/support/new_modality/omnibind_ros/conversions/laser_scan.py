"""``sensor_msgs/LaserScan``: distances, counter-clockwise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError


def decode_scan(message: Any) -> NDArray[np.float32]:
    """Distances of a ``sensor_msgs/LaserScan`` in metres.

    :return: float32 ``[n]``; what the message itself calls out of range is not a number.
    :raises InputError: if it has no beam, no field of view, or no range.
    """
    if not len(message.ranges):
        raise InputError('ranges', 'none', 'at least one')
    if not np.isfinite(message.angle_increment) or message.angle_increment == 0.0:
        raise InputError('angle_increment', message.angle_increment, 'an angle that is not 0')
    if not message.range_min < message.range_max:
        given = f'{message.range_min} to {message.range_max}'
        raise InputError('range_min, range_max', given, 'range_min < range_max')
    distances = np.array(message.ranges, np.float32)
    inside = (distances >= message.range_min) & (distances <= message.range_max)
    distances[~inside] = np.nan
    # scanners that turn clockwise have a negative increment
    return distances if message.angle_increment > 0.0 else distances[::-1].copy()
