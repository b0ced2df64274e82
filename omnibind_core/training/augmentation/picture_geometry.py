"""Another framing of pictures: cropped, stretched, turned, moved and mirrored, all at once.

Notation: ``b`` pictures, ``c`` channels, ``h, w`` height and width.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import torch
from torch import Tensor
from torch.nn import functional

from omnibind_core.training.augmentation.draws import happens
from omnibind_core.training.augmentation.draws import uniform


@dataclass(frozen=True)
class Framing:
    """The largest changes, at strength 1.

    :param closest: side of the smallest crop, as a share of the picture's.
    :param farthest: and of the largest; what is outside repeats the border.
    :param stretch: of one axis against the other, on a logarithmic scale.
    :param turn: degrees.
    :param shift: as a share of the picture.
    :param mirror: probability of being mirrored left to right.
    """

    closest: float
    farthest: float
    stretch: float
    turn: float
    shift: float
    mirror: float


def reframed(
    pictures: Tensor, framing: Framing, strength: float, random: torch.Generator
) -> Tensor:
    """Pictures in another framing each, ``[b, c, h, w]``."""
    count = len(pictures)
    low, high = strength * math.log(framing.closest), strength * math.log(framing.farthest)
    scale = torch.exp(uniform(low, high, count, random))
    stretch = torch.exp(uniform(-1.0, 1.0, count, random) * strength * framing.stretch / 2.0)
    angle = uniform(-1.0, 1.0, count, random) * strength * math.radians(framing.turn)
    # a closer crop has more room to move within the picture
    room = 2.0 * strength * framing.shift + (1.0 - scale).clamp(min=0.0)
    shift = uniform(-1.0, 1.0, 2 * count, random).reshape(count, 2) * room[:, None]
    mirrored = happens(framing.mirror if strength > 0.0 else 0.0, count, random)
    sign = torch.where(mirrored, -1.0, 1.0)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    across, along = scale * stretch, scale / stretch
    first = torch.stack([sign * across * cosine, -along * sine, shift[:, 0]], dim=1)
    second = torch.stack([sign * across * sine, along * cosine, shift[:, 1]], dim=1)
    grid = functional.affine_grid(
        torch.stack([first, second], dim=1), list(pictures.shape), align_corners=False
    )
    return functional.grid_sample(
        pictures, grid, mode='bilinear', padding_mode='border', align_corners=False
    )
