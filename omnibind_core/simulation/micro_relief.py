"""The microscopic relief of a surface: grain, weave, pebble, as a tactile gel feels it.

Procedural stand-ins: noise shaped in the frequency domain, or a weave in closed form, scaled to the
material's root mean square roughness. Meshes hold none of this, and it is most of what a fingertip
meets on furniture. Notation: ``h, w`` height and width of a patch in pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.simulation.physical_material import PhysicalMaterial

Waves = NDArray[np.float64]


def micro_relief(
    material: PhysicalMaterial,
    shape: tuple[int, int],
    pitch: float,
    random: np.random.Generator,
) -> NDArray[np.float32]:
    """The relief of a patch, turned by a random angle.

    :param material: gives kind, root mean square height and wavelength.
    :param shape: height and width in pixels, at least 8 each.
    :param pitch: distance of neighbouring pixels, m. Finer detail than two pixels is left out.
    :returns: float32 ``[h, w]``, metres, mean 0, root mean square the material's roughness.
    """
    if min(shape) < 8:
        raise InputError('shape', shape, 'at least 8 x 8 pixels')
    kind = _KINDS.get(material.relief)
    if kind is None:
        raise InputError('relief', material.relief, ', '.join(_KINDS))
    angle = random.uniform(0.0, np.pi)
    relief = kind(shape, pitch / material.relief_period, angle, random)
    relief = relief - relief.mean()
    spread = float(np.sqrt(np.mean(relief**2)))
    scaled: NDArray[np.float32] = (relief * (material.roughness / spread)).astype(np.float32)
    return scaled


def _frequencies(shape: tuple[int, int], angle: float, step: float) -> tuple[Waves, Waves]:
    """Frequencies along and across a direction, in cycles per wavelength of the relief."""
    down = np.fft.fftfreq(shape[0])[:, None] / step
    right = np.fft.rfftfreq(shape[1])[None, :] / step
    along = right * np.cos(angle) + down * np.sin(angle)
    across = -right * np.sin(angle) + down * np.cos(angle)
    return along, across


def _filtered(shape: tuple[int, int], gain: Waves, random: np.random.Generator) -> Waves:
    gain[0, 0] = 0.0
    if gain.max() < 1e-6:
        gain = np.ones_like(gain)
    spectrum = np.fft.rfft2(random.standard_normal(shape)) * gain
    return np.asarray(np.fft.irfft2(spectrum, shape), np.float64)


def _band(along: Waves, across: Waves, width: float) -> Waves:
    """Waves of about the relief's wavelength in all directions."""
    return np.asarray(np.exp(-(((np.hypot(along, across) - 1.0) / width) ** 2)), np.float64)


def _grain(shape: tuple[int, int], step: float, angle: float, random: np.random.Generator) -> Waves:
    """Wood: fibres many wavelengths long, under slow early and late wood."""
    along, across = _frequencies(shape, angle, step)
    fibres = np.exp(-((12.0 * along) ** 2)) * _band(along, across, 0.7)
    rings = 1.5 * np.exp(-((25.0 * along) ** 2) - (5.0 * (np.abs(across) - 0.25)) ** 2)
    return _filtered(shape, fibres + rings, random)


def _brushed(
    shape: tuple[int, int], step: float, angle: float, random: np.random.Generator
) -> Waves:
    """Brushed metal: scratches all along one direction, of every width."""
    along, across = _frequencies(shape, angle, step)
    gain = np.exp(-((30.0 * along) ** 2)) / np.sqrt(0.1 + across**2)
    return _filtered(shape, gain, random)


def _smooth(
    shape: tuple[int, int], step: float, angle: float, random: np.random.Generator
) -> Waves:
    """Glass: slow waviness only."""
    along, across = _frequencies(shape, angle, step)
    return _filtered(shape, np.exp(-(np.hypot(along, across) ** 2)), random)


def _mottled(
    shape: tuple[int, int], step: float, angle: float, random: np.random.Generator
) -> Waves:
    """Glaze: orange peel."""
    return _filtered(shape, _band(*_frequencies(shape, angle, step), 0.35), random)


def _rough(shape: tuple[int, int], step: float, angle: float, random: np.random.Generator) -> Waves:
    """Stone: self-affine (power spectrum falling with the 3rd power), as fracture surfaces are."""
    along, across = _frequencies(shape, angle, step)
    return _filtered(shape, (0.3 + np.hypot(along, across)) ** -1.5, random)


def _eroded(
    shape: tuple[int, int], step: float, angle: float, random: np.random.Generator
) -> Waves:
    """Moulded plastic: the mould's spark-eroded craters."""
    return _filtered(shape, _band(*_frequencies(shape, angle, step), 0.6), random)


def _pebbled(
    shape: tuple[int, int], step: float, angle: float, random: np.random.Generator
) -> Waves:
    """Leather: rounded pebbles between narrow valleys."""
    waves = _filtered(shape, _band(*_frequencies(shape, angle, step), 0.25), random)
    # The zero crossings of band-limited noise close into cells; they become the valleys.
    return np.asarray(-np.exp(-((2.0 * waves / waves.std()) ** 2)), np.float64)


def _woven(shape: tuple[int, int], step: float, angle: float, random: np.random.Generator) -> Waves:
    """Plain weave: warp and weft threads, each above the other in turn, not quite even."""
    down, right = np.mgrid[: shape[0], : shape[1]] * (np.pi * step)
    along = right * np.cos(angle) + down * np.sin(angle) + random.uniform(0.0, 2.0 * np.pi)
    across = -right * np.sin(angle) + down * np.cos(angle) + random.uniform(0.0, 2.0 * np.pi)
    wobble = _filtered(
        shape, np.exp(-(3.0 * np.hypot(*_frequencies(shape, angle, step)) ** 2)), random
    )
    wobble *= 0.5 / wobble.std()
    along, across = along + wobble, across + wobble
    over = np.cos(along) * np.cos(across)
    threads = np.where(over > 0.0, np.abs(np.sin(along)), np.abs(np.sin(across)))
    return np.asarray(threads * (0.4 + 0.6 * np.abs(over)) + 0.3 * np.abs(over), np.float64)


def _porous(
    shape: tuple[int, int], step: float, angle: float, random: np.random.Generator
) -> Waves:
    """Foam: open cells, deep and round."""
    waves = _filtered(shape, _band(*_frequencies(shape, angle, step), 0.3), random)
    return -np.maximum(waves, 0.0)


def _fibrous(
    shape: tuple[int, int], step: float, angle: float, random: np.random.Generator
) -> Waves:
    """Paper: fibres in three directions over one another."""
    total = np.zeros(shape)
    for turn in (0.0, np.pi / 3.0, 2.0 * np.pi / 3.0):
        along, across = _frequencies(shape, angle + turn, step)
        total += _filtered(shape, np.exp(-((5.0 * along) ** 2) - across**2), random)
    return total


_Kind = Callable[[tuple[int, int], float, float, np.random.Generator], Waves]
_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        'grain': _grain,
        'brushed': _brushed,
        'smooth': _smooth,
        'mottled': _mottled,
        'rough': _rough,
        'eroded': _eroded,
        'pebbled': _pebbled,
        'woven': _woven,
        'porous': _porous,
        'fibrous': _fibrous,
    }
)
