"""Kaldi's log-mel filter bank energies, the input of ImageBind's and AST's audio encoders.

The same numbers as ``compute-fbank-feats --htk-compat --window-type=hanning --dither=0
--use-energy=false`` and as ``torchaudio.compliance.kaldi.fbank`` with these options: frames that
fit completely (snip edges), the mean of each frame removed, pre-emphasis within the frame, a
symmetric Hann window, an FFT of the next power of two, triangles on the mel scale
``1127 ln(1 + f / 700)``, and the logarithm of at least float32's epsilon.

Notation: ``s`` samples, ``f`` frames, ``b`` frequencies of the FFT, ``m`` mel bands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

EPSILON = np.finfo(np.float32).eps


@dataclass(frozen=True)
class MelBank:
    """The settings of a filter bank.

    :param sample_rate: in Hz.
    :param bands: how many mel bands.
    :param frame: length of a frame in samples.
    :param shift: from one frame to the next in samples.
    :param low_hz: lower edge of the lowest band.
    :param high_hz: upper edge of the highest band.
    :param preemphasis: share of the previous sample that is subtracted from each.
    """

    sample_rate: int
    bands: int
    frame: int
    shift: int
    low_hz: float
    high_hz: float
    preemphasis: float

    @property
    def padded(self) -> int:
        """Length of the FFT."""
        return 1 << (self.frame - 1).bit_length()

    def frames(self, samples: int) -> int:
        """How many frames fit into so many samples."""
        return 1 + (samples - self.frame) // self.shift if samples >= self.frame else 0


def power_spectrum(samples: NDArray[np.float32], bank: MelBank) -> NDArray[np.float32]:
    """Power of each frame at each frequency, after pre-emphasis and window.

    :param samples: ``[s]``, at least one frame.
    :return: ``[f, b]``.
    """
    frames = np.lib.stride_tricks.sliding_window_view(samples, bank.frame)[:: bank.shift]
    frames = frames - frames.mean(axis=1, keepdims=True)
    emphasised = np.empty_like(frames)
    np.multiply(frames[:, :-1], np.float32(-bank.preemphasis), out=emphasised[:, 1:])
    emphasised[:, 1:] += frames[:, 1:]
    # the first sample has no previous one: Kaldi takes itself
    emphasised[:, 0] = frames[:, 0] * np.float32(1 - bank.preemphasis)
    emphasised *= _window(bank.frame)
    spectrum = np.fft.rfft(emphasised, n=bank.padded, axis=1)
    power: NDArray[np.float32] = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    return power


def log_mel(power: NDArray[np.float32], bank: MelBank) -> NDArray[np.float32]:
    """Natural logarithm of the energy in each mel band: ``[f, b]`` to ``[m, f]``."""
    energies = _triangles(bank) @ power.T
    result: NDArray[np.float32] = np.log(np.maximum(energies, EPSILON))
    return result


def mean_squares(power: NDArray[np.float32], bank: MelBank, from_hz: float) -> NDArray[np.float32]:
    """Mean square of the signal in each frame, above a frequency: ``[f]``.

    Pre-emphasis and window are undone, so that noise and tones that last a frame come out at the
    mean square of their samples. Tones below 100 Hz come out up to half too high: the window
    spreads them over frequencies that pre-emphasis had lowered more than theirs.

    :param power: ``[f, b]`` of :func:`power_spectrum`.
    """
    result: NDArray[np.float32] = power @ _unemphasised(bank, from_hz)
    return result


@lru_cache(maxsize=8)
def _window(frame: int) -> NDArray[np.float32]:
    window = np.hanning(frame).astype(np.float32)
    window.flags.writeable = False
    return window


@lru_cache(maxsize=8)
def _triangles(bank: MelBank) -> NDArray[np.float32]:
    """Weight of each frequency in each band, ``[m, b]``."""
    low = _mel(np.array(bank.low_hz))
    step = (_mel(np.array(bank.high_hz)) - low) / (bank.bands + 1)
    left = low + np.arange(bank.bands)[:, None] * step
    mel = _mel(np.arange(bank.padded // 2) * (bank.sample_rate / bank.padded))
    rising = (mel - left) / step
    weights = np.maximum(np.minimum(rising, 2.0 - rising), 0.0)
    # Kaldi leaves out the highest frequency of the FFT
    triangles: NDArray[np.float32] = np.pad(weights, ((0, 0), (0, 1))).astype(np.float32)
    triangles.flags.writeable = False
    return triangles


@lru_cache(maxsize=8)
def _unemphasised(bank: MelBank, from_hz: float) -> NDArray[np.float32]:
    """Weight of each frequency in the mean square of a frame, ``[b]``."""
    hertz = np.arange(bank.padded // 2 + 1) * (bank.sample_rate / bank.padded)
    turn = np.exp(-2j * np.pi * hertz / bank.sample_rate)
    gain = np.abs(1 - bank.preemphasis * turn) ** 2
    # all frequencies but the first and the last stand for their mirror images as well
    sides = np.where((hertz > 0) & (hertz < bank.sample_rate / 2), 2.0, 1.0)
    energy = float((np.hanning(bank.frame) ** 2).sum())
    weights = sides / (gain * bank.padded * energy) * (hertz >= from_hz)
    result: NDArray[np.float32] = weights.astype(np.float32)
    result.flags.writeable = False
    return result


def _mel(hertz: NDArray[Any]) -> NDArray[np.float64]:
    return 1127.0 * np.log1p(hertz / 700.0)
