"""Cutting, turning and resizing pictures."""

from __future__ import annotations

from typing import Any

from bicubic_reference import bicubic
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
import torch

from omnibind_core.configuration.reader import read
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.modalities.picture import check_picture
from omnibind_core.modalities.picture import PictureSensor
from omnibind_core.modalities.picture import region
from omnibind_core.modalities.picture import square
from omnibind_core.modalities.picture import upright

sides = st.integers(1, 40)
seeds = st.integers(0, 2**32 - 1)


@given(sides, sides, st.sampled_from([1, 7, 32]), seeds)
def test_float_pictures_are_resized_as_the_formula_says(
    rows: int, columns: int, size: int, seed: int
) -> None:
    picture = np.random.default_rng(seed).uniform(-3, 7, (rows, columns)).astype(np.float32)
    if min(rows, columns) < 6 * size:
        np.testing.assert_allclose(square(picture, size), bicubic(picture, size), atol=2e-5)


@given(sides, sides, st.sampled_from([7, 32]), seeds)
def test_colour_pictures_are_resized_as_the_formula_says(
    rows: int, columns: int, size: int, seed: int
) -> None:
    # away from 0 and 255, where 8 bits cut the overshoot off
    picture = np.random.default_rng(seed).integers(70, 186, (rows, columns, 3), dtype=np.uint8)
    resized = square(picture, size)
    assert resized.dtype == np.uint8
    np.testing.assert_allclose(resized, bicubic(picture, size), atol=1.1)


@pytest.mark.parametrize(('side', 'size'), [(96, 32), (33, 64), (64, 64)])
def test_a_square_picture_is_resized_as_torch_does(side: int, size: int) -> None:
    picture = np.random.default_rng(side).uniform(0, 1, (side, side)).astype(np.float32)
    reference = torch.nn.functional.interpolate(
        torch.from_numpy(picture)[None, None], (size, size), mode='bicubic', antialias=True
    )
    np.testing.assert_allclose(square(picture, size), reference[0, 0].numpy(), atol=1e-5)


def test_a_picture_of_the_right_size_stays_as_it_is() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    np.testing.assert_array_equal(square(picture, 32), picture)


def test_a_strongly_reduced_picture_is_close_to_the_formula() -> None:
    rows, columns = np.mgrid[0:300, 0:400]
    wave = 128 + 60 * np.sin(rows / 25) * np.cos(columns / 31)
    picture = np.repeat(wave[..., None], 3, axis=2).astype(np.uint8)
    np.testing.assert_allclose(square(picture, 32), bicubic(picture, 32), atol=1.5)


def test_the_centre_is_kept_of_a_wide_and_of_a_tall_picture() -> None:
    wide = np.zeros((32, 96), dtype=np.float32)
    wide[:, 32:64] = np.random.default_rng(0).uniform(0, 1, (32, 32))
    np.testing.assert_array_equal(square(wide, 32), wide[:, 32:64])
    np.testing.assert_array_equal(square(np.ascontiguousarray(wide.T), 32), wide[:, 32:64].T)


@given(sides, sides, st.sampled_from([0, 90, 180, 270]), seeds)
def test_turning_before_or_after_resizing_is_the_same(
    rows: int, columns: int, rotation: int, seed: int
) -> None:
    picture = np.random.default_rng(seed).uniform(0, 1, (rows, columns)).astype(np.float32)
    before = square(np.ascontiguousarray(upright(picture, rotation)), 32)
    np.testing.assert_allclose(before, upright(square(picture, 32), rotation), atol=1e-5)


def test_turned_clockwise() -> None:
    picture = np.array([[1, 2], [3, 4]], dtype=np.float32)
    np.testing.assert_array_equal(upright(picture, 90), [[3, 1], [4, 2]])
    np.testing.assert_array_equal(upright(picture, 180), [[4, 3], [2, 1]])
    np.testing.assert_array_equal(upright(picture, 270), [[2, 4], [1, 3]])
    assert upright(picture, 0) is picture


def test_a_region_is_cut_out() -> None:
    picture = np.arange(20, dtype=np.uint8).reshape(4, 5)
    np.testing.assert_array_equal(region(picture, (1, 2, 3, 2)), [[11, 12, 13], [16, 17, 18]])
    assert region(picture, (0, 0, 0, 0)) is picture
    np.testing.assert_array_equal(region(picture, (0, 0, 5, 4)), picture)


@pytest.mark.parametrize(
    'roi', [(3, 0, 3, 1), (0, 3, 1, 2), (5, 0, 1, 1), (0, 0, 6, 1), (-1, 0, 2, 2), (1, 1, 0, 2)]
)
def test_a_region_outside_the_picture_is_refused(roi: tuple[int, int, int, int]) -> None:
    with pytest.raises(InputError, match='5 x 4 px') as caught:
        region(np.zeros((4, 5), dtype=np.uint8), roi)
    assert caught.value.field == 'roi'


@pytest.mark.parametrize(
    ('raw', 'field'),
    [
        ([[1]], 'eye'),
        (np.zeros((4, 4, 3)), 'eye.dtype'),
        (np.zeros((4, 4, 4), np.uint8), 'eye.shape'),
        (np.zeros((4, 4), np.uint8), 'eye.shape'),
        (np.zeros((0, 4, 3), np.uint8), 'eye.shape'),
        (np.zeros((1, 8193, 3), np.uint8), 'eye.shape'),
        (np.broadcast_to(np.uint8(0), (8192, 4097, 3)), 'eye.shape'),
    ],
)
def test_what_is_no_picture_is_refused_by_name(raw: Any, field: str) -> None:
    with pytest.raises(InputError) as caught:
        check_picture(raw, field='eye', channels=3, dtypes=(np.uint8,))
    assert caught.value.field == field


def test_pictures_at_the_bounds_are_accepted() -> None:
    for shape in [(1, 1, 3), (1, 8192, 3), (8192, 1, 3), (8192, 4096, 3)]:
        raw = np.broadcast_to(np.uint8(0), shape)
        check_picture(raw, field='eye', channels=3, dtypes=(np.uint8,))


def test_pixels_in_the_other_byte_order_are_refused() -> None:
    with pytest.raises(InputError, match='dtype'):
        raw = np.zeros((2, 2), dtype=np.dtype(np.uint16).newbyteorder())
        check_picture(raw, field='eye', channels=None, dtypes=(np.uint16,))


@pytest.mark.parametrize('roi', [[0, 0, 5, 0], [3, 0, 0, 0], [0, 0, 0, 4]])
def test_half_a_region_is_refused_in_the_configuration(roi: tuple[int, int, int, int]) -> None:
    with pytest.raises(ConfigError, match=r'camera\.roi'):
        read(PictureSensor, {'roi': roi}, source='robot.yaml', key='camera')


def test_only_quarter_turns_are_configurable() -> None:
    with pytest.raises(ConfigError, match='rotation: got 45'):
        read(PictureSensor, {'rotation': 45}, source='robot.yaml')
    assert read(PictureSensor, {'rotation': 270}, source='robot.yaml').rotation == 270
