"""`Embedding` messages into the vectors that the adaptive window takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omnibind_core.errors import InputError
from omnibind_core.streaming.vector import Vector
from omnibind_ros.conversions.stamp import stamp_to_ns

if TYPE_CHECKING:
    from omnibind.msg import Embedding


def to_vector(message: Embedding, *, dimension: int) -> Vector:
    """The window's view of a message; the payload is the embedding ``[d]``, not copied.

    :param dimension: d, the length of this space's vectors.
    :raises InputError: for an impossible stamp, no sensor name, or a vector of another length or
        with values that are not finite.
    """
    payload = np.frombuffer(message.vector, dtype=np.float32)
    if not message.sensor:
        raise InputError('sensor', "''", "the sensor's name")
    if payload.shape != (dimension,):
        raise InputError('vector', f'{len(payload)} values', f'{dimension} values')
    if not np.isfinite(payload).all():
        raise InputError('vector', 'values that are not finite', 'finite values')
    return Vector(
        sensor=message.sensor,
        modality=message.modality,
        stamp=stamp_to_ns(message.header.stamp),
        span=message.span.sec * 1_000_000_000 + message.span.nanosec,
        received=stamp_to_ns(message.received),
        seq=message.seq,
        informative=message.informative,
        space=message.space,
        payload=payload,
        encode_ms=message.encode_ms,
    )
