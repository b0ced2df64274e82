"""Changes of camera pictures: framing, light, colour, blur, noise, something in the way."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from omnibind_core.training.augmentation.draws import fields
from omnibind_core.training.augmentation.draws import happens
from omnibind_core.training.augmentation.draws import over
from omnibind_core.training.augmentation.draws import uniform
from omnibind_core.training.augmentation.erasing import erased
from omnibind_core.training.augmentation.picture_geometry import Framing
from omnibind_core.training.augmentation.picture_geometry import reframed

_FRAMING = Framing(closest=0.6, farthest=1.15, stretch=0.3, turn=12.0, shift=0.08, mirror=0.5)
_EXPOSURE = 0.5  # standard deviations of the channel, after normalisation
_CONTRAST = 0.4
_BALANCE = 0.25  # of each channel by itself: white balance
_SATURATION = 0.8
_GREY = 0.15  # probability of no colour at all
_NOISE = 0.15
_ERASING = 0.4
_BLUR = 0.3


def augmented(pictures: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """Changed pictures ``[b, 3, h, w]``; at strength 0 the same."""
    count = len(pictures)
    pictures = reframed(pictures, _FRAMING, strength, random)
    saturation = 1.0 + strength * _SATURATION * uniform(-1.0, 1.0, count, random)
    saturation = saturation.clamp(min=0.0)
    saturation[happens(strength * _GREY, count, random)] = 0.0
    contrast = torch.exp(strength * _CONTRAST * uniform(-1.0, 1.0, count, random))
    exposure = strength * _EXPOSURE * uniform(-1.0, 1.0, count, random)
    balance = strength * _BALANCE * (2.0 * torch.rand(count, 3, generator=random) - 1.0)
    # all of light and colour is one matrix and one offset for each picture
    grey = torch.full((3, 3), 1.0 / 3.0)
    colour = grey + saturation[:, None, None] * (torch.eye(3) - grey)
    colour = contrast[:, None, None] * colour
    middle = pictures.mean(dim=(1, 2, 3)) * (1.0 - contrast)
    offset = (middle + exposure)[:, None] + balance
    pixels = torch.baddbmm(offset[:, :, None], colour, pictures.flatten(2))
    pictures = blurred(pixels.reshape(pictures.shape), strength * _BLUR, random)
    deviation = over(strength * _NOISE * torch.rand(count, generator=random), pictures)
    pictures = torch.addcmul(pictures, deviation, fields(pictures, random))
    return erased(pictures, strength * _ERASING, 0.5, random)


def blurred(pictures: Tensor, probability: float, random: torch.Generator) -> Tensor:
    """Some pictures averaged over 3 x 3 pixels, others not, ``[b, c, h, w]``."""
    chosen = happens(probability, len(pictures), random)
    smooth = functional.avg_pool2d(
        functional.pad(pictures[chosen], (1, 1, 1, 1), mode='replicate'), 3, stride=1
    )
    return pictures.index_copy(0, chosen.nonzero().squeeze(1), smooth)
