"""The blur against scipy's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.simulation.gaussian_blur import gaussian_blur


@pytest.mark.parametrize('shape', [(17, 23), (9, 14, 3), (2, 2)])
@pytest.mark.parametrize('sigma', [0.2, 0.7, 2.5])
def test_it_is_a_gaussian(shape: tuple[int, ...], sigma: float) -> None:
    ndimage = pytest.importorskip('scipy.ndimage')
    picture = np.random.default_rng(0).random(shape, np.float32)
    spread = (sigma, sigma, 0.0)[: len(shape)]
    radius = [int(np.ceil(3.0 * value)) for value in spread]
    wanted = ndimage.gaussian_filter(
        picture.astype(np.float64), spread, mode='nearest', radius=radius
    )
    found = gaussian_blur(picture, sigma)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_none_is_the_picture_itself() -> None:
    picture = np.random.default_rng(0).random((5, 5), np.float32)
    assert gaussian_blur(picture, 0.0) is picture


@given(sigma=st.floats(0.0, 4.0), value=st.floats(0.0, 100.0))
def test_an_even_picture_stays(sigma: float, value: float) -> None:
    picture = np.full((6, 11), value, np.float32)
    np.testing.assert_allclose(gaussian_blur(picture, sigma), picture, rtol=1e-5)
