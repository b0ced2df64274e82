"""Log-mel energies against Kaldi's formulas, sample by sample in float64."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.modalities import mel
from omnibind_core.modalities.mel import MelBank

DEFAULT = MelBank(
    sample_rate=16_000,
    bands=64,
    frame=400,
    shift=160,
    low_hz=20.0,
    high_hz=8_000.0,
    preemphasis=0.97,
)
OTHERS = [
    MelBank(16_000, 128, 400, 160, 20.0, 8_000.0, 0.97),
    MelBank(8_000, 23, 200, 80, 20.0, 3_700.0, 0.97),
    MelBank(22_050, 40, 551, 220, 0.0, 11_025.0, 0.0),
    MelBank(16_000, 16, 512, 512, 300.0, 5_000.0, 0.5),
]


def _kaldi(samples: NDArray[np.float32], bank: MelBank) -> NDArray[np.float64]:
    """feature-window.cc, feature-functions.cc and mel-computations.cc, written out: ``[f, m]``."""
    padded = 1
    while padded < bank.frame:
        padded *= 2
    bins = padded // 2
    # ExtractWindow, ProcessWindow: mean removed, pre-emphasis from the end, Hann window
    rows = []
    for start in range(0, len(samples) - bank.frame + 1, bank.shift):
        frame = samples[start : start + bank.frame].astype(np.float64)
        frame = frame - frame.sum() / bank.frame
        for i in range(bank.frame - 1, 0, -1):
            frame[i] -= bank.preemphasis * frame[i - 1]
        frame[0] -= bank.preemphasis * frame[0]
        for i in range(bank.frame):
            frame[i] *= 0.5 - 0.5 * math.cos(2 * math.pi * i / (bank.frame - 1))
        rows.append(np.pad(frame, (0, padded - bank.frame)))
    # the power spectrum by the definition of the Fourier transform
    angle = -2 * np.pi * np.outer(np.arange(padded), np.arange(bins)) / padded
    windowed = np.array(rows)
    power = (windowed @ np.cos(angle)) ** 2 + (windowed @ np.sin(angle)) ** 2
    # MelBanks: triangles between equally spaced points of the mel scale, highest bin left out

    def scale(hertz: float) -> float:
        return 1127.0 * math.log(1.0 + hertz / 700.0)

    low, high = scale(bank.low_hz), scale(bank.high_hz)
    delta = (high - low) / (bank.bands + 1)
    weights = np.zeros((bins, bank.bands))
    for band in range(bank.bands):
        left, centre, right = (low + (band + k) * delta for k in range(3))
        for i in range(bins):
            here = scale(bank.sample_rate / padded * i)
            if left < here < right:
                rising = here <= centre
                weights[i, band] = (
                    (here - left) / (centre - left) if rising else (right - here) / (right - centre)
                )
    return np.log(np.maximum(power @ weights, 1.1920928955078125e-07))


def _sound(bank: MelBank, seed: int) -> NDArray[np.float32]:
    """Tones, a knock and noise, with an offset, over four decades of level."""
    rng = np.random.default_rng(seed)
    time = np.arange(bank.sample_rate // 4) / bank.sample_rate
    tones = sum(
        10 ** rng.uniform(-3, -0.7) * np.sin(2 * np.pi * rng.uniform(60, 3500) * time)
        for _ in range(4)
    )
    knock = (
        0.5 * np.exp(-np.maximum(time - 0.1, 0) * 80) * (time > 0.1) * rng.normal(size=len(time))
    )
    return (0.05 + tones + knock + 1e-3 * rng.normal(size=len(time))).astype(np.float32)


@pytest.mark.parametrize('bank', [DEFAULT, *OTHERS])
@pytest.mark.parametrize('seed', [0, 1])
def test_against_kaldis_formulas(bank: MelBank, seed: int) -> None:
    samples = _sound(bank, seed)
    found = mel.log_mel(mel.power_spectrum(samples, bank), bank)
    expected = _kaldi(samples, bank).T
    assert found.dtype == np.float32
    assert found.shape == expected.shape == (bank.bands, bank.frames(len(samples)))
    np.testing.assert_allclose(found, expected, atol=2e-3)
    assert np.abs(found - expected).mean() < 1e-5


def test_silence_is_the_logarithm_of_epsilon() -> None:
    found = mel.log_mel(mel.power_spectrum(np.zeros(16_000, np.float32), DEFAULT), DEFAULT)
    np.testing.assert_allclose(found, math.log(2.0**-23), rtol=1e-6)


def test_a_louder_sound_is_the_same_picture_higher_up() -> None:
    samples = _sound(DEFAULT, 2)
    soft, loud = (
        mel.log_mel(mel.power_spectrum(samples * np.float32(gain), DEFAULT), DEFAULT)
        for gain in (1, 4)
    )
    np.testing.assert_allclose(loud - soft, math.log(16), atol=1e-4)


@pytest.mark.parametrize(
    ('samples', 'frames'), [(16_000, 98), (399, 0), (400, 1), (559, 1), (560, 2)]
)
def test_only_whole_frames_count(samples: int, frames: int) -> None:
    assert DEFAULT.frames(samples) == frames
    if frames:
        assert len(mel.power_spectrum(np.zeros(samples, np.float32), DEFAULT)) == frames


def test_mean_squares_are_those_of_the_samples() -> None:
    time = np.arange(16_000) / 16_000
    tone = (0.2 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    tone_levels, noise_levels = (
        mel.mean_squares(mel.power_spectrum(sound, DEFAULT), DEFAULT, 0.0)
        for sound in (tone, noise)
    )
    np.testing.assert_allclose(tone_levels, 0.2**2 / 2, rtol=0.01)
    assert noise_levels.mean() == pytest.approx(0.1**2, rel=0.03)


def test_hum_does_not_count_above_its_frequency() -> None:
    time = np.arange(16_000) / 16_000
    for hertz in (50, 60):
        hum = np.sin(2 * np.pi * hertz * time).astype(np.float32)
        power = mel.power_spectrum(hum, DEFAULT)
        assert mel.mean_squares(power, DEFAULT, 0.0).mean() > 0.5
        assert mel.mean_squares(power, DEFAULT, 150.0).max() < 0.5 * 10**-3
