"""Resampling against SciPy's polyphase filter, and against the sine it should leave alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest
from scipy import signal

from omnibind_core.modalities.resampling import LARGEST_TERM
from omnibind_core.modalities.resampling import Ratio
from omnibind_core.modalities.resampling import ratio
from omnibind_core.modalities.resampling import resampled

RATES = [4_000, 8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000]


def _noise(number: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 0.1, number).astype(np.float32)


@pytest.mark.parametrize('rate', RATES)
@pytest.mark.parametrize('wanted', [8_000, 16_000, 48_000])
def test_common_rates_are_exact_and_agree_with_scipy(rate: int, wanted: int) -> None:
    change = ratio(rate, wanted)
    assert change.up * rate == change.down * wanted
    samples = _noise(rate // 5)
    expected = signal.resample_poly(samples.astype(np.float64), change.up, change.down)
    found = resampled(samples, change)
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-6)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 400), st.integers(0, 99))
def test_any_ratio_and_length_against_scipy(up: int, down: int, number: int, seed: int) -> None:
    common = int(np.gcd(up, down))
    change = Ratio(up // common, down // common)
    samples = _noise(number, seed)
    expected = signal.resample_poly(samples.astype(np.float64), up, down)
    found = resampled(samples, change)
    assert found.shape == expected.shape == (change.samples_out(number),)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@given(
    st.sampled_from([Ratio(1, 3), Ratio(160, 441), Ratio(2, 1), Ratio(3, 7), Ratio(1, 12)]),
    st.integers(1, 3000),
    st.integers(1, 1000),
)
def test_older_samples_can_be_cut_off(change: Ratio, number: int, newest: int) -> None:
    samples = _noise(number)
    whole = resampled(samples, change)
    first = change.first_needed(number, newest)
    assert first % change.down == 0
    np.testing.assert_allclose(
        resampled(samples[first:], change)[-newest:], whole[-newest:], atol=1e-6
    )
    # and not much more than needed is kept
    assert number - first <= newest * change.down / change.up + change.reach + 2 + change.down


@pytest.mark.parametrize('rate', [44_100, 48_000, 8_000, 16_001, 47_999, 191_999])
def test_a_tone_keeps_its_pitch_and_level(rate: int) -> None:
    time = np.arange(rate) / rate
    tone = np.sin(2 * np.pi * 1000 * time).astype(np.float32)
    found = resampled(tone, ratio(rate, 16_000))[1000:-1000]
    spectrum = np.abs(np.fft.rfft(found * np.hanning(len(found))))
    pitch = np.argmax(spectrum) * 16_000 / len(found)
    assert pitch == pytest.approx(1000, abs=1.5)
    assert np.sqrt(2 * np.mean(found**2)) == pytest.approx(1, abs=0.01)


def test_what_the_lower_rate_cannot_hold_is_removed() -> None:
    tone = np.sin(2 * np.pi * 15_000 * np.arange(48_000) / 48_000).astype(np.float32)
    assert np.abs(resampled(tone, ratio(48_000, 16_000))[100:-100]).max() < 0.002


def test_odd_rates_take_the_nearest_smaller_fraction() -> None:
    for rate in range(4_000, 192_001, 37):
        for wanted in (8_000, 16_000, 48_000):
            change = ratio(rate, wanted)
            assert max(change.up, change.down) <= LARGEST_TERM
            assert change.up / change.down == pytest.approx(wanted / rate, rel=6e-4)


def test_the_same_rate_changes_nothing() -> None:
    samples = _noise(100)
    np.testing.assert_array_equal(resampled(samples, ratio(16_000, 16_000)), samples)
    assert resampled(samples[:0], ratio(48_000, 16_000)).shape == (0,)
