"""Audio: the newest second of sound as a log-mel spectrogram.

The features are those of AST, ImageBind, UniBind and UniTouch (Kaldi's filter bank energies at
16 kHz, mean and deviation of AudioSet), for one second instead of two or ten: what a robot hears
*now*.

Notation: ``s`` samples, ``m`` mel bands, ``f`` frames.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.errors import Problem
from omnibind_core.modalities import mel
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.audio_clip import check_audio_clip
from omnibind_core.modalities.audio_clip import mono
from omnibind_core.modalities.base import Modality
from omnibind_core.modalities.base import Prepared
from omnibind_core.modalities.resampling import ratio
from omnibind_core.modalities.resampling import resampled

_QUIETEST = 1e-20  # mean square that exact silence is given as: -200 dBFS
_LARGEST_GAIN_DB = 40.0  # of loudness: rms; more would only bring up the noise


@dataclass(frozen=True)
class AudioSpecification:
    """What an audio encoder takes: ``[1, mels, frames]``, normalised logarithms."""

    sample_rate: int = option(
        16_000, 'Rate that sound is resampled to.', unit='Hz', minimum=8_000, maximum=48_000
    )
    span_s: float = option(1.0, 'Length of the sound.', unit='s', minimum=0.1, maximum=10.0)
    mels: int = option(64, 'Mel bands.', minimum=8, maximum=256)
    frame_ms: float = option(25.0, 'Length of a frame.', unit='ms', minimum=5.0, maximum=100.0)
    shift_ms: float = option(
        10.0, 'From one frame to the next.', unit='ms', minimum=1.0, maximum=100.0
    )
    low_hz: float = option(
        20.0, 'Lower edge of the lowest band.', unit='Hz', minimum=0.0, maximum=4_000.0
    )
    high_hz: float = option(
        0.0,
        'Upper edge of the highest band. 0: half the sample rate.',
        unit='Hz',
        minimum=0.0,
        maximum=24_000.0,
    )
    preemphasis: float = option(
        0.97, 'Share of the previous sample that is subtracted.', minimum=0.0, maximum=0.99
    )
    loudness: str = option(
        'keep',
        'keep: as recorded. rms: every span is brought to rms_dbfs first (by at most 40 dB), for '
        'microphones of unknown gain.',
        choices=('keep', 'rms'),
    )
    rms_dbfs: float = option(
        -25.0, 'Level that loudness: rms brings a span to.', unit='dBFS', minimum=-80.0, maximum=0.0
    )
    mean: float = option(
        -4.268,
        "Subtracted from the logarithms; the default is ImageBind's.",
        minimum=-30.0,
        maximum=30.0,
    )
    std: float = option(
        9.138, "Divided by after that; the default is ImageBind's.", minimum=0.01, maximum=100.0
    )

    def __post_init__(self) -> None:
        """Check what concerns several fields.

        :raises ConfigError: with all problems found.
        """
        problems = []
        if self.span_s * 1000 < self.frame_ms:
            allowed = f'at least frame_ms ({self.frame_ms:g} ms)'
            problems.append(Problem('span_s', f'{self.span_s:g}', allowed))
        if self.high_hz > self.sample_rate / 2:
            allowed = f'at most half of sample_rate ({self.sample_rate / 2:g} Hz)'
            problems.append(Problem('high_hz', f'{self.high_hz:g}', allowed))
        if (self.high_hz or self.sample_rate / 2) <= self.low_hz:
            allowed = f'below high_hz ({self.high_hz or self.sample_rate / 2:g} Hz)'
            problems.append(Problem('low_hz', f'{self.low_hz:g}', allowed))
        if problems:
            raise ConfigError(type(self).__name__, problems)

    @property
    def samples(self) -> int:
        """Samples of the span."""
        return round(self.span_s * self.sample_rate)

    @property
    def bank(self) -> mel.MelBank:
        """The filter bank."""
        return mel.MelBank(
            sample_rate=self.sample_rate,
            bands=self.mels,
            frame=int(self.sample_rate * self.frame_ms / 1000),
            shift=int(self.sample_rate * self.shift_ms / 1000),
            low_hz=self.low_hz,
            high_hz=self.high_hz or self.sample_rate / 2,
            preemphasis=self.preemphasis,
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the prepared array, without a batch axis."""
        return (1, self.mels, self.bank.frames(self.samples))


@dataclass(frozen=True)
class AudioSensor:
    """What differs from microphone to microphone."""

    gain_db: float = option(
        0.0,
        'Added to the level before anything else: brings microphones to one scale.',
        unit='dB',
        minimum=-60.0,
        maximum=60.0,
        live=True,
    )
    silence_dbfs: float = option(
        -60.0,
        'Level of the loudest frame below which there is silence. On a robot with loud fans, set '
        'it some dB above what they reach.',
        unit='dBFS',
        minimum=-200.0,
        maximum=0.0,
        live=True,
    )
    silence_from_hz: float = option(
        150.0,
        'Lower frequencies do not count for silence: the hum of mains and motors, wind, rumble.',
        unit='Hz',
        minimum=0.0,
        maximum=2_000.0,
        live=True,
    )


def preprocess(raw: AudioClip, specification: AudioSpecification, sensor: AudioSensor) -> Prepared:
    """Sound made ready for the audio encoder.

    Channels are averaged, the newest span resampled, its mean removed, and its log-mel energies
    normalised. A clip shorter than the span gets silence before it, so that the newest sound
    always ends the picture.

    *Nothing to sense* means silence: not even the loudest frame (25 ms) reaches
    ``silence_dbfs``. The loudest and not all, because a knock lasts a fraction of the span; above
    150 Hz, because hum is always there.

    :return: array ``[1, m, f]``; evidence is the level of the loudest frame in dBFS: 0 is a mean
        square of 1, a sine of full scale has -3.
    :raises InputError: see :func:`check_audio_clip` and :func:`mono`; and for a clip shorter than
        a frame.
    """
    check_audio_clip(raw)
    bank = specification.bank
    rate = int(raw.sample_rate)
    if len(raw.samples) * specification.sample_rate < bank.frame * rate:
        given = f'{len(raw.samples)} samples at {rate} Hz'
        raise InputError('samples.shape', given, f'at least {specification.frame_ms:g} ms')
    change = ratio(rate, specification.sample_rate)
    start = change.first_needed(len(raw.samples), specification.samples)
    sound = resampled(mono(raw.samples[start:]), change)[-specification.samples :]
    sound = (sound - sound.mean()) * np.float32(10 ** (sensor.gain_db / 20))
    power = mel.power_spectrum(_padded(sound, specification.samples), bank)
    loudest = float(mel.mean_squares(power, bank, sensor.silence_from_hz).max())
    level = 10 * math.log10(max(loudest, _QUIETEST))
    if specification.loudness == 'rms':
        power *= np.float32(_gain(sound, specification.rms_dbfs))
    logarithms = mel.log_mel(power, bank)  # [m, f]
    array = (logarithms - np.float32(specification.mean)) / np.float32(specification.std)
    return Prepared(array[None], level >= sensor.silence_dbfs, level, 'dBFS')


def _padded(sound: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    missing = samples - len(sound)
    return np.pad(sound, (missing, 0)) if missing > 0 else sound


def _gain(sound: NDArray[np.float32], wanted_dbfs: float) -> float:
    """Factor on the power that brings a sound to a level."""
    mean_square = float(np.mean(sound * sound))
    largest = 10 ** (_LARGEST_GAIN_DB / 10)
    return min(10 ** (wanted_dbfs / 10) / max(mean_square, _QUIETEST), largest)


MODALITY = Modality(
    name='audio',
    title='Audio',
    role='student',
    raw='AudioClip: float32 [s] or [s, channels], and the sample rate',
    unit='full scale, -1 to 1',
    span=1.0,
    specification=AudioSpecification,
    sensor=AudioSensor,
    preprocess=preprocess,
)
