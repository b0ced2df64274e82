"""How a colour camera turns light into a picture: exposure, blur, noise, white balance, 8 bits.

Noise after the linear camera model of EMVA standard 1288 (release 4.0): a pixel's variance is its
photo-electrons plus the read noise squared. Encoding: sRGB (IEC 61966-2-1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.colour_temperature import LUMINANCE
from omnibind_core.simulation.gaussian_blur import gaussian_blur
from omnibind_core.simulation.shading import Colour
from omnibind_core.simulation.surface import to_srgb

MIDDLE_GREY = 0.18
"""Share of full scale that automatic exposure gives the mean of a picture."""


@dataclass(frozen=True, kw_only=True)
class CameraResponse:
    """One camera's settings for one picture.

    :param exposure: deviation from what automatic exposure would choose, in stops (factors of 2).
    :param full_well: photo-electrons of a pixel at full scale; few in dim light (high gain).
    :param read_noise: standard deviation of each pixel, electrons.
    :param blur: standard deviation of lens and colour interpolation, px.
    :param gains: of red, green and blue by white balance; the smallest is 1.
    :param vignetting: tangent of half the angle of view along the shorter side: edges receive the
        fourth power of the cosine of the angle to the axis; 0: none.
    """

    exposure: float = 0.0
    full_well: float = 10_000.0
    read_noise: float = 3.0
    blur: float = 0.6
    gains: Colour = (1.0, 1.0, 1.0)
    vignetting: float = 0.0

    def picture(self, light: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.uint8]:
        """The picture of some light.

        :param light: linear, ``[h, w, 3]``; its scale does not matter.
        :param random: of the noise.
        :returns: ``[h, w, 3]``, sRGB.
        """
        signal = gaussian_blur(light * self._falloff(light.shape)[..., None], self.blur)
        mean = float((signal @ LUMINANCE).mean())
        signal = signal * np.float32(MIDDLE_GREY * 2.0**self.exposure / max(mean, 1e-9))
        signal = np.clip(signal, 0.0, 1.0)
        spread = np.sqrt(signal * self.full_well + self.read_noise**2) / self.full_well
        signal += random.standard_normal(signal.shape, np.float32) * spread.astype(np.float32)
        return to_srgb(np.minimum(signal, 1.0) * np.asarray(self.gains, np.float32))

    def _falloff(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Natural vignetting, ``[h, w]``."""
        height, width = shape[:2]
        scale = 2.0 * self.vignetting / min(height, width)
        y = (np.arange(height) + 0.5 - height / 2.0)[:, None] * scale
        x = (np.arange(width) + 0.5 - width / 2.0) * scale
        return np.asarray((1.0 + x * x + y * y) ** -2.0, np.float32)


def white_balance(white: Colour, strength: float) -> Colour:
    """Gains against the colour of the light.

    :param white: how white paper looks, linear.
    :param strength: 0 leaves its colour, 1 makes it grey.
    """
    gains = [max(value, 1e-3) ** -strength for value in white]
    red, green, blue = (gain / min(gains) for gain in gains)
    return red, green, blue
