"""Changes of thermal pictures: framing, offset and gain of the sensor, fixed pattern, noise."""

from __future__ import annotations

import torch
from torch import Tensor

from omnibind_core.training.augmentation.draws import fields
from omnibind_core.training.augmentation.draws import over
from omnibind_core.training.augmentation.draws import uniform
from omnibind_core.training.augmentation.erasing import erased
from omnibind_core.training.augmentation.image import blurred
from omnibind_core.training.augmentation.picture_geometry import Framing
from omnibind_core.training.augmentation.picture_geometry import reframed

_FRAMING = Framing(closest=0.65, farthest=1.15, stretch=0.3, turn=12.0, shift=0.08, mirror=0.5)
_OFFSET = 0.25  # of the normalised range -1 to 1: a room that is 7 K colder or warmer
_GAIN = 0.5  # logarithm: how far things differ from their surroundings
_NOISE = 0.003  # 0.1 K
_PATTERN = 0.002  # columns with an offset of their own
_ERASING = 0.4
_BLUR = 0.2


def augmented(pictures: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """Changed pictures ``[b, 1, h, w]``; at strength 0 the same."""
    count = len(pictures)
    pictures = blurred(reframed(pictures, _FRAMING, strength, random), strength * _BLUR, random)
    middle = pictures.mean(dim=(1, 2, 3), keepdim=True)
    gain = torch.exp(strength * _GAIN * uniform(-1.0, 1.0, count, random))
    pictures = middle + (pictures - middle) * over(gain, pictures)
    pictures = pictures + over(strength * _OFFSET * uniform(-1.0, 1.0, count, random), pictures)
    columns = torch.randn(count, 1, 1, pictures.shape[3], generator=random)
    amount = over(strength * _PATTERN * torch.rand(count, generator=random), pictures)
    pictures = pictures + amount * columns
    deviation = over(strength * _NOISE * torch.rand(count, generator=random), pictures)
    pictures = torch.addcmul(pictures, deviation, fields(pictures, random))
    return erased(pictures, strength * _ERASING, 0.5, random)
