from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_core.errors import UnavailableError
from omnibind_core.simulation import gel_optics as module
from omnibind_core.simulation.gel_optics import gel_optics
from omnibind_core.simulation.gel_optics import GelOptics

needs_calibration = pytest.mark.skipif(
    importlib.util.find_spec('taxim') is None, reason='needs the package taxim'
)


def ball(optics: GelOptics, radius: float, depth: float) -> np.ndarray:
    """A ball pressed into the middle, mm."""
    height, width = optics.shape
    x = (np.arange(width) + 0.5 - width / 2) * optics.pitch[0]
    y = (np.arange(height) + 0.5 - height / 2) * optics.pitch[1]
    away = np.hypot(x[None], y[:, None])
    under = np.sqrt(np.maximum(radius**2 - away**2, 0.0))
    return np.where(away < radius, radius - under - depth, 10.0).astype(np.float32)


def wedge(optics: GelOptics) -> np.ndarray:
    """A rough slanting edge, mm."""
    height, width = optics.shape
    y, x = np.mgrid[:height, :width]
    along = (x * optics.pitch[0]) * 0.8 + (y * optics.pitch[1]) * 0.6 - 11.0
    return (np.abs(along) * 0.5 - 0.9 + 0.02 * np.sin(8.0 * along)).astype(np.float32)


@needs_calibration
@pytest.mark.parametrize('size', [(160, 120), (80, 60), (320, 240)])
@pytest.mark.parametrize('what', ['ball', 'wedge', 'nothing'])
def test_same_pictures_as_taxim_itself(size: tuple[int, int], what: str) -> None:
    pytest.importorskip('jax')
    from taxim import Taxim

    optics = gel_optics(*size)
    shapes = {'ball': ball(optics, 3.0, 1.0), 'wedge': wedge(optics)}
    surface = shapes.get(what, np.full(optics.shape, 5.0, np.float32))
    expected = np.asarray(Taxim(backend='jax').render(surface, with_shadow=False))
    found = np.clip(optics.light(optics.deformed(surface)), 0.0, 1.0)
    different = np.abs(found - expected).max(axis=2) * 255
    # Where a slope lies on the border of two bins of the table, rounding decides between them.
    assert (different > 0.01).mean() < 0.02
    assert different.mean() < 0.05


@needs_calibration
def test_the_pad_has_its_size_whatever_the_picture() -> None:
    for width, height in ((160, 120), (640, 480)):
        optics = gel_optics(width, height)
        assert optics.shape == (height, width)
        assert optics.pitch[0] * width == pytest.approx(18.88)
        assert optics.pitch[1] * height == pytest.approx(14.16)
        assert optics.gel.max() == pytest.approx(0.0, abs=0.01)


@needs_calibration
def test_a_firmly_pressed_surface_is_where_the_gel_is() -> None:
    optics = gel_optics(160, 120)
    surface = ball(optics, 4.0, 1.2)
    deformed = optics.deformed(surface)
    middle = (slice(58, 62), slice(78, 82))
    np.testing.assert_allclose(deformed[middle], surface[middle], atol=0.02)
    # Far away the gel is what it was without contact.
    untouched = optics.deformed(np.full(optics.shape, 9.0, np.float32))
    np.testing.assert_allclose(deformed[:10], untouched[:10], atol=0.01)


@needs_calibration
def test_lights_come_from_several_sides() -> None:
    optics = gel_optics(160, 120)
    change = optics.light(optics.deformed(ball(optics, 3.0, 1.0)))
    change = change - optics.light(optics.deformed(np.full(optics.shape, 9.0, np.float32)))
    dent = change[48:72, 68:92]
    left, right = dent[:, :12].mean(axis=(0, 1)), dent[:, 12:].mean(axis=(0, 1))
    assert right[0] - left[0] > 0.1  # red from the right
    assert left[1] - right[1] > 0.05  # green from the left
    top, bottom = dent[:12].mean(axis=(0, 1)), dent[12:].mean(axis=(0, 1))
    assert bottom[2] - top[2] > 0.05  # blue from below


def test_blur_matrices_are_mirrored_gaussian_filters() -> None:
    from scipy.ndimage import gaussian_filter1d

    values = np.random.default_rng(0).random(90)
    # Half widths as taxim has them: kernels of 3, 9 and 25 taps.
    for sigma, half in ((0.7, 1), (2.0, 4), (6.0, 12)):
        found = module._gaussian(90, sigma).astype(float) @ values
        expected = gaussian_filter1d(values, sigma, mode='mirror', radius=half)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_resizing_matrices_are_pillows_triangle_filter() -> None:
    from PIL import Image

    values = np.random.default_rng(1).random((1, 96)).astype(np.float32)
    for wanted in (24, 32, 96, 192):
        expected = np.asarray(
            Image.fromarray(values).resize((wanted, 1), Image.Resampling.BILINEAR)
        )
        found = module._resized(96, wanted) @ values[0]
        np.testing.assert_allclose(found, expected[0], atol=1e-5)


@needs_calibration
def test_wrong_sizes_and_surfaces_are_refused() -> None:
    with pytest.raises(InputError, match='size: got 4 x 3'):
        gel_optics(4, 3)
    optics = gel_optics(80, 60)
    with pytest.raises(InputError, match='surface'):
        optics.deformed(np.zeros((10, 10), np.float32))
    with pytest.raises(InputError, match='surface'):
        optics.deformed(np.full((60, 80), np.nan, np.float32))


def test_a_missing_package_and_another_version_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(UnavailableError, match=r'taxim 1\.4\.1'):
        gel_optics.__wrapped__(160, 120)
    (tmp_path / 'params.json').write_text('{}')
    monkeypatch.setattr(module, '_folder', lambda: tmp_path)
    with pytest.raises(UnavailableError, match=r'is not that of taxim 1\.4\.1'):
        gel_optics.__wrapped__(160, 120)
