"""Changes of log-mel spectrograms: when, how loud, how high, noise, masked bands and times.

Masks are those of Park et al., "SpecAugment", 2019.

Notation: ``m`` mel bands, ``f`` frames.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from omnibind_core.training.augmentation.draws import fields
from omnibind_core.training.augmentation.draws import happens
from omnibind_core.training.augmentation.draws import over
from omnibind_core.training.augmentation.draws import uniform

_LATER = 0.3  # share of the span
_HIGHER = 2.0  # mel bands
_LOUDER = 0.7  # normalised logarithms: about 25 dB of energy
_FLOOR = (-1.2, 0.0)  # level of added noise, normalised
_NOISY = 0.5
_GRAIN = 0.1
_MASKED_BANDS = 0.2
_MASKED_TIME = 0.25
_TILT = 0.3  # from the lowest to the highest band: microphones and rooms differ


def augmented(spectrograms: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """Changed spectrograms ``[b, 1, m, f]``; at strength 0 the same."""
    count, _, bands, frames = spectrograms.shape
    # what moves in from outside is as quiet as the quietest cell
    quiet = spectrograms.amin(dim=(1, 2, 3), keepdim=True)
    later = uniform(-1.0, 1.0, count, random) * strength * _LATER * frames
    higher = uniform(-1.0, 1.0, count, random) * strength * _HIGHER
    moved = quiet + _moved(spectrograms - quiet, higher, later)
    louder = over(uniform(-1.0, 1.0, count, random) * strength * _LOUDER, moved)
    tilt = over(uniform(-1.0, 1.0, count, random) * strength * _TILT, moved)
    scale = torch.linspace(-0.5, 0.5, bands).reshape(1, 1, bands, 1)
    moved = moved + louder + tilt * scale
    noisy = over(happens(strength * _NOISY, count, random), moved)
    level = over(uniform(*_FLOOR, count, random), moved)
    noise = level + _GRAIN * fields(moved, random)
    moved = torch.where(noisy, torch.maximum(moved, noise), moved)
    moved = moved + strength * _GRAIN * fields(moved, random)
    mean = moved.mean(dim=(1, 2, 3), keepdim=True)
    masked = _stretch(bands, strength * _MASKED_BANDS, count, random)[:, None, :, None]
    masked = masked | _stretch(frames, strength * _MASKED_TIME, count, random)[:, None, None, :]
    return torch.where(masked, mean, moved)


def _moved(spectrograms: Tensor, higher: Tensor, later: Tensor) -> Tensor:
    """Shifted by so many bands and frames, 0 from outside."""
    count, _, bands, frames = spectrograms.shape
    one, none = torch.ones(count), torch.zeros(count)
    first = torch.stack([one, none, -2.0 * later / frames], dim=1)
    second = torch.stack([none, one, -2.0 * higher / bands], dim=1)
    grid = functional.affine_grid(
        torch.stack([first, second], dim=1), list(spectrograms.shape), align_corners=False
    )
    return functional.grid_sample(
        spectrograms, grid, mode='bilinear', padding_mode='zeros', align_corners=False
    )


def _stretch(size: int, largest: float, count: int, random: torch.Generator) -> Tensor:
    """Bool ``[b, size]``: a stretch of at most a share of the size."""
    length = uniform(0.0, largest, count, random) * size
    start = uniform(0.0, 1.0, count, random) * (size - length)
    places = torch.arange(size) + 0.5
    return (places >= start[:, None]) & (places < (start + length)[:, None])
