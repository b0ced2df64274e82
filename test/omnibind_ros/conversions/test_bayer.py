"""Against the definition, pixel by pixel; and against OpenCV, where it is there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import InputError
from omnibind_ros.conversions.bayer import demosaic
from omnibind_ros.conversions.bayer import RED_AT

PATTERNS = sorted(RED_AT)


def mirrored(index: int, size: int) -> int:
    """-1 is 1, ``size`` is ``size - 2``: about the outermost pixel, which is not repeated."""
    return -index if index < 0 else 2 * (size - 1) - index if index >= size else index


def brute_force(mosaic: NDArray[np.uint8], pattern: str) -> NDArray[np.uint8]:
    """Each colour: the pixel's own, or the rounded mean of its nearest in the 3 x 3 around it."""
    height, width = mosaic.shape
    filters = [[pattern[2 * (row % 2) + column % 2] for column in range(2)] for row in range(2)]
    rgb = np.zeros((height, width, 3), np.uint8)
    for row in range(height):
        for column in range(width):
            for channel, colour in enumerate('rgb'):
                if filters[row % 2][column % 2] == colour:
                    rgb[row, column, channel] = mosaic[row, column]
                    continue
                found = []
                for down in (-1, 0, 1):
                    for right in (-1, 0, 1):
                        if filters[(row + down) % 2][(column + right) % 2] == colour:
                            y, x = mirrored(row + down, height), mirrored(column + right, width)
                            found.append(int(mosaic[y, x]))
                rgb[row, column, channel] = (sum(found) + len(found) // 2) // len(found)
    return rgb


@pytest.mark.parametrize('pattern', PATTERNS)
@pytest.mark.parametrize('shape', [(2, 2), (2, 3), (3, 2), (4, 6), (5, 7), (7, 4)])
def test_every_pixel_by_its_definition(pattern: str, shape: tuple[int, int]) -> None:
    mosaic = np.random.default_rng(sum(shape)).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(demosaic(mosaic, pattern), brute_force(mosaic, pattern))


@given(
    st.sampled_from(PATTERNS),
    st.integers(2, 6),
    st.integers(2, 6),
    st.binary(min_size=36, max_size=36),
)
def test_any_mosaic_by_its_definition(
    pattern: str, height: int, width: int, content: bytes
) -> None:
    mosaic = np.frombuffer(content, np.uint8)[: height * width].reshape(height, width)
    np.testing.assert_array_equal(demosaic(mosaic, pattern), brute_force(mosaic, pattern))


def test_a_known_mosaic() -> None:
    mosaic = np.array([[100, 20, 110], [30, 5, 34], [120, 24, 130]], np.uint8)
    rgb = demosaic(mosaic, 'rggb')
    assert rgb[1, 1].tolist() == [(100 + 110 + 120 + 130 + 2) // 4, (20 + 30 + 34 + 24 + 2) // 4, 5]
    assert rgb[0, 1].tolist() == [105, 20, 5]
    assert rgb[1, 0].tolist() == [110, 30, 5]


def test_the_mosaic_may_be_a_view() -> None:
    wide = np.arange(80, dtype=np.uint8).reshape(4, 20)
    view = wide[:, ::2]
    np.testing.assert_array_equal(demosaic(view, 'grbg'), demosaic(view.copy(), 'grbg'))


@pytest.mark.parametrize('shape', [(1, 8), (8, 1), (1, 1)])
def test_less_than_a_mosaic_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(InputError, match='2 x 2 or more'):
        demosaic(np.zeros(shape, np.uint8), 'rggb')


# OpenCV names a pattern by the second row's second and third pixel
OPENCV = {'rggb': 'BG', 'bggr': 'RG', 'gbrg': 'GR', 'grbg': 'GB'}


@pytest.mark.parametrize('pattern', PATTERNS)
def test_parity_with_opencv_inside_the_border(pattern: str) -> None:
    cv2 = pytest.importorskip('cv2')
    mosaic = np.random.default_rng(5).integers(0, 256, (34, 50), dtype=np.uint8)
    theirs = cv2.cvtColor(mosaic, getattr(cv2, f'COLOR_Bayer{OPENCV[pattern]}2RGB'))
    np.testing.assert_array_equal(demosaic(mosaic, pattern)[1:-1, 1:-1], theirs[1:-1, 1:-1])
