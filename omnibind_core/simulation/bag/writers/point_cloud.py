"""``sensor_msgs/PointCloud2``: clouds of x, y, z in float32, not organised."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.bag.writers.messages import Messages

_FLOAT32 = 7  # sensor_msgs/PointField
_STEP = 12


def point_cloud(messages: Messages, header: Any, points: NDArray[np.float32]) -> bytes:
    """A serialised message.

    :param points: ``[n, 3]``, m.
    """
    fields = [
        messages.make(
            'sensor_msgs/msg/PointField', name=name, offset=4 * axis, datatype=_FLOAT32, count=1
        )
        for axis, name in enumerate('xyz')
    ]
    return messages.serialised(
        'sensor_msgs/msg/PointCloud2',
        header=header,
        height=1,
        width=len(points),
        fields=fields,
        is_bigendian=False,
        point_step=_STEP,
        row_step=_STEP * len(points),
        data=np.ascontiguousarray(points, '<f4').view(np.uint8).ravel(),
        is_dense=True,
    )
