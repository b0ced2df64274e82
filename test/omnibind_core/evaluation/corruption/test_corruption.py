"""Corruptions: seeded, bounded, worse with severity, and usable by the product's preprocessing."""

from __future__ import annotations

from dataclasses import fields
from dataclasses import is_dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial import cKDTree

from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.evaluation.corruption.base import SEVERITIES
from omnibind_core.evaluation.corruption.patches import blocks
from omnibind_core.evaluation.corruption.patches import shuffled_patches
from omnibind_core.evaluation.corruption.registry import corruption
from omnibind_core.evaluation.corruption.registry import corruptions
from omnibind_core.evaluation.corruption.registry import stream_corruption
from omnibind_core.evaluation.corruption.stream import STREAM_CORRUPTIONS
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import SENSOR_NAMES
from omnibind_core.modalities.touch import TouchFrame

ALL = [(name, item) for name in SENSOR_NAMES for item in corruptions(name)]


def reading(name: str, seed: int = 0) -> Any:
    """A plausible raw reading: smooth structure, not noise, so that corruption shows."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:96, 0:128] / 96.0
    wave = 0.5 + 0.3 * np.sin(7 * columns + random.uniform(0, 6)) * np.cos(5 * rows)
    wave = wave + 0.1 * np.sin(90 * columns) * np.sin(80 * rows)
    picture = (np.stack([wave, wave**2, 1 - wave], axis=-1) * 255).astype(np.uint8)
    if name == 'image':
        return picture
    if name == 'touch':
        return TouchFrame(picture, np.full_like(picture, 128))
    if name == 'thermal':
        return (29_315 + 1500 * wave).astype(np.uint16)
    if name == 'point_cloud':
        angle = random.uniform(0, 2 * np.pi, 800)
        return np.stack([np.cos(angle), np.sin(angle), random.uniform(0, 1, 800)], axis=1).astype(
            np.float32
        )
    if name == 'audio':
        time = np.arange(16_000) / 16_000
        ring = 0.5 * np.sin(2 * np.pi * 880 * time) * np.exp(-3 * time)
        return AudioClip(ring.astype(np.float32), 16_000)
    events = np.zeros(4000, dtype=EVENT_DTYPE)
    events['x'] = np.clip(random.normal(64, 12, 4000), 0, 127)
    events['y'] = np.clip(random.normal(48, 9, 4000), 0, 95)
    events['p'] = events['x'] > 64
    events['t'] = np.sort(random.integers(0, 50_000, 4000))
    return EventSlice(events, 128, 96, 50_000)


def arrays(raw: Any) -> list[np.ndarray[Any, Any]]:
    """The arrays of a reading, for comparisons."""
    if is_dataclass(raw):
        values = [getattr(raw, item.name) for item in fields(raw)]
        return [value for value in values if isinstance(value, np.ndarray)]
    return [raw]


def damage(name: str, raw: Any, corrupted: Any) -> float:
    """How far the prepared array moves: what the model will see of it."""
    kind = modality(name)
    prepared = [
        kind.preprocess(value, kind.default_specification(), kind.sensor()).array
        for value in (raw, corrupted)
    ]
    if name == 'point_cloud':  # the order of points says nothing: mean distance to the nearest
        trees = [cKDTree(array) for array in prepared]
        return float(sum(trees[i].query(prepared[1 - i])[0].mean() for i in (0, 1)))
    return float(np.linalg.norm(prepared[0] - prepared[1]))


@pytest.mark.parametrize(('name', 'item'), ALL)
@pytest.mark.parametrize('severity', SEVERITIES)
def test_same_seed_same_bytes_and_the_input_untouched(name: str, item: str, severity: int) -> None:
    """Type and layout stay; the product's preprocessing takes what comes out."""
    raw = reading(name)
    before = [array.tobytes() for array in arrays(raw)]
    first = corruption(name, item).apply(raw, severity, seed=5)
    second = corruption(name, item).apply(raw, severity, seed=5)
    assert [array.tobytes() for array in arrays(raw)] == before
    for one, two, good in zip(arrays(first), arrays(second), arrays(raw), strict=True):
        assert one.tobytes() == two.tobytes()
        assert one.dtype == good.dtype
        assert one.ndim == good.ndim
    assert type(first) is type(raw)
    damage(name, raw, first)


@pytest.mark.parametrize(('name', 'item'), ALL)
def test_severity_5_does_more_than_severity_1(name: str, item: str) -> None:
    """Seen by the model, averaged over readings and seeds; and severity 1 does something."""
    means = []
    for severity in (1, 5):
        moved = [
            damage(name, raw, corruption(name, item).apply(raw, severity, seed))
            for seed in range(4)
            for raw in [reading(name, seed)]
        ]
        means.append(np.mean(moved))
    if (name, item) == ('event', 'hot_pixels'):
        # The preprocessing takes them out, however loud they are: no worse than ten pixels less.
        assert means[1] < 1.05 * means[0]
    else:
        assert 0 < means[0] < means[1]


def test_noise_has_the_level_it_says() -> None:
    """Standard deviation of the added noise, within 3 %; signal-to-noise ratio of sound."""
    grey = np.full((300, 300, 3), 128, np.uint8)
    deviation = np.std(corruption('image', 'noise').apply(grey, 2, 0).astype(float) / 255)
    assert deviation == pytest.approx(0.08, rel=0.03)
    wall = np.full((300, 300), 29_315, np.uint16)
    kelvin = np.std(corruption('thermal', 'noise').apply(wall, 3, 0) / 100)
    assert kelvin == pytest.approx(1.0, rel=0.03)
    clip = AudioClip((0.1 * np.sin(np.arange(48_000) / 7)).astype(np.float32), 16_000)
    noise = corruption('audio', 'noise').apply(clip, 2, 0).samples - clip.samples
    ratio = 10 * np.log10(np.mean(clip.samples**2) / np.mean(noise**2))
    assert ratio == pytest.approx(12.0, abs=0.3)


def test_thermal_blur_agrees_with_scipy() -> None:
    """The same Gaussian, truncated at three standard deviations, edges repeated."""
    raw = reading('thermal')
    expected = ndimage.gaussian_filter(
        raw.astype(np.float64), 0.035 * 96, mode='nearest', radius=int(np.ceil(3 * 0.035 * 96))
    )
    found = corruption('thermal', 'blur').apply(raw, 3, 0)
    assert np.abs(found - expected).max() <= 1.0


def test_muffling_agrees_with_scipy() -> None:
    """A first-order low-pass as a recursive filter."""
    from scipy.signal import lfilter

    clip = AudioClip(np.random.default_rng(0).uniform(-0.5, 0.5, 8000).astype(np.float32), 16_000)
    decay = np.exp(-2 * np.pi * 1000 / 16_000)
    expected = lfilter([1 - decay], [1, -decay], clip.samples.astype(np.float64))
    found = corruption('audio', 'muffling').apply(clip, 3, 0).samples
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_a_reverberation_lasts_as_long_as_it_says() -> None:
    """The energy of an impulse's tail falls by 60 dB in RT60 (Schroeder's backward integral)."""
    samples = np.zeros(48_000, np.float32)
    samples[0] = 0.5
    wet = corruption('audio', 'reverberation').apply(AudioClip(samples, 16_000), 3, 0).samples
    tail = np.cumsum(wet[1:16_000][::-1].astype(np.float64) ** 2)[::-1]
    decibels = 10 * np.log10(tail / tail[0])
    begin, end = np.argmax(decibels < -5), np.argmax(decibels < -25)
    assert (end - begin) / 16_000 * 3 == pytest.approx(1.0, rel=0.15)


def test_lost_shares_are_the_shares_they_say() -> None:
    """Events, points and occluded pixels."""
    events = corruption('event', 'drop_out').apply(reading('event'), 3, 0).events
    assert len(events) == pytest.approx(0.4 * 4000, rel=0.08)
    cloud = corruption('point_cloud', 'occlusion').apply(reading('point_cloud'), 2, 0)
    assert len(cloud) == pytest.approx(0.7 * 800, rel=0.02)
    hidden = (corruption('image', 'occlusion').apply(reading('image'), 3, 0) == 12).all(axis=-1)
    assert 0.3 <= hidden.mean() < 0.45


def test_events_stay_in_order_and_on_the_sensor() -> None:
    """Whatever was added."""
    for item in corruptions('event'):
        found = corruption('event', item).apply(reading('event'), 5, 1)
        assert (np.diff(found.events['t']) >= 0).all()
        assert found.events['x'].max() < 128
        assert found.events['y'].max() < 96


@pytest.mark.parametrize('name', SENSOR_NAMES)
def test_nothing_to_sense_survives_every_corruption(name: str) -> None:
    """No events, no points, silence, a flat picture: no exception, no NaN."""
    empty = {
        'event': EventSlice(np.zeros(0, EVENT_DTYPE), 128, 96, 50_000),
        'point_cloud': np.zeros((0, 3), np.float32),
        'audio': AudioClip(np.zeros(16_000, np.float32), 16_000),
        'image': np.zeros((64, 64, 3), np.uint8),
        'thermal': np.full((60, 80), 29_315, np.uint16),
        'touch': TouchFrame(np.full((64, 64, 3), 9, np.uint8), np.full((64, 64, 3), 9, np.uint8)),
    }[name]
    kind = modality(name)
    for item in corruptions(name):
        found = corruption(name, item).apply(empty, 5, 0)
        prepared = kind.preprocess(found, kind.default_specification(), kind.sensor())
        assert np.isfinite(prepared.array).all()


@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    share=st.floats(0, 0.9),
    seed=st.integers(0, 2**32 - 1),
)
def test_blocks_cover_at_least_the_share(height: int, width: int, share: float, seed: int) -> None:
    """For any size of picture."""
    covered = blocks(height, width, share, np.random.default_rng(seed))
    assert covered.shape == (height, width)
    assert covered.mean() >= share


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    share=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_shuffling_moves_patches_and_keeps_every_value(
    height: int, width: int, share: float, seed: int
) -> None:
    """The histogram is that of the good picture."""
    picture = np.arange(height * width).reshape(height, width)
    moved = shuffled_patches(picture, share, np.random.default_rng(seed))
    assert sorted(moved.ravel()) == sorted(picture.ravel())
    whole = (height // 8) * (width // 8)
    if round(share * whole) > 1:
        assert (moved != picture).any()


def test_unknown_names_and_severities_are_refused() -> None:
    """With what there is."""
    with pytest.raises(ConfigError, match=r"image\.name: got 'fog'; allowed: noise"):
        corruption('image', 'fog')
    with pytest.raises(ConfigError, match="got 'text'"):
        corruptions('text')
    with pytest.raises(ConfigError, match='frozen'):
        stream_corruption('hot')
    with pytest.raises(InputError, match='severity'):
        corruption('image', 'noise').apply(reading('image'), 6, 0)
    with pytest.raises(InputError, match='severity'):
        stream_corruption('frozen').level(0)


def test_stream_levels_grow() -> None:
    """With severity."""
    for item in STREAM_CORRUPTIONS:
        levels = [item.level(severity) for severity in SEVERITIES]
        assert levels == sorted(levels)
        assert stream_corruption(item.name) is item
