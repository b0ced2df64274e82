"""One sensor reading as an embedding, and the times the window needs to know about it."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Vector:
    """What an encoder made of one sensor reading. Times are nanoseconds of the ROS clock.

    :param sensor: name of the sensor; two sensors may share a modality, never a name.
    :param modality: what kind of sensor it is.
    :param stamp: *end* of what was sensed, corrected by the sensor's ``stamp_offset``.
    :param span: length of what was sensed: a second of audio, 0 for a picture. It moves no window.
    :param received: when the sensor's message arrived at the encoder.
    :param seq: running number of the encoder.
    :param informative: false when there was nothing to sense (no contact, silence).
    :param space: embedding space; vectors of different spaces are never mixed.
    :param payload: the embedding, ``[d]``; ``None`` where only times matter (simulation).
    :param encode_ms: how long the encoder's model took, milliseconds.
    :param arrived: when it reached the fusion node; 0 where nobody measures latencies.
    """

    sensor: str
    modality: str
    stamp: int
    span: int
    received: int
    seq: int
    informative: bool
    space: str
    # == of arrays is no truth value, and two vectors are told apart by sensor, stamp and seq
    payload: NDArray[np.float32] | None = field(compare=False, repr=False)
    encode_ms: float
    arrived: int = field(default=0, compare=False)
