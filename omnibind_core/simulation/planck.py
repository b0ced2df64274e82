"""Thermal radiation from 8 to 14 um, what uncooled thermal cameras see, and back to temperature.

Planck's law, integrated over the band: Incropera et al., "Fundamentals of Heat and Mass Transfer",
7th ed. 2011, section 12.4 (the band emission function's series, equation of Chang & Rhee 1984).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from numpy.typing import NDArray

from omnibind_core.errors import InputError

BAND = (8e-6, 14e-6)
"""Wavelengths, m."""

COLDEST = 150.0
"""Kelvin; below, and above :data:`HOTTEST`, nothing is computed."""
HOTTEST = 900.0

_SECOND_CONSTANT = 1.438776877e-2  # m K, CODATA 2018
_STEFAN_BOLTZMANN = 5.670374419e-8  # W/(m^2 K^4)
_TERMS = 40


def band_radiance(temperature: ArrayLike) -> NDArray[np.float64]:
    """What a black body radiates in the band, W/(m^2 sr).

    :param temperature: kelvin, any shape.
    :raises InputError: outside :data:`COLDEST` to :data:`HOTTEST`, or not finite.
    """
    given = np.asarray(temperature, np.float64)
    if not ((given >= COLDEST) & (given <= HOTTEST)).all():
        raise InputError('temperature', 'values beyond', f'{COLDEST:g} to {HOTTEST:g} K')
    grid, radiance = _table()
    return np.asarray(np.interp(given, grid, radiance), np.float64)


def band_temperature(radiance: ArrayLike) -> NDArray[np.float64]:
    """The temperature of the black body that radiates so much in the band, K.

    :param radiance: W/(m^2 sr), any shape; clipped to what the covered temperatures radiate.
    """
    grid, known = _table()
    return np.asarray(np.interp(np.asarray(radiance, np.float64), known, grid), np.float64)


@cache
def _table() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Temperatures every 0.25 K and their radiance; linear in between is right to 1 mK."""
    grid = np.arange(COLDEST, HOTTEST + 0.25, 0.25)
    share = _below(BAND[1], grid) - _below(BAND[0], grid)
    return grid, share * _STEFAN_BOLTZMANN * grid**4 / np.pi


def _below(wavelength: float, temperature: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of a black body's radiation below a wavelength."""
    x = _SECOND_CONSTANT / (wavelength * temperature)[:, None]
    n = np.arange(1, _TERMS + 1)
    terms = np.exp(-n * x) * (x**3 + 3.0 * x**2 / n + 6.0 * x / n**2 + 6.0 / n**3) / n
    return np.asarray(15.0 / np.pi**4 * terms.sum(axis=1), np.float64)
