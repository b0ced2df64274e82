"""``audio_common_msgs`` of ros-drivers: 16-bit samples of one channel, and what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.bag.writers.messages import Messages

_FULL_SCALE = 32768.0
_BITS = 16


def audio_info(messages: Messages, sample_rate: int) -> bytes:
    """A serialised ``AudioInfo``.

    :param sample_rate: Hz.
    """
    return messages.serialised(
        'audio_common_msgs/msg/AudioInfo',
        channels=1,
        sample_rate=sample_rate,
        sample_format='S16LE',
        bitrate=sample_rate * _BITS,
        coding_format='wave',
    )


def audio_data(messages: Messages, header: Any, samples: NDArray[np.float32]) -> bytes:
    """A serialised ``AudioDataStamped``.

    :param header: stamped with the time of the first sample.
    :param samples: ``[s]``, full scale -1 to 1.
    """
    whole = np.clip(np.rint(samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1.0)
    data = whole.astype('<i2').view(np.uint8)
    audio = messages.make('audio_common_msgs/msg/AudioData', data=data)
    return messages.serialised('audio_common_msgs/msg/AudioDataStamped', header=header, audio=audio)
