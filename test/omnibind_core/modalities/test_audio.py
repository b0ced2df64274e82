"""Audio preprocessing: its steps against SciPy and Kaldi's formulas, silence, and what is wrong."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest
from scipy import signal

from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.modalities import mel
from omnibind_core.modalities.audio import AudioSensor
from omnibind_core.modalities.audio import AudioSpecification
from omnibind_core.modalities.audio import preprocess
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.registry import modality

DEFAULT = AudioSpecification()
SENSOR = AudioSensor()
SILENT = (math.log(2.0**-23) + 4.268) / 9.138


def _sound(seconds: float, rate: int, seed: int = 0) -> NDArray[np.float32]:
    """Tones below 3.5 kHz and a little noise, with an offset."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    tones = [0.1 * np.sin(2 * np.pi * rng.uniform(200, 3500) * time + k) for k in range(4)]
    return (0.03 + sum(tones) + 0.01 * rng.normal(size=len(time))).astype(np.float32)


def _picture(sound: NDArray[np.floating]) -> NDArray[np.float64]:
    """Normalised log-mel energies of one second at 16 kHz; the bank itself is tested elsewhere."""
    sound = (sound - sound.mean()).astype(np.float32)
    sound = np.pad(sound, (16_000 - len(sound), 0))
    bank = mel.MelBank(16_000, 64, 400, 160, 20.0, 8_000.0, 0.97)
    return (mel.log_mel(mel.power_spectrum(sound, bank), bank)[None] + 4.268) / 9.138


@pytest.mark.parametrize('rate', [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize('seconds', [0.3, 1.0, 2.5])
def test_the_newest_second_at_16_khz(rate: int, seconds: float) -> None:
    samples = _sound(seconds, rate)
    prepared = preprocess(AudioClip(samples, rate), DEFAULT, SENSOR)
    common = math.gcd(rate, 16_000)
    whole = signal.resample_poly(samples.astype(np.float64), 16_000 // common, rate // common)
    assert prepared.array.shape == DEFAULT.shape == (1, 64, 98)
    assert prepared.array.dtype == np.float32
    assert prepared.array.flags.c_contiguous
    np.testing.assert_allclose(prepared.array, _picture(whole[-16_000:]), atol=1e-3)
    assert prepared.informative
    assert prepared.unit == 'dBFS'


def test_a_short_clip_ends_the_picture() -> None:
    array = preprocess(AudioClip(_sound(0.3, 16_000), 16_000), DEFAULT, SENSOR).array
    np.testing.assert_allclose(array[..., :68], SILENT, atol=1e-6)
    assert (array[..., 71:].mean(axis=(0, 1)) > SILENT + 0.5).all()


def test_channels_are_averaged() -> None:
    left, right = _sound(1, 48_000), _sound(1, 48_000, seed=1)
    both = AudioClip(np.stack([left, right], axis=1), 48_000)
    mean = AudioClip((left + right) / np.float32(2), 48_000)
    np.testing.assert_allclose(
        preprocess(both, DEFAULT, SENSOR).array, preprocess(mean, DEFAULT, SENSOR).array, atol=1e-5
    )


def test_gain_is_that_of_the_microphone() -> None:
    samples = _sound(1, 16_000)
    quiet = AudioClip(samples * np.float32(0.1), 16_000)
    plain = preprocess(AudioClip(samples, 16_000), DEFAULT, SENSOR)
    raised = preprocess(quiet, DEFAULT, AudioSensor(gain_db=20.0))
    np.testing.assert_allclose(raised.array, plain.array, atol=1e-4)
    assert raised.evidence == pytest.approx(plain.evidence, abs=1e-3)
    assert preprocess(quiet, DEFAULT, SENSOR).evidence == pytest.approx(plain.evidence - 20)


def test_loudness_rms_makes_pictures_alike() -> None:
    samples = _sound(1, 16_000)
    specification = AudioSpecification(loudness='rms', rms_dbfs=-20.0)
    loud, soft = (
        preprocess(AudioClip(samples * np.float32(gain), 16_000), specification, SENSOR)
        for gain in (1.0, 0.03)
    )
    np.testing.assert_allclose(loud.array, soft.array, atol=1e-4)
    assert loud.evidence > soft.evidence + 20  # silence is still judged as recorded
    centred = samples - samples.mean()
    exact = centred * (0.1 / np.sqrt(np.mean(centred**2)))
    np.testing.assert_allclose(loud.array, _picture(exact), atol=1e-4)
    faint = preprocess(AudioClip(samples * np.float32(1e-4), 16_000), specification, SENSOR)
    by_40_db = _picture(centred * 1e-2)
    np.testing.assert_allclose(faint.array, by_40_db, atol=1e-3)


def test_the_level_is_that_of_the_loudest_frame() -> None:
    time = np.arange(16_000) / 16_000
    tone = (0.1 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)
    prepared = preprocess(AudioClip(tone, 16_000), DEFAULT, SENSOR)
    assert prepared.evidence == pytest.approx(20 * math.log10(0.1 / math.sqrt(2)), abs=0.1)
    knock = np.zeros(16_000, np.float32)
    knock[8_000:8_800] = tone[:800]
    prepared = preprocess(AudioClip(knock, 16_000), DEFAULT, SENSOR)
    assert prepared.evidence == pytest.approx(-23, abs=0.2)


def test_silence_noise_floor_and_hum_are_nothing_to_sense() -> None:
    time = np.arange(48_000) / 48_000
    rng = np.random.default_rng(0)
    floor = 10 ** (-75 / 20) * rng.normal(size=48_000)
    hum = 10 ** (-35 / 20) * math.sqrt(2) * np.sin(2 * np.pi * 50 * time)
    for sound in (np.zeros(48_000), np.full(48_000, 0.5), floor, floor + hum):
        prepared = preprocess(AudioClip(sound.astype(np.float32), 48_000), DEFAULT, SENSOR)
        assert not prepared.informative
        assert -200 <= prepared.evidence < -60
    knock = floor + hum
    knock[20_000:21_000] += 0.02 * rng.normal(size=1_000)
    assert preprocess(AudioClip(knock.astype(np.float32), 48_000), DEFAULT, SENSOR).informative
    loud_fans = AudioSensor(silence_dbfs=-20.0)
    assert not preprocess(
        AudioClip(knock.astype(np.float32), 48_000), DEFAULT, loud_fans
    ).informative


def test_exact_silence_is_minus_200_dbfs() -> None:
    prepared = preprocess(AudioClip(np.zeros(16_000, np.float32), 16_000), DEFAULT, SENSOR)
    assert prepared.evidence == pytest.approx(-200)
    np.testing.assert_allclose(prepared.array, SILENT, atol=1e-6)


def test_old_samples_are_not_looked_at() -> None:
    samples = _sound(3, 16_000)
    good = preprocess(AudioClip(samples, 16_000), DEFAULT, SENSOR)
    samples[:10_000] = np.nan
    again = preprocess(AudioClip(samples, 16_000), DEFAULT, SENSOR)
    np.testing.assert_array_equal(again.array, good.array)
    samples[-1] = np.nan
    with pytest.raises(InputError, match='nan'):
        preprocess(AudioClip(samples, 16_000), DEFAULT, SENSOR)


def test_less_than_a_frame_is_refused() -> None:
    for number, rate in ((399, 16_000), (1199, 48_000), (0, 8_000)):
        with pytest.raises(InputError, match='at least 25 ms'):
            preprocess(AudioClip(np.zeros(number, np.float32), rate), DEFAULT, SENSOR)
    preprocess(AudioClip(np.zeros(1200, np.float32), 48_000), DEFAULT, SENSOR)


def test_the_clip_stays_as_it_is() -> None:
    samples = _sound(1, 16_000)
    before = samples.copy()
    arrays = [preprocess(AudioClip(samples, 16_000), DEFAULT, SENSOR).array for _ in range(2)]
    np.testing.assert_array_equal(arrays[0], arrays[1])
    np.testing.assert_array_equal(samples, before)


def test_settings_that_contradict_are_refused_together() -> None:
    with pytest.raises(ConfigError) as caught:
        AudioSpecification(
            sample_rate=8_000, span_s=0.05, frame_ms=60.0, high_hz=5_000.0, low_hz=5_000.0
        )
    assert [problem.key for problem in caught.value.problems] == ['span_s', 'high_hz', 'low_hz']


def test_the_registry_knows_it() -> None:
    found = modality('audio')
    assert (found.name, found.role) == ('audio', 'student')
    assert found.default_specification().shape == (1, 64, 98)
    assert found.span == found.specification().span_s
    assert found.preprocess is preprocess


def _filled(shape: tuple[int, ...], name: str, data: bytes) -> NDArray[np.generic]:
    dtype = np.dtype(name)
    length = math.prod(shape) * dtype.itemsize
    return np.resize(np.frombuffer(data, np.uint8), length).view(dtype).reshape(shape)


def _numbers(seed: int, channels: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    values = [0.0, -0.0, 1e-45, 1e-30, 1e-9, 0.1, -1.0, 1.0, 3.9, -4.0]
    samples = rng.choice(np.array(values, np.float32), (rng.integers(0, 900), channels))
    if rng.random() < 0.2 and len(samples):
        samples[-1] = rng.choice([math.nan, math.inf, -math.inf, 3e38])
    return samples[:, 0] if channels == 1 else samples


_SOUND = st.builds(_numbers, st.integers(0, 1 << 32), st.integers(1, 3))
_SAMPLES = st.one_of(
    _SOUND,
    st.builds(
        _filled,
        st.sampled_from([(400,), (700,), (0,), (), (350, 2), (200, 40), (300, 0), (2, 3, 4)]),
        st.sampled_from(['f4'] * 6 + ['>f4', 'f8', 'f2', 'i2', 'u1', 'c8', '?', 'V3']),
        st.binary(min_size=1, max_size=64),
    ),
    st.sampled_from([None, 1, b'', [0.0] * 500, np.full(500, None)]),
    st.just(np.broadcast_to(np.zeros((), np.float32), (1 << 40,))),
)
# rates in lowest terms with few weights: making up to a million of them takes a while, once
_GOOD_RATES = st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000, np.int32(32_000)])
_RATES = st.one_of(
    _GOOD_RATES,
    st.integers(-10, 3_999),
    st.integers(192_001, 1 << 70),
    st.sampled_from([None, True, 16_000.0, math.nan, '16000']),
)


@pytest.mark.malformed
@pytest.mark.filterwarnings('error')
@given(
    st.one_of(st.builds(AudioClip, _SOUND, _GOOD_RATES), st.builds(AudioClip, _SAMPLES, _RATES)),
    st.sampled_from(['keep', 'rms']),
    st.sampled_from([-60.0, 0.0, 60.0]),
)
def test_anything_at_all(clip: Any, loudness: str, gain_db: float) -> None:
    specification = AudioSpecification(span_s=0.1, mels=16, loudness=loudness)
    try:
        prepared = preprocess(clip, specification, AudioSensor(gain_db=gain_db))
    except InputError:
        return
    assert prepared.array.shape == specification.shape == (1, 16, 8)
    assert np.isfinite(prepared.array).all()
    assert -200.001 < prepared.evidence < 100
