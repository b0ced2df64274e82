"""Audio clips: what is refused and what is let through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.audio_clip import check_audio_clip
from omnibind_core.modalities.audio_clip import mono

GOOD = np.zeros(16_000, np.float32)


@pytest.mark.parametrize('samples', [GOOD, GOOD[:0], GOOD.reshape(-1, 4), GOOD.reshape(-1, 1)])
@pytest.mark.parametrize('rate', [4_000, 16_000, 192_000, np.uint32(48_000)])
def test_good_clips_pass(samples: Any, rate: Any) -> None:
    clip = AudioClip(samples, rate)
    assert check_audio_clip(clip) is clip


@pytest.mark.parametrize(
    ('raw', 'field'),
    [
        (None, 'audio'),
        (GOOD, 'audio'),
        (AudioClip(GOOD, 3_999), 'sample_rate'),
        (AudioClip(GOOD, 192_001), 'sample_rate'),
        (AudioClip(GOOD, 0), 'sample_rate'),
        (AudioClip(GOOD, 16_000.0), 'sample_rate'),  # type: ignore[arg-type]
        (AudioClip(GOOD, True), 'sample_rate'),
        (AudioClip(GOOD, None), 'sample_rate'),  # type: ignore[arg-type]
        (AudioClip(GOOD.tolist(), 16_000), 'samples'),  # type: ignore[arg-type]
        (AudioClip(GOOD.astype(np.float64), 16_000), 'samples.dtype'),  # type: ignore[arg-type]
        (AudioClip(GOOD.astype('>f4'), 16_000), 'samples.dtype'),
        (AudioClip(GOOD.astype(np.int16), 16_000), 'samples.dtype'),  # type: ignore[arg-type]
        (AudioClip(GOOD[:1].reshape(()), 16_000), 'samples.shape'),
        (AudioClip(GOOD.reshape(-1, 2, 2), 16_000), 'samples.shape'),
        (AudioClip(GOOD.reshape(-1, 40), 16_000), 'samples.shape'),
        (AudioClip(GOOD[:0].reshape(5, 0), 16_000), 'samples.shape'),
        (AudioClip(np.broadcast_to(GOOD[:1], (960_001,)), 16_000), 'samples.shape'),
    ],
)
def test_what_is_refused(raw: Any, field: str) -> None:
    with pytest.raises(InputError) as caught:
        check_audio_clip(raw)
    assert caught.value.field == field


def test_channels_are_averaged() -> None:
    stereo = np.array([[0.5, -0.25], [1.0, 1.0]], np.float32)
    assert mono(stereo).tolist() == [0.125, 1.0]
    assert mono(stereo[:, 0]).tolist() == [0.5, 1.0]
    assert mono(stereo[:0]).shape == (0,)


@pytest.mark.parametrize('wrong', [np.nan, np.inf, -np.inf, 4.5, -32_768.0])
def test_samples_far_off_scale_are_refused(wrong: float) -> None:
    samples = np.zeros((100, 2), np.float32)
    samples[70, 1] = wrong
    with pytest.raises(InputError, match='32768') as caught:
        mono(samples)
    assert caught.value.field == 'samples'
    samples[70, 1] = -4.0  # what a decoder may overshoot
    assert mono(samples)[70] == -2.0
