"""Vectors of all processes in every process, with gradients that flow back to where they belong.

Contrastive losses and relations need the whole batch. Every process computes the same loss of the
whole batch; the gradient of a vector is the sum of what all of them say, and since data-parallel
training averages parameters' gradients over the processes, the result is exactly the gradient that
one process with the whole batch has.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import distributed
from torch import Tensor


class _Gather(torch.autograd.Function):
    """All processes' tensors along the first axis; backwards, the own part of the summed slope."""

    @staticmethod
    def forward(context: Any, own: Tensor) -> Tensor:
        parts = [torch.empty_like(own) for _ in range(distributed.get_world_size())]
        distributed.all_gather(parts, own.contiguous())
        context.count = len(own)
        return torch.cat(parts)

    @staticmethod
    def backward(context: Any, *slopes: Tensor) -> Tensor:
        slope = slopes[0].contiguous().clone()
        distributed.all_reduce(slope)
        start = distributed.get_rank() * int(context.count)
        return slope[start : start + int(context.count)]


def processes() -> int:
    """How many processes train together."""
    together = distributed.is_available() and distributed.is_initialized()
    return distributed.get_world_size() if together else 1


def gathered(own: Tensor) -> Tensor:
    """``[b, ...]`` of each of p processes as ``[p * b, ...]``, in the order of ranks.

    :param own: equally many rows in every process. Whole numbers are gathered as well.
    """
    if processes() == 1:
        return own
    result: Tensor = _Gather.apply(own)  # type: ignore[no-untyped-call]
    return result
