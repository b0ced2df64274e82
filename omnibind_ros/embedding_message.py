"""`Embedding` messages into the vectors that the adaptive window takes, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from omnibind.msg import Embedding
from omnibind_core.errors import InputError
from omnibind_core.streaming.vector import Vector
from omnibind_ros.conversions.stamp import ns_to_stamp
from omnibind_ros.conversions.stamp import stamp_to_ns

LONGEST_NAME = 256  # characters, as of a ROS node
LONGEST_RUN = 1e9  # ms of a model; what is more, or not a number, could not be measured with


def to_vector(message: Embedding, *, dimension: int) -> Vector:
    """The window's view of a message; the payload is the embedding ``[d]``, not copied.

    :param dimension: d, the length of this space's vectors.
    :raises InputError: for an impossible stamp, names that are missing or too long, a vector of
        another length or with values that are not finite, or a time of the model that is none.
    """
    payload = np.frombuffer(message.vector, dtype=np.float32)
    for field, least in (('sensor', 1), ('modality', 0)):
        length = len(getattr(message, field))
        if not least <= length <= LONGEST_NAME:
            raise InputError(field, f'{length} characters', f'{least} to {LONGEST_NAME} of them')
    if payload.shape != (dimension,):
        raise InputError('vector', f'{len(payload)} values', f'{dimension} values')
    if not np.isfinite(payload).all():
        raise InputError('vector', 'values that are not finite', 'finite values')
    if not 0 <= message.encode_ms <= LONGEST_RUN:
        raise InputError('encode_ms', message.encode_ms, f'0 to {LONGEST_RUN:g}')
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


def to_message(vector: Vector, *, model: str, frame_id: str) -> Embedding:
    """A vector as a message.

    :param vector: with a payload.
    :param model: the bundle that made it.
    :param frame_id: the frame of what was sensed.
    :raises InputError: for times that a message cannot hold.
    """
    assert vector.payload is not None
    message = Embedding(
        sensor=vector.sensor,
        modality=vector.modality,
        space=vector.space,
        model=model,
        seq=vector.seq,
        encode_ms=vector.encode_ms,
        informative=vector.informative,
    )
    message.header.frame_id = frame_id
    _set(message.header.stamp, vector.stamp)
    _set(message.received, vector.received)
    _set(message.span, vector.span)
    message.vector.frombytes(vector.payload.tobytes())
    return message


def _set(time: Any, nanoseconds: int) -> None:
    """Fill a ``Time`` or ``Duration``."""
    time.sec, time.nanosec = ns_to_stamp(nanoseconds)
