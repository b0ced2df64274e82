from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_ros.conversions.channels import to_rgb
from omnibind_ros.conversions.channels import to_single

COLOURS = np.random.default_rng(0).integers(0, 256, (6, 7, 3), dtype=np.uint8)


def test_colours_stay_what_they_are() -> None:
    assert to_rgb(COLOURS) is COLOURS


def test_grey_becomes_three_equal_channels_without_a_copy() -> None:
    grey = COLOURS[..., 0]
    rgb = to_rgb(grey)
    assert rgb.shape == (6, 7, 3)
    for channel in range(3):
        np.testing.assert_array_equal(rgb[..., channel], grey)
    assert np.shares_memory(rgb, grey)


@pytest.mark.parametrize('dtype', [np.uint16, np.float32])
def test_pixels_with_a_meaning_of_their_own_are_refused(
    dtype: type[np.uint16] | type[np.float32],
) -> None:
    with pytest.raises(InputError, match='thermal'):
        to_rgb(np.zeros((2, 2), dtype))


@pytest.mark.parametrize('dtype', [np.uint8, np.uint16, np.float32])
def test_one_channel_stays_what_it_is(
    dtype: type[np.uint8] | type[np.uint16] | type[np.float32],
) -> None:
    picture = np.ones((2, 3), dtype)
    assert to_single(picture) is picture


def test_brightness_is_bt_601s() -> None:
    expected = COLOURS @ np.array([0.299, 0.587, 0.114])
    single = to_single(COLOURS)
    assert single.dtype == np.uint8
    assert np.abs(single - expected).max() <= 0.51


def test_grey_in_three_channels_is_found_again() -> None:
    grey = COLOURS[..., 1]
    np.testing.assert_array_equal(to_single(to_rgb(grey)), grey)
