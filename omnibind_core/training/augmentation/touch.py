"""Changes of gel pictures: where and how hard the thing touches, the gel's light, noise.

They are neither mirrored nor turned far: the lights stand on fixed sides, and a dent lit from the
wrong side is a bump.
"""

from __future__ import annotations

import torch
from torch import Tensor

from omnibind_core.training.augmentation.draws import fields
from omnibind_core.training.augmentation.draws import over
from omnibind_core.training.augmentation.draws import uniform
from omnibind_core.training.augmentation.erasing import erased
from omnibind_core.training.augmentation.picture_geometry import Framing
from omnibind_core.training.augmentation.picture_geometry import reframed

_FRAMING = Framing(closest=0.75, farthest=1.2, stretch=0.2, turn=10.0, shift=0.1, mirror=0.0)
_PRESSURE = 0.5  # logarithm of what differences are multiplied by
_LIGHT = 0.2  # logarithm, of each channel by itself
_GLOW = 0.2  # the whole gel brighter or darker
_NOISE = 0.3
_ERASING = 0.3


def augmented(pictures: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """Changed differences ``[b, 3, h, w]``; at strength 0 the same."""
    count = len(pictures)
    pictures = reframed(pictures, _FRAMING, strength, random)
    pressure = over(strength * _PRESSURE * uniform(-1.0, 1.0, count, random), pictures)
    light = strength * _LIGHT * (2.0 * torch.rand(count, 3, 1, 1, generator=random) - 1.0)
    glow = strength * _GLOW * (2.0 * torch.rand(count, 3, 1, 1, generator=random) - 1.0)
    pictures = pictures * torch.exp(pressure + light) + glow
    deviation = over(strength * _NOISE * torch.rand(count, generator=random), pictures)
    pictures = torch.addcmul(pictures, deviation, fields(pictures, random))
    return erased(pictures, strength * _ERASING, 0.4, random)
