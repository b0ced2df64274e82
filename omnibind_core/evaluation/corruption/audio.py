"""Corruptions of sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.corruption.base import Corruption
from omnibind_core.modalities.audio_clip import AudioClip

CHUNK_S = 0.02


def noise(raw: AudioClip, level: float, random: np.random.Generator) -> AudioClip:
    """White noise at a signal-to-noise ratio of ``level`` dB: motors, wind."""
    power = float(np.mean(np.square(raw.samples, dtype=np.float64))) if raw.samples.size else 0.0
    scale = np.sqrt(power * 10.0 ** (-level / 10.0))
    return _with(raw, raw.samples + random.normal(0.0, scale, raw.samples.shape))


def clipping(raw: AudioClip, level: float, random: np.random.Generator) -> AudioClip:
    """A gain ``level`` dB too high: everything beyond full scale is cut, seen from the peak."""
    peak = float(np.abs(raw.samples).max(initial=0.0))
    if peak == 0.0:
        return raw
    limit = peak * 10.0 ** (-level / 20.0)
    return _with(raw, np.clip(raw.samples, -limit, limit))


def drop_out(raw: AudioClip, level: float, random: np.random.Generator) -> AudioClip:
    """The share ``level`` of the 20 ms packets is lost and replaced by silence."""
    length = max(1, round(CHUNK_S * raw.sample_rate))
    chunks = -(-len(raw.samples) // length)
    lost = np.repeat(random.random(chunks) < level, length)[: len(raw.samples)]
    samples = raw.samples.copy()
    samples[lost] = 0.0
    return _with(raw, samples)


def muffling(raw: AudioClip, level: float, random: np.random.Generator) -> AudioClip:
    """Something over the microphone: a first-order low-pass at ``level`` Hz."""
    decay = float(np.exp(-2.0 * np.pi * level / raw.sample_rate))
    length = min(len(raw.samples), int(np.ceil(np.log(1e-4) / np.log(decay))) + 1)
    response = (1.0 - decay) * decay ** np.arange(max(length, 1))
    columns = raw.samples.reshape(len(raw.samples), -1)
    filtered = [np.convolve(column, response)[: len(column)] for column in columns.T]
    return _with(raw, np.stack(filtered, axis=1).reshape(raw.samples.shape))


def reverberation(raw: AudioClip, level: float, random: np.random.Generator) -> AudioClip:
    """A large hall: exponentially decaying noise of ``level`` s (RT60), as loud as the sound."""
    count = min(len(raw.samples), round(level * raw.sample_rate))
    if count < 2:
        return raw
    times = np.arange(count) / raw.sample_rate
    tail = random.normal(size=count) * 10.0 ** (-3.0 * times / level)
    tail /= np.linalg.norm(tail)
    columns = raw.samples.reshape(len(raw.samples), -1)
    size = 1 << (2 * len(raw.samples) - 1).bit_length()
    spectrum = np.fft.rfft(columns, size, axis=0) * np.fft.rfft(tail, size)[:, None]
    wet = np.fft.irfft(spectrum, size, axis=0)[: len(columns)]
    return _with(raw, (columns + wet).reshape(raw.samples.shape))


def garbled(raw: AudioClip, level: float, random: np.random.Generator) -> AudioClip:
    """The share ``level`` of the 20 ms packets arrives in the wrong order."""
    length = max(1, round(CHUNK_S * raw.sample_rate))
    whole = len(raw.samples) // length
    chosen = random.permutation(whole)[: round(level * whole)]
    samples = raw.samples.copy()
    for source, target in zip(chosen, np.roll(chosen, 1), strict=True):
        samples[target * length : (target + 1) * length] = raw.samples[
            source * length : (source + 1) * length
        ]
    return _with(raw, samples)


def _with(raw: AudioClip, samples: NDArray[np.floating]) -> AudioClip:
    return replace(raw, samples=np.clip(samples, -1.0, 1.0).astype(np.float32))


AUDIO_CORRUPTIONS = tuple(
    Corruption(name, 'audio', text, unit, levels, change)
    for name, text, unit, levels, change in (
        ('noise', 'White noise.', 'dB SNR', (20.0, 12.0, 6.0, 0.0, -8.0), noise),
        ('clipping', 'Gain too high.', 'dB', (3.0, 8.0, 15.0, 24.0, 36.0), clipping),
        ('drop_out', 'Packets are lost.', 'share', (0.1, 0.25, 0.4, 0.6, 0.85), drop_out),
        ('muffling', 'Low-pass.', 'Hz', (4000.0, 2000.0, 1000.0, 500.0, 200.0), muffling),
        ('reverberation', 'A large hall.', 's', (0.3, 0.6, 1.0, 1.8, 3.0), reverberation),
        ('garbled', 'Packets in the wrong order.', 'share', (0.1, 0.25, 0.5, 0.75, 1.0), garbled),
    )
)
