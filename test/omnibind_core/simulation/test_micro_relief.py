from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_core.simulation.micro_relief import micro_relief
from omnibind_core.simulation.physical_material import MATERIALS

SHAPE = (120, 160)
PITCH = 0.118e-3


def spectrum(relief: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Power, and frequencies down and across in cycles per metre."""
    window = np.outer(np.hanning(relief.shape[0]), np.hanning(relief.shape[1]))
    power = np.abs(np.fft.fft2(relief * window)) ** 2
    down = np.fft.fftfreq(relief.shape[0], PITCH)[:, None] + 0.0 * power
    across = np.fft.fftfreq(relief.shape[1], PITCH)[None, :] + 0.0 * power
    return power, down, across


@pytest.mark.parametrize('name', list(MATERIALS))
def test_height_is_the_materials_roughness(name: str) -> None:
    material = MATERIALS[name]
    relief = micro_relief(material, SHAPE, PITCH, np.random.default_rng(1))
    assert relief.shape == SHAPE
    assert relief.dtype == np.float32
    assert float(relief.mean()) == pytest.approx(0.0, abs=1e-3 * material.roughness)
    assert float(relief.std()) == pytest.approx(material.roughness, rel=1e-3)


@pytest.mark.parametrize('name', ['ceramic', 'rubber', 'leather', 'foam'])
def test_isotropic_reliefs_have_the_materials_wavelength(name: str) -> None:
    material = MATERIALS[name]
    if material.relief == 'pebbled':
        material = replace(material, relief='porous')
    found = []
    for seed in range(8):
        relief = micro_relief(material, SHAPE, PITCH, np.random.default_rng(seed))
        power, down, across = spectrum(relief)
        found.append((power * np.hypot(down, across)).sum() / power.sum())
    assert np.mean(found) * material.relief_period == pytest.approx(1.0, abs=0.35)


@pytest.mark.parametrize('name', ['wood', 'steel'])
def test_grain_and_brushing_have_one_direction(name: str) -> None:
    relief = micro_relief(MATERIALS[name], SHAPE, PITCH, np.random.default_rng(3))
    power, down, across = spectrum(relief)
    moments = np.array(
        [
            [(power * across**2).sum(), (power * across * down).sum()],
            [(power * across * down).sum(), (power * down**2).sum()],
        ]
    )
    small, large = np.linalg.eigvalsh(moments)
    assert large / small > 10.0


def test_a_weave_repeats_in_two_directions() -> None:
    fabric = replace(MATERIALS['fabric'], relief_period=1.2e-3)
    relief = micro_relief(fabric, SHAPE, PITCH, np.random.default_rng(4))
    shuffled = np.random.default_rng(0).permutation(relief.ravel()).reshape(SHAPE)
    peaks = [
        np.sort(spectrum(item)[0].ravel())[-40:].sum() / spectrum(item)[0].sum()
        for item in (relief, shuffled)
    ]
    assert peaks[0] > 5 * peaks[1]


def test_the_generator_decides_everything() -> None:
    material = MATERIALS['leather']
    a, b, c = (micro_relief(material, SHAPE, PITCH, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


def test_detail_below_the_pixels_does_not_break_it() -> None:
    fine = replace(MATERIALS['plastic'], relief_period=1e-6)
    relief = micro_relief(fine, (24, 32), 5e-3, np.random.default_rng(5))
    assert np.isfinite(relief).all()
    assert float(relief.std()) == pytest.approx(fine.roughness, rel=1e-3)


def test_wrong_arguments_are_named() -> None:
    random = np.random.default_rng(6)
    with pytest.raises(InputError, match='at least 8 x 8'):
        micro_relief(MATERIALS['wood'], (4, 100), PITCH, random)
    with pytest.raises(InputError, match='relief: got furry'):
        micro_relief(replace(MATERIALS['wood'], relief='furry'), SHAPE, PITCH, random)
