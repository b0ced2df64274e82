"""Random numbers for whole batches, from one generator that is handed in.

Notation: ``b`` things in the batch.
"""

from __future__ import annotations

import torch
from torch import Tensor

_FIELDS = 16


def uniform(low: float, high: float, count: int, random: torch.Generator) -> Tensor:
    """Evenly drawn numbers ``[b]``."""
    return low + (high - low) * torch.rand(count, generator=random)


def happens(probability: float, count: int, random: torch.Generator) -> Tensor:
    """Bool ``[b]``, each true with a probability."""
    return torch.rand(count, generator=random) < probability


def over(values: Tensor, array: Tensor) -> Tensor:
    """``[b]`` as ``[b, 1, 1, ...]`` with as many axes as the array has."""
    return values.reshape(-1, *[1] * (array.dim() - 1))


def fields(array: Tensor, random: torch.Generator) -> Tensor:
    """Normal noise of the array's shape ``[b, ...]``; a few fields are drawn and shared out.

    Drawing millions of normal numbers takes longer than everything else done to a batch.
    """
    few = torch.randn(min(_FIELDS, len(array)), *array.shape[1:], generator=random)
    return few[torch.randint(len(few), (len(array),), generator=random)]
