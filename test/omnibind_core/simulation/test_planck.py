from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from omnibind_core.errors import InputError
from omnibind_core.simulation.planck import BAND
from omnibind_core.simulation.planck import band_radiance
from omnibind_core.simulation.planck import band_temperature

# CODATA 2018
PLANCK, LIGHT, BOLTZMANN = 6.62607015e-34, 299_792_458.0, 1.380649e-23


def spectral(wavelength: float, temperature: float) -> float:
    """Planck's law, W/(m^2 sr m)."""
    energy = PLANCK * LIGHT / (wavelength * BOLTZMANN * temperature)
    return 2 * PLANCK * LIGHT**2 / wavelength**5 / np.expm1(energy)


@pytest.mark.parametrize('temperature', [150.0, 253.1, 283.15, 300.0, 333.37, 600.1, 900.0])
def test_the_band_is_plancks_law_integrated(temperature: float) -> None:
    expected, _ = quad(spectral, *BAND, args=(temperature,), epsabs=0, epsrel=1e-10)
    assert float(band_radiance(temperature)) == pytest.approx(expected, rel=3e-6)


def test_temperature_and_back_within_a_tenth_of_a_millikelvin() -> None:
    temperature = np.linspace(200.0, 500.0, 3001)
    np.testing.assert_allclose(band_temperature(band_radiance(temperature)), temperature, atol=1e-4)


def test_a_warmer_body_radiates_more() -> None:
    assert (np.diff(band_radiance(np.linspace(150.0, 900.0, 5000))) > 0).all()


@pytest.mark.parametrize('temperature', [149.0, 901.0, float('nan'), float('inf')])
def test_what_is_not_covered_is_refused(temperature: float) -> None:
    with pytest.raises(InputError, match='150 to 900 K'):
        band_radiance([300.0, temperature])
