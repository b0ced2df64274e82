"""The colour of a glowing body, from candle light to overcast sky, for light sources.

Planck's law weighted by the CIE 1931 colour matching functions in the closed form of Wyman, Sloan
and Shirley ("Simple analytic approximations to the CIE XYZ color matching functions", 2013), then
linear sRGB (IEC 61966-2-1).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_SECOND_RADIATION = 1.438776877e-2  # m K, h c / k
_XYZ_TO_RGB = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Share of linear red, green and blue in the luminance (Rec. 709)."""


@lru_cache(maxsize=64)
def black_body(kelvin: float) -> tuple[float, float, float]:
    """Linear RGB of a black body with luminance 1; what sRGB cannot show is clipped at 0.

    :param kelvin: its temperature; 2700 a warm bulb, 6500 daylight (nearly white).
    """
    metres = np.arange(380.0, 781.0, 2.0) * 1e-9
    radiance = metres**-5.0 / np.expm1(_SECOND_RADIATION / (metres * kelvin))
    colour = np.maximum(_XYZ_TO_RGB @ (_matching(metres * 1e9) @ radiance), 0.0)
    red, green, blue = (colour / (LUMINANCE.astype(np.float64) @ colour)).tolist()
    return red, green, blue


def _matching(nanometres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Colour matching functions x, y, z, ``[3, wavelengths]``."""

    def lobe(height: float, middle: float, below: float, above: float) -> NDArray[np.float64]:
        narrow = np.where(nanometres < middle, below, above)
        return np.asarray(height * np.exp(-0.5 * ((nanometres - middle) * narrow) ** 2))

    return np.stack(
        [
            lobe(1.056, 599.8, 1 / 37.9, 1 / 31.0)
            + lobe(0.362, 442.0, 1 / 16.0, 1 / 26.7)
            + lobe(-0.065, 501.1, 1 / 20.4, 1 / 26.2),
            lobe(0.821, 568.8, 1 / 46.9, 1 / 40.5) + lobe(0.286, 530.9, 1 / 16.3, 1 / 31.1),
            lobe(1.217, 437.0, 1 / 11.8, 1 / 36.0) + lobe(0.681, 459.0, 1 / 26.0, 1 / 13.8),
        ]
    )
