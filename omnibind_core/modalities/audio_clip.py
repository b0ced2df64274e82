"""What a microphone recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.modalities.whole_number import is_whole

LOWEST_RATE = 4_000  # Hz
HIGHEST_RATE = 192_000  # Hz
MOST_CHANNELS = 32
LONGEST_S = 60.0
# Decoders overshoot full scale a little; integers that nobody scaled exceed it thousandfold.
LARGEST_SAMPLE = 4.0


@dataclass(frozen=True, eq=False)
class AudioClip:
    """A stretch of sound; the last sample is the newest.

    :param samples: float32 ``[s]`` or ``[s, channels]``, full scale is -1 to 1.
    :param sample_rate: in Hz.
    """

    samples: NDArray[np.float32]
    sample_rate: int


def check_audio_clip(raw: object) -> AudioClip:
    """Refuse anything that is not a clip of a bounded size; its samples are not looked at.

    :raises InputError: for a wrong type, layout, rate or length.
    """
    if not isinstance(raw, AudioClip):
        raise InputError('audio', type(raw).__name__, 'an AudioClip')
    rate = raw.sample_rate
    if not is_whole(rate) or not LOWEST_RATE <= rate <= HIGHEST_RATE:
        allowed = f'a whole number from {LOWEST_RATE} to {HIGHEST_RATE} Hz'
        raise InputError('sample_rate', repr(rate)[:60], allowed)
    samples = raw.samples
    if not isinstance(samples, np.ndarray):
        raise InputError('samples', type(samples).__name__, 'a numpy array')
    if samples.dtype != np.float32:
        raise InputError('samples.dtype', samples.dtype, 'float32, full scale -1 to 1')
    if samples.ndim not in (1, 2) or not 1 <= int(np.prod(samples.shape[1:])) <= MOST_CHANNELS:
        allowed = f'[samples] or [samples, channels], at most {MOST_CHANNELS} channels'
        raise InputError('samples.shape', list(samples.shape), allowed)
    if len(samples) > LONGEST_S * rate:
        seconds = f'{len(samples) / rate:.1f} s'
        raise InputError('samples.shape', seconds, f'at most {LONGEST_S:g} s')
    return raw


def mono(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of the channels, ``[s]``.

    :param samples: ``[s]`` or ``[s, channels]``.
    :raises InputError: for samples that are not finite or far beyond full scale.
    """
    with np.errstate(all='ignore'):
        peak = float(np.abs(samples).max(initial=0.0))
    if not peak <= LARGEST_SAMPLE:  # NaN compares as false
        allowed = 'finite and within -1 to 1; divide 16-bit integers by 32768'
        raise InputError('samples', f'{peak:g}', allowed)
    return samples if samples.ndim == 1 else samples.mean(axis=1, dtype=np.float32)
