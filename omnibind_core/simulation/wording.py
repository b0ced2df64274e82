"""Words for what a thing looks like (colours, substances, size) without saying what it is."""

from __future__ import annotations

import colorsys
import re

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.physical_material import PhysicalMaterial

_LEAST_SHARE = 0.2  # of the surface, for a word to be worth saying
_MOST_WORDS = 2
_SUBSTANCE = {'steel': 'metal', 'aluminium': 'metal'}
_MADE = {'wood': 'wooden'}
# Longest side in metres up to which a word holds.
_SIZES = ((0.15, 'tiny'), (0.45, 'small'), (1.0, 'medium-sized'), (2.0, 'large'))
# Upper end of each hue, in degrees.
_HUES = (
    (15.0, 'red'),
    (45.0, 'orange'),
    (70.0, 'yellow'),
    (165.0, 'green'),
    (260.0, 'blue'),
    (300.0, 'purple'),
    (340.0, 'pink'),
    (360.0, 'red'),
)


def colour_words(mesh: Mesh) -> tuple[str, ...]:
    """One or two colours, the one of the larger area first."""
    return _largest([colour_name(_mean(item)) for item in mesh.materials], mesh)


def substance_words(mesh: Mesh, materials: tuple[PhysicalMaterial, ...]) -> tuple[str, ...]:
    """One or two substances, the one of the larger area first: ``wood``, ``metal``.

    :param materials: one for each of the mesh's.
    """
    return _largest([_SUBSTANCE.get(item.name, item.name) for item in materials], mesh)


def adjective(substance: str) -> str:
    """``wooden`` for ``wood``; most substances are their own adjective."""
    return _MADE.get(substance, substance)


def size_word(mesh: Mesh) -> str:
    """``tiny`` to ``huge``, by the longest side."""
    longest = float(mesh.size.max())
    return next((word for limit, word in _SIZES if longest <= limit), 'huge')


def extent(mesh: Mesh) -> str:
    """The longest side in words: ``about 90 cm high``, ``about 2.1 m wide``."""
    axis = int(mesh.size.argmax())
    longest = float(mesh.size[axis])
    length = f'{longest:.1f} m' if longest >= 1.95 else f'{max(longest * 100.0, 1.0):.2g} cm'
    # 1.2e+02 is no way to say it.
    length = re.sub(r'^[\d.]+e\+\d+', lambda match: f'{float(match[0]):.0f}', length)
    return f'about {length} {("wide", "deep", "high")[axis]}'


def colour_name(encoded: tuple[float, float, float]) -> str:
    """The basic English colour term (Berlin & Kay 1969) of an sRGB colour in 0..1."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*encoded)
    chroma = saturation * (1.0 - abs(2.0 * lightness - 1.0))
    if chroma < 0.12:
        # Four steps of what the eye calls equally far apart.
        return 'black' if lightness < 0.2 else 'white' if lightness > 0.78 else 'grey'
    degrees = hue * 360.0
    if 12.0 < degrees <= 50.0:
        if lightness < 0.45:
            return 'brown'
        if chroma < 0.5:
            return 'beige'
    return next(name for limit, name in _HUES if degrees <= limit)


def spoken(name: str) -> str:
    """A catalogue's name as it stands within a sentence: ``Office Chair 2`` to ``office chair``."""
    plain = re.sub(r'\([^)]*\)|[_/]', ' ', name)
    words = re.findall(r"[^\W_]+(?:['’.-][^\W_]+)*", plain)
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    lower = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    return ' '.join(lower)


def _largest(words: list[str], mesh: Mesh) -> tuple[str, ...]:
    shares: dict[str, float] = {}
    area = np.bincount(mesh.material, weights=mesh.areas, minlength=len(words))
    for word, part in zip(words, (area / area.sum()).tolist(), strict=True):
        shares[word] = shares.get(word, 0.0) + part
    ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return tuple(word for word, part in ranked[:_MOST_WORDS] if part >= _LEAST_SHARE) or (
        ranked[0][0],
    )


def _mean(material: Material) -> tuple[float, float, float]:
    if material.texture is None:
        return material.diffuse
    step = max(1, int((material.texture.shape[0] * material.texture.shape[1] / 4096) ** 0.5))
    pixels: NDArray[np.float64] = material.texture[::step, ::step].reshape(-1, 3).astype(float)
    red, green, blue = (pixels.mean(axis=0) / 255.0).tolist()
    return red, green, blue
