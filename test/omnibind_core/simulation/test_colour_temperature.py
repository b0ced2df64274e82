"""Colours of glowing bodies against published chromaticities."""

from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.simulation.colour_temperature import black_body
from omnibind_core.simulation.colour_temperature import LUMINANCE

# sRGB's primaries and white (IEC 61966-2-1)
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float64
)


def planckian_locus(kelvin: float) -> tuple[float, float]:
    """CIE x, y by the cubic splines of Kim et al. (US patent 7024034, 2002)."""
    t = 1000.0 / kelvin
    if kelvin <= 4000.0:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
    if kelvin <= 2222.0:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif kelvin <= 4000.0:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    return x, y


@pytest.mark.parametrize('kelvin', [2200.0, 2700.0, 3500.0, 5000.0, 6500.0, 10_000.0])
def test_it_lies_on_the_planckian_locus(kelvin: float) -> None:
    tristimulus = TO_XYZ @ np.array(black_body(kelvin))
    found = tristimulus[:2] / tristimulus.sum()
    np.testing.assert_allclose(found, planckian_locus(kelvin), atol=0.006)


def test_its_luminance_is_one() -> None:
    for kelvin in (1500.0, 2700.0, 6500.0, 15_000.0):
        assert LUMINANCE @ np.array(black_body(kelvin)) == pytest.approx(1.0, abs=1e-6)


def test_hotter_is_bluer() -> None:
    ratios = [black_body(kelvin)[2] / black_body(kelvin)[0] for kelvin in range(1500, 15_001, 500)]
    assert (np.diff(ratios) > 0).all()
    assert ratios[0] < 0.05
    assert np.ptp(black_body(6500.0)) < 0.1
