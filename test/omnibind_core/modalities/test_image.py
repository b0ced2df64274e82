"""Image preprocessing."""

from __future__ import annotations

from typing import Any

from bicubic_reference import bicubic
from hypothesis import given
from hypothesis import strategies as st
from malformed_pictures import PICTURES_OR_NOT
from malformed_pictures import ROIS
from malformed_pictures import ROTATIONS
import numpy as np
import pytest

from omnibind_core.configuration.reader import read
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.modalities.image import ImageSensor
from omnibind_core.modalities.image import ImageSpecification
from omnibind_core.modalities.image import preprocess
from omnibind_core.modalities.registry import modality

MEAN = np.array([0.48145466, 0.4578275, 0.40821073])  # CLIP
STD = np.array([0.26862954, 0.26130258, 0.27577711])
SMALL = ImageSpecification(size=32)


def _noise(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(70, 186, (rows, columns, 3), dtype=np.uint8)


def test_a_camera_picture_against_float64() -> None:
    picture = _noise(60, 80)
    prepared = preprocess(picture, SMALL, ImageSensor())
    expected = ((bicubic(picture, 32) / 255 - MEAN) / STD).transpose(2, 0, 1)
    assert prepared.array.shape == SMALL.shape == (3, 32, 32)
    assert prepared.array.dtype == np.float32
    assert prepared.array.flags.c_contiguous
    np.testing.assert_allclose(prepared.array, expected, atol=1.1 / 255 / 0.26)


@pytest.mark.parametrize('value', [0, 17, 255])
def test_a_plain_colour_has_the_closed_form_and_nothing_to_see(value: int) -> None:
    prepared = preprocess(np.full((40, 50, 3), value, np.uint8), SMALL, ImageSensor())
    for channel in range(3):
        expected = (value / 255 - MEAN[channel]) / STD[channel]
        np.testing.assert_allclose(prepared.array[channel], expected, rtol=1e-5)
    assert not prepared.informative
    assert prepared.evidence == pytest.approx(0, abs=1e-4)


def test_contrast_is_the_standard_deviation_of_the_brightness() -> None:
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[:, 16:] = (200, 100, 50)
    prepared = preprocess(picture, SMALL, ImageSensor())
    brightness = 0.299 * 200 + 0.587 * 100 + 0.114 * 50
    assert prepared.informative
    assert prepared.evidence == pytest.approx(brightness / 2, rel=1e-4)
    assert not preprocess(picture, SMALL, ImageSensor(minimum_contrast=70.0)).informative
    dark = np.zeros((32, 32, 3), np.uint8)
    assert preprocess(dark, SMALL, ImageSensor(minimum_contrast=0.0)).informative


def test_the_default_is_128() -> None:
    assert preprocess(_noise(48, 64), ImageSpecification(), ImageSensor()).array.shape == (
        3,
        128,
        128,
    )


def test_region_then_rotation() -> None:
    picture = _noise(60, 80)
    sensor = ImageSensor(roi=(10, 5, 40, 40), rotation=90)
    expected = preprocess(np.rot90(picture[5:45, 10:50], k=-1).copy(), SMALL, ImageSensor()).array
    np.testing.assert_allclose(
        preprocess(picture, SMALL, sensor).array, expected, atol=1.1 / 255 / 0.26
    )


def test_the_raw_picture_is_left_alone() -> None:
    picture = _noise(40, 40)
    picture.flags.writeable = False
    before = picture.copy()
    preprocess(picture, SMALL, ImageSensor(rotation=180))
    np.testing.assert_array_equal(picture, before)


def test_pictures_in_any_memory_order_are_the_same_picture() -> None:
    picture = _noise(40, 48)
    mirrored = np.ascontiguousarray(picture[:, ::-1])[:, ::-1]
    for other in (np.asfortranarray(picture), mirrored):
        np.testing.assert_array_equal(
            preprocess(other, SMALL, ImageSensor()).array,
            preprocess(picture, SMALL, ImageSensor()).array,
        )


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40))
def test_values_stay_between_black_and_white(seed: int, rows: int, columns: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (rows, columns, 3), dtype=np.uint8)
    array = preprocess(picture, SMALL, ImageSensor()).array
    for channel in range(3):
        assert array[channel].min() >= -MEAN[channel] / STD[channel] - 1e-5
        assert array[channel].max() <= (1 - MEAN[channel]) / STD[channel] + 1e-5


@given(st.integers(0, 2**32 - 1), st.integers(0, 60))
def test_a_brighter_picture_is_brighter_everywhere(seed: int, step: float) -> None:
    picture = np.random.default_rng(seed).integers(50, 150, (20, 30, 3), dtype=np.uint8)
    darker = preprocess(picture, SMALL, ImageSensor()).array
    brighter = preprocess(picture + np.uint8(step), SMALL, ImageSensor()).array
    assert np.all(brighter >= darker - 2e-2)  # a grey level of rounding is 0.015


@pytest.mark.parametrize(
    ('raw', 'field'),
    [
        (None, 'picture'),
        (np.zeros((4, 4, 3), np.float32), 'picture.dtype'),
        (np.zeros((4, 4), np.uint8), 'picture.shape'),
        (np.zeros((3, 4, 4), np.uint8), 'picture.shape'),
    ],
)
def test_refused(raw: Any, field: str) -> None:
    with pytest.raises(InputError) as caught:
        preprocess(raw, SMALL, ImageSensor())
    assert caught.value.field == field


@pytest.mark.malformed
@pytest.mark.filterwarnings('error')
@given(PICTURES_OR_NOT, ROIS, ROTATIONS)
def test_anything_else_is_an_input_error(
    raw: Any, roi: tuple[int, int, int, int], rotation: int
) -> None:
    try:
        prepared = preprocess(raw, SMALL, ImageSensor(roi=roi, rotation=rotation))
    except InputError:
        return
    assert raw.dtype == np.uint8
    assert raw.shape[2] == 3
    assert prepared.array.shape == SMALL.shape
    assert prepared.array.flags.c_contiguous
    assert np.isfinite(prepared.array).all()


def test_the_modality_declares_itself() -> None:
    image = modality('image')
    assert (image.name, image.role, image.span) == ('image', 'teacher', 0.0)
    assert image.default_specification() == ImageSpecification()
    assert image.sensor is ImageSensor


@pytest.mark.parametrize('size', [31, 513])
def test_the_size_is_bounded(size: int) -> None:
    with pytest.raises(ConfigError, match='size'):
        read(ImageSpecification, {'size': size}, source='bundle.json')
