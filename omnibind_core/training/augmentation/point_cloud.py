"""Changes of point clouds: turned about the vertical, stretched, thinned out, cut, noisy.

Clouds are centred and of unit size, z up; a fourth column is the logarithm of their radius.

Notation: ``b`` clouds, ``n`` points.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from omnibind_core.training.augmentation.draws import happens
from omnibind_core.training.augmentation.draws import uniform

_TURN = 180.0  # degrees about the vertical
_TILT = 5.0  # degrees off level
_STRETCH = 0.15  # logarithm, of each axis
_SIZE = 0.2  # logarithm of the radius in metres
_NOISE = 0.02
_THINNED = 0.5  # most points that are replaced by others
_CUT = 0.35  # most of the cloud that is cut away on one side
_MIRRORED = 0.5


def augmented(clouds: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """Changed clouds ``[b, n, 3 or 4]``; at strength 0 the same but for the order of points."""
    count, number, _ = clouds.shape
    clouds = _resampled(clouds, strength, random)
    places = clouds[:, :, :3]
    mirrored = happens(_MIRRORED if strength > 0.0 else 0.0, count, random)
    sign = torch.ones(count, 1, 3)
    sign[:, 0, 1] = torch.where(mirrored, -1.0, 1.0)
    places = (places * sign) @ _rotation(count, strength, random).transpose(1, 2)
    stretch = torch.exp(strength * _STRETCH * (2.0 * torch.rand(count, 1, 3, generator=random) - 1))
    noise = strength * _NOISE * torch.rand(count, 1, 1, generator=random)
    places = places * stretch + noise * torch.randn(count, number, 3, generator=random)
    bigger = strength * _SIZE * (2.0 * torch.rand(count, 1, 1, generator=random) - 1.0)
    return torch.cat([places, clouds[:, :, 3:] + bigger], dim=2)


def _rotation(count: int, strength: float, random: torch.Generator) -> Tensor:
    """About the vertical, then a little about x and y, ``[b, 3, 3]``."""
    turn = uniform(-1.0, 1.0, count, random) * math.radians(_TURN) * min(strength, 1.0)
    roll = uniform(-1.0, 1.0, count, random) * math.radians(_TILT) * strength
    pitch = uniform(-1.0, 1.0, count, random) * math.radians(_TILT) * strength
    return _about(0, roll) @ _about(1, pitch) @ _about(2, turn)


def _about(axis: int, angle: Tensor) -> Tensor:
    """Rotation about an axis, ``[b, 3, 3]``."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix = torch.eye(3).repeat(len(angle), 1, 1)
    matrix[:, first, first] = matrix[:, second, second] = torch.cos(angle)
    matrix[:, second, first] = torch.sin(angle)
    matrix[:, first, second] = -torch.sin(angle)
    return matrix


def _resampled(clouds: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """Points in a random order, some replaced by others that were kept.

    A cut takes what lies farthest in one direction; thinning takes points anywhere.
    """
    count, number, columns = clouds.shape
    direction = torch.randn(count, 3, 1, generator=random)
    along = (clouds[:, :, :3] @ direction).squeeze(2)  # [b, n]
    share = (strength * _CUT * torch.rand(count, generator=random)).clamp(max=0.9)
    order = along.argsort(dim=1)
    rank = torch.empty_like(order).scatter_(1, order, torch.arange(number).expand(count, number))
    outside = rank >= ((1.0 - share) * number)[:, None]
    thinned = strength * _THINNED * torch.rand(count, 1, generator=random)
    lottery = torch.rand(count, number, generator=random)
    # lowest first: points that stay, in random order; the others come after them
    lost = outside | (torch.rand(count, number, generator=random) < thinned)
    lost[:, 0] &= outside[:, 0]
    ranking = (lottery + lost).argsort(dim=1)
    stay = (~lost).sum(dim=1, keepdim=True).clamp(min=1)
    chosen = ranking.gather(1, torch.arange(number).expand(count, number) % stay)
    return clouds.gather(1, chosen[:, :, None].expand(count, number, columns))
