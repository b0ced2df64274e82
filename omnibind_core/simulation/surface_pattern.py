"""Floors and walls: boards, tiles, checks, carpet, plaster; drawn by chance, never copied.

A pattern is a small picture of reflectance that repeats without a seam. It is kept at several
resolutions (a mipmap, Williams 1983), so that a floor far away or seen at a flat angle becomes
even instead of flickering.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.surface import to_linear

KINDS = {
    'plain': 0.3,
    'plaster': 0.2,
    'carpet': 0.12,
    'boards': 0.16,
    'tiles': 0.14,
    'checks': 0.08,
}
"""And how often each is drawn."""

SIDE = 128
"""Texels a side; a power of two."""


@dataclass(frozen=True, eq=False)
class SurfacePattern:
    """Reflectance of an endless plane.

    :param kind: one of :data:`KINDS`.
    :param levels: linear reflectance 0..1, float32 ``[s, s, 3]``, ``s`` = 128, 64, ... 1.
    :param period: length after which it repeats, metres.
    """

    kind: str
    levels: tuple[NDArray[np.float32], ...]
    period: float

    @staticmethod
    def drawn(random: np.random.Generator, period: float) -> SurfacePattern:
        """Any kind in any colour; colours of rooms are mostly pale and greyish."""
        kind = str(random.choice(list(KINDS), p=list(KINDS.values())))
        first, second = _colour(random), _colour(random)
        count = int(random.integers(2, 9))
        strength = float(random.uniform(0.02, 0.15))
        if kind == 'boards':
            grain = _fractal(random, 1.0, 8.0)
            amount = 1.0 + strength * grain + random.normal(0.0, 0.12, count)[_part(count)]
            amount *= np.where(_joint(count, 0.012 * count), 0.45, 1.0)
            share = np.zeros((SIDE, SIDE))
        elif kind == 'tiles':
            each = random.normal(0.0, 0.06, (count, count))
            amount = 1.0 + 0.3 * strength * _fractal(random, 1.0)
            amount += each[_part(count)[:, None], _part(count)]
            joint = _joint(count, 0.01 * count)
            share = (joint[:, None] | joint).astype(np.float64)
        elif kind == 'checks':
            amount = 1.0 + 0.5 * strength * _fractal(random, 1.0)
            field = _part(2 * (count // 2))
            share = ((field[:, None] + field) % 2).astype(np.float64)
        else:
            roughness = {'plain': 0.0, 'plaster': 1.0, 'carpet': 2.0}[kind]
            amount = 1.0 + roughness * strength * _fractal(random, 0.3 if kind == 'carpet' else 1.2)
            share = np.zeros((SIDE, SIDE))
        colour = first + share[..., None] * (second - first)
        level = np.clip(colour * np.maximum(amount, 0.05)[..., None], 0.01, 0.95)
        levels = [level.astype(np.float32)]
        while len(levels[-1]) > 1:
            half = len(levels[-1]) // 2
            levels.append(levels[-1].reshape(half, 2, half, 2, 3).mean(axis=(1, 3)))
        return SurfacePattern(kind, tuple(levels), period)

    def at(
        self, u: NDArray[np.float32], v: NDArray[np.float32], footprint: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Reflectance at points, ``[n, 3]``.

        :param u: place along the plane, metres, ``[n]``.
        :param v: likewise, across ``u``.
        :param footprint: length that one pixel covers there, metres, ``[n]``.
        """
        texels = footprint * np.float32(SIDE / self.period)
        deepest = len(self.levels) - 1
        depth = np.rint(np.log2(np.clip(texels, 1.0, 2.0**deepest))).astype(np.int8)
        result = np.empty((len(u), 3), np.float32)
        for number in np.flatnonzero(np.bincount(depth, minlength=deepest + 1)):
            own = np.flatnonzero(depth == number)
            result[own] = _bilinear(self.levels[number], u[own] / self.period, v[own] / self.period)
        return result


def _colour(random: np.random.Generator) -> NDArray[np.float64]:
    """Linear reflectance ``[3]`` of a colour drawn in hue, saturation and value of sRGB."""
    hue, saturation, value = random.random(), random.beta(1.0, 5.0), random.uniform(0.2, 0.95)
    return to_linear(colorsys.hsv_to_rgb(hue, saturation, value)).astype(np.float64)


def _part(count: int) -> NDArray[np.int64]:
    """In which of ``count`` equal parts of the side each texel lies, ``[SIDE]``."""
    return np.arange(SIDE) * count // SIDE


def _joint(count: int, share: float) -> NDArray[np.bool_]:
    """Which texels lie in the joint at the beginning of each part; it takes ``share`` of it."""
    within = np.arange(SIDE) * count / SIDE % 1.0
    return np.asarray(within < max(share, 1.01 * count / SIDE), np.bool_)


def _fractal(
    random: np.random.Generator, exponent: float, stretch: float = 1.0
) -> NDArray[np.float64]:
    """Noise of mean 0 and deviation 1 that repeats; amplitude falls as frequency ** -exponent.

    :param stretch: how much longer its features are down the columns than across.
    """
    down, across = np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)
    frequency = np.hypot(down * stretch, across)
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(random.standard_normal((SIDE, SIDE))) * frequency**-exponent
    noise = np.fft.irfft2(spectrum, (SIDE, SIDE))
    return np.asarray(noise / noise.std(), np.float64)


def _bilinear(
    level: NDArray[np.float32], u: NDArray[np.float32], v: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Texels around repeating coordinates (1 = the whole picture), ``[n, 3]``."""
    side = len(level)
    x, y = u * np.float32(side) - np.float32(0.5), v * np.float32(side) - np.float32(0.5)
    left, top = np.floor(x), np.floor(y)
    dx, dy = (x - left)[:, None], (y - top)[:, None]
    mask = side - 1  # sides are powers of two: the remainder without a division
    column, row = left.astype(np.int64) & mask, top.astype(np.int64) & mask
    after, below = (column + 1) & mask, (row + 1) & mask
    flat = level.reshape(-1, 3)
    upper = flat[row * side + column] * (1 - dx) + flat[row * side + after] * dx
    lower = flat[below * side + column] * (1 - dx) + flat[below * side + after] * dx
    return np.asarray(upper * (1 - dy) + lower * dy, np.float32)
