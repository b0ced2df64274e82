"""The camera model: exposure, noise, white balance, fall-off, against their definitions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.simulation.camera_response import CameraResponse
from omnibind_core.simulation.camera_response import MIDDLE_GREY
from omnibind_core.simulation.camera_response import white_balance
from omnibind_core.simulation.surface import to_linear

CLEAN = {'full_well': 1e9, 'read_noise': 0.0, 'blur': 0.0}


def grey(value: float = 0.3, side: int = 200) -> np.ndarray:
    return np.full((side, side, 3), value, np.float32)


def test_the_mean_becomes_middle_grey_whatever_the_light() -> None:
    for level in (1e-4, 0.3, 50.0):
        picture = CameraResponse(**CLEAN).picture(grey(level), np.random.default_rng(0))
        assert picture.dtype == np.uint8
        # sRGB of 0.18: 1.055 * 0.18 ** (1 / 2.4) - 0.055 = 0.461
        assert (picture == 118).all()


@pytest.mark.parametrize('stops', [-1.0, 1.0])
def test_exposure_is_in_stops(stops: float) -> None:
    picture = CameraResponse(exposure=stops, **CLEAN).picture(grey(), np.random.default_rng(0))
    assert to_linear(picture / 255.0).mean() == pytest.approx(0.18 * 2**stops, rel=0.02)


@pytest.mark.parametrize(('full_well', 'read_noise'), [(1000.0, 0.0), (5000.0, 40.0)])
def test_the_photon_transfer_curve(full_well: float, read_noise: float) -> None:
    """Variance in electrons = mean + read noise squared (EMVA 1288), at three levels."""
    light = np.repeat(np.float32([0.5, 1.0, 1.5]), 200)[:, None, None] * grey(1.0, 600)[:1]
    light = np.broadcast_to(light, (600, 600, 3)).astype(np.float32)
    camera = CameraResponse(full_well=full_well, read_noise=read_noise, blur=0.0)
    electrons = to_linear(camera.picture(light, np.random.default_rng(1)) / 255.0) * full_well
    for number, level in enumerate((0.5, 1.0, 1.5)):
        part = electrons[200 * number : 200 * (number + 1)].astype(np.float64)
        mean = MIDDLE_GREY * level * full_well
        step = full_well / 255 * 2.4 * (MIDDLE_GREY * level) ** (1.4 / 2.4) / 1.055  # of 8 bits
        assert part.mean() == pytest.approx(mean, rel=0.01)
        assert part.var() == pytest.approx(mean + read_noise**2 + step**2 / 12, rel=0.04)


def test_highlights_clip_to_white_whatever_the_white_balance() -> None:
    light = grey(0.01)
    light[:20, :20] = 100.0
    gains = white_balance((1.5, 1.0, 0.3), 1.0)
    picture = CameraResponse(gains=gains, **CLEAN).picture(light, np.random.default_rng(0))
    assert (picture[:20, :20] == 255).all()


@given(red=st.floats(0.2, 3.0), blue=st.floats(0.05, 3.0))
def test_white_balance_makes_white_grey(red: float, blue: float) -> None:
    gains = np.array(white_balance((red, 1.0, blue), 1.0))
    assert gains.min() == pytest.approx(1.0)
    assert np.ptp(gains * [red, 1.0, blue]) < 1e-6
    half = np.array(white_balance((red, 1.0, blue), 0.5))
    assert half[0] / half[1] == pytest.approx(red**-0.5)
    assert white_balance((red, 1.0, blue), 0.0) == (1.0, 1.0, 1.0)


def test_edges_darken_by_the_fourth_power_of_the_cosine() -> None:
    camera = CameraResponse(vignetting=np.tan(np.radians(30.0)), **CLEAN)
    linear = to_linear(camera.picture(grey(), np.random.default_rng(0)) / 255.0)
    ratio = linear[100, -1, 1] / linear[100, 100, 1]
    assert ratio == pytest.approx(np.cos(np.radians(30.0)) ** 4, rel=0.03)


def test_darkness_is_no_error() -> None:
    picture = CameraResponse().picture(grey(0.0), np.random.default_rng(0))
    assert picture.max() < 30


def test_the_generator_decides() -> None:
    first, again, other = (
        CameraResponse().picture(grey(), np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
