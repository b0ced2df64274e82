"""Batch normalisation over the batches of all processes, on any device.

``torch.nn.SyncBatchNorm`` refuses CPUs. With this, data-parallel training computes what one process
with the whole batch computes, which makes it testable, and small batches per process do no harm.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import distributed
from torch import nn
from torch import Tensor

from omnibind_core.training.gathering import processes


class SynchronisedBatchNorm(nn.modules.batchnorm._BatchNorm):
    """As torch's batch normalisation of the same parameters and buffers, over all processes."""

    def _check_input_dim(self, input: Tensor) -> None:  # noqa: A002 (the name is torch's)
        if input.dim() < 2:
            raise ValueError(f'expected at least 2 axes, got {input.dim()}')

    def forward(self, values: Tensor) -> Tensor:
        """Normalise ``[b, c, ...]`` by channel."""
        if not self.training or processes() == 1:
            alone: Tensor = super().forward(values)
            return alone
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.momentum is not None
        axes = [axis for axis in range(values.dim()) if axis != 1]
        exact = values.float()
        count = values.numel() // values.shape[1]
        sums = torch.stack([exact.sum(dim=axes), exact.square().sum(dim=axes)])
        total: Tensor = _Sum.apply(sums)  # type: ignore[no-untyped-call]
        number = count * processes()
        mean = total[0] / number
        variance = (total[1] / number - mean.square()).clamp(min=0.0)
        with torch.no_grad():
            unbiased = variance * (number / max(number - 1, 1))
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(unbiased, self.momentum)
            if self.num_batches_tracked is not None:
                self.num_batches_tracked.add_(1)
        shape = [1, -1, *[1] * (values.dim() - 2)]
        normal = (exact - mean.reshape(shape)) * torch.rsqrt(variance + self.eps).reshape(shape)
        if self.weight is not None:
            normal = normal * self.weight.reshape(shape) + self.bias.reshape(shape)
        result: Tensor = normal.to(values.dtype)
        return result


class _Sum(torch.autograd.Function):
    """The sum over all processes, and backwards the sum of their slopes."""

    @staticmethod
    def forward(context: Any, own: Tensor) -> Tensor:  # noqa: ARG004 (torch's)
        total = own.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(context: Any, *slopes: Tensor) -> Tensor:  # noqa: ARG004 (torch's)
        total = slopes[0].contiguous().clone()
        distributed.all_reduce(total)
        return total


def synchronise_norms(network: nn.Module) -> None:
    """Replace every batch normalisation in a network, in place; parameters and buffers stay."""
    for name, child in network.named_children():
        if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d):
            replacement = SynchronisedBatchNorm(
                child.num_features, eps=child.eps, momentum=child.momentum
            )
            replacement.weight, replacement.bias = child.weight, child.bias
            replacement.running_mean = child.running_mean
            replacement.running_var = child.running_var
            replacement.num_batches_tracked = child.num_batches_tracked
            replacement.train(child.training)
            setattr(network, name, replacement)
        else:
            synchronise_norms(child)
