"""Changes of event counts: framing, direction of time, lost and spurious events.

Channels are pairs (darker, brighter) in order of time, see
:class:`~omnibind_core.modalities.event.EventSpecification`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from omnibind_core.training.augmentation.draws import happens
from omnibind_core.training.augmentation.draws import over
from omnibind_core.training.augmentation.draws import uniform
from omnibind_core.training.augmentation.erasing import erased
from omnibind_core.training.augmentation.picture_geometry import Framing
from omnibind_core.training.augmentation.picture_geometry import reframed

_FRAMING = Framing(closest=0.65, farthest=1.15, stretch=0.3, turn=12.0, shift=0.08, mirror=0.5)
_REVERSED = 0.5
_LOST = 0.3  # share of the cells, at most
_SPURIOUS = 0.02
_CONTRAST = 0.3
_ERASING = 0.3


def augmented(counts: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """Changed counts ``[b, 2 * bins, h, w]``, 0 to 1; at strength 0 the same."""
    number = len(counts)
    counts = reframed(counts, _FRAMING, strength, random)
    backwards = happens(_REVERSED if strength > 0.0 else 0.0, number, random)
    # a film run backwards: the last slice first, and what became brighter becomes darker
    counts = torch.where(over(backwards, counts), counts.flip(1), counts)
    lost = over(strength * _LOST * torch.rand(number, generator=random), counts)
    kept = torch.rand(counts.shape, generator=random) >= lost
    spurious = over(strength * _SPURIOUS * torch.rand(number, generator=random), counts)
    noise = torch.rand(counts.shape, generator=random) < spurious
    power = torch.exp(strength * _CONTRAST * uniform(-1.0, 1.0, number, random))
    counts = counts.clamp(0.0, 1.0) ** over(power, counts)
    counts = torch.where(noise, 0.5, counts * kept)
    return erased(counts, strength * _ERASING, 0.4, random)
