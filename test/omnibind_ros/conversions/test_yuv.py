"""Against BT.601 in float64, the colour bars of the standard, and OpenCV where it is there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_ros.conversions.yuv import packed_to_rgb
from omnibind_ros.conversions.yuv import semi_planar_to_rgb


def exact(y: NDArray[np.uint8], u: NDArray[np.uint8], v: NDArray[np.uint8]) -> NDArray[np.float64]:
    """ITU-R BT.601, section 2.5, solved for R, G, B of 0 to 255; Kr = 0.299, Kb = 0.114."""
    luma = (y.astype(np.float64) - 16) / 219
    blue = (u.astype(np.float64) - 128) / 224
    red = (v.astype(np.float64) - 128) / 224
    luma = np.maximum(luma, 0)  # below black is black, as OpenCV has it
    r = luma + 2 * (1 - 0.299) * red
    b = luma + 2 * (1 - 0.114) * blue
    g = (luma + 0.0 - 0.299 * r - 0.114 * b) / 0.587
    return np.clip(np.stack([r, g, b], axis=-1) * 255, 0, 255)


def every_third() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    values = np.unique(np.append(np.arange(0, 256, 5), [16, 127, 128, 129, 235, 240, 255]))
    y, u, v = np.meshgrid(*(values.astype(np.uint8),) * 3, indexing='ij')
    return y.ravel(), u.ravel(), v.ravel()


@pytest.mark.parametrize('luma_first', [True, False])
def test_packed_is_bt_601_to_a_grey_level(luma_first: bool) -> None:
    y, u, v = every_third()
    columns = (y, u, y, v) if luma_first else (u, y, v, y)
    rgb = packed_to_rgb(np.stack(columns, axis=-1)[None], luma_first=luma_first)
    assert rgb.shape == (1, 2 * len(y), 3)
    assert np.abs(rgb[0, ::2] - exact(y, u, v)).max() < 1.0
    np.testing.assert_array_equal(rgb[0, ::2], rgb[0, 1::2])


@pytest.mark.parametrize('v_first', [True, False])
@pytest.mark.parametrize('full', [True, False])
def test_semi_planar_is_the_same_arithmetic(v_first: bool, full: bool) -> None:
    rng = np.random.default_rng(0)
    luma = rng.integers(0, 256, (6, 8), dtype=np.uint8)
    size = (6, 8) if full else (3, 4)
    u, v = rng.integers(0, 256, (2, *size), dtype=np.uint8)
    chroma = np.stack((v, u) if v_first else (u, v), axis=-1)
    rgb = semi_planar_to_rgb(luma, chroma, v_first=v_first)
    if not full:
        u, v = (plane.repeat(2, axis=0).repeat(2, axis=1) for plane in (u, v))
    assert np.abs(rgb - exact(luma, u, v)).max() < 1.0


# ITU-R BT.601 colour bars of 100 %
BARS = {
    (235, 128, 128): (255, 255, 255),
    (210, 16, 146): (255, 255, 0),
    (170, 166, 16): (0, 255, 255),
    (145, 54, 34): (0, 255, 0),
    (106, 202, 222): (255, 0, 255),
    (81, 90, 240): (255, 0, 0),
    (41, 240, 110): (0, 0, 255),
    (16, 128, 128): (0, 0, 0),
}


@pytest.mark.parametrize('yuv', BARS)
def test_colour_bars(yuv: tuple[int, int, int]) -> None:
    y, u, v = yuv
    pair = np.array([[[y, u, y, v]]], np.uint8)
    shown = packed_to_rgb(pair, luma_first=True)[0, 0].astype(int)
    assert np.abs(shown - BARS[yuv]).max() <= 2


@given(st.binary(min_size=8, max_size=8))
def test_pixels_of_a_pair_share_their_colour_difference_only(content: bytes) -> None:
    """Swapping the two brightnesses swaps the two pixels."""
    pair = np.frombuffer(content, np.uint8).reshape(1, 2, 4)
    swapped = pair[..., [2, 1, 0, 3]]
    there = packed_to_rgb(pair, luma_first=True).reshape(1, 2, 2, 3)
    back = packed_to_rgb(swapped, luma_first=True).reshape(1, 2, 2, 3)
    np.testing.assert_array_equal(there[:, :, ::-1], back)


@pytest.mark.parametrize('code', ['UYVY', 'YUY2', 'NV12', 'NV21'])
def test_parity_with_opencv_to_the_bit(code: str) -> None:
    cv2 = pytest.importorskip('cv2')
    rng = np.random.default_rng(1)
    convert = getattr(cv2, f'COLOR_YUV2RGB_{code}')
    if code.startswith('NV'):
        planes = rng.integers(0, 256, (96, 80), dtype=np.uint8)
        chroma = planes[64:].reshape(32, 40, 2)
        ours = semi_planar_to_rgb(planes[:64], chroma, v_first=code == 'NV21')
        np.testing.assert_array_equal(ours, cv2.cvtColor(planes, convert))
    else:
        pixels = rng.integers(0, 256, (64, 80, 2), dtype=np.uint8)
        ours = packed_to_rgb(pixels.reshape(64, 40, 4), luma_first=code == 'YUY2')
        np.testing.assert_array_equal(ours, cv2.cvtColor(pixels, convert))
