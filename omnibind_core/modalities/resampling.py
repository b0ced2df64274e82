"""Changing the sample rate of sound: a polyphase filter as one matrix product.

The filter is the windowed sinc of ``scipy.signal.resample_poly`` with its default settings
(cut-off at the lower of the two Nyquist frequencies, Kaiser window of beta 5, 10 zero crossings to
each side), so the results agree; SciPy itself is not needed on the robot.

A rate changes by ``up / down``. Every ``down`` samples in, the same weights give the next ``up``
samples out: the signal is cut into overlapping blocks, and each block times a matrix of weights is
a block of the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Rates with a larger common fraction (47,999 Hz) take the nearest smaller one: wrong by less than
# 0.06 %, a hundredth of a semitone, instead of gigabytes of weights.
LARGEST_TERM = 1000
_ZERO_CROSSINGS = 10
_KAISER_BETA = 5.0
_BLOCK = 64  # samples out per row of the product, at least


@dataclass(frozen=True)
class Ratio:
    """By how much a sample rate changes.

    :param up: samples out ...
    :param down: ... for so many samples in.
    """

    up: int
    down: int

    @property
    def reach(self) -> int:
        """How many samples in, to each side, one sample out depends on."""
        return -(-_ZERO_CROSSINGS * max(self.up, self.down) // self.up)

    def samples_out(self, samples_in: int) -> int:
        """How many samples come out of so many."""
        return -(-samples_in * self.up // self.down)

    def first_needed(self, samples_in: int, samples_out: int) -> int:
        """Where to cut off older samples so that the newest ``samples_out`` stay the same.

        A multiple of ``down``: what is left is resampled at the same moments as the whole.
        """
        needed = -(-samples_out * self.down // self.up) + self.reach + 1
        return max(samples_in - needed, 0) // self.down * self.down


def ratio(rate: int, wanted: int) -> Ratio:
    """The change from one sample rate to another, in lowest terms, see :data:`LARGEST_TERM`."""
    change = Fraction(wanted, rate)
    if change <= 1:
        change = change.limit_denominator(LARGEST_TERM)
    else:
        change = 1 / (1 / change).limit_denominator(LARGEST_TERM)
    return Ratio(change.numerator, change.denominator)


def resampled(samples: NDArray[np.float32], change: Ratio) -> NDArray[np.float32]:
    """Samples at another rate; beyond the ends there is silence.

    :param samples: ``[s]``.
    :return: ``[change.samples_out(s)]``; the first is at the moment of the first sample in.
    """
    if change.up == change.down or not len(samples):
        return samples
    weights, before = _weights(change)
    step = weights.shape[1] // change.up * change.down
    wanted = change.samples_out(len(samples))
    blocks = -(-wanted // weights.shape[1])
    length = (blocks - 1) * step + len(weights)
    padded = np.zeros(max(length, before + len(samples)), dtype=np.float32)
    padded[before : before + len(samples)] = samples
    rows = np.lib.stride_tricks.sliding_window_view(padded[:length], len(weights))[::step]
    # a copy: BLAS takes no overlapping rows, and without BLAS the product is ten times slower
    result: NDArray[np.float32] = np.ascontiguousarray(rows) @ weights
    return result.reshape(-1)[:wanted]


@lru_cache(maxsize=8)
def _weights(change: Ratio) -> tuple[NDArray[np.float32], int]:
    """Weights ``[samples in, samples out]`` of a block, and how many samples it starts earlier."""
    longest = max(change.up, change.down)
    half = _ZERO_CROSSINGS * longest
    sinc = np.sinc(np.arange(-half, half + 1) / longest) * np.kaiser(2 * half + 1, _KAISER_BETA)
    taps = np.append(sinc * (change.up / sinc.sum()), 0.0)  # the last is for all beyond
    periods = -(-_BLOCK // change.up)
    moments = np.arange(periods * change.up) * change.down  # of samples out, at rate up * rate
    before = change.reach
    last = (int(moments[-1]) + half) // change.up
    sources = np.arange(-before, last + 1) * change.up  # of samples in, likewise
    distance = moments[None, :] - sources[:, None] + half
    distance[(distance < 0) | (distance > 2 * half)] = -1
    weights = taps[distance].astype(np.float32)
    weights.flags.writeable = False
    return weights, before
