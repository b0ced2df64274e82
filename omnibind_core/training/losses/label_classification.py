"""Learning from labels alone, without a teacher: what distillation is compared with.

A linear classifier on unit vectors whose weights are free prototypes: everything is as with L_in,
but nothing says where in the space a class shall be.

Notation: ``b`` things in the batch, ``c`` classes, ``d`` dimension.
"""

from __future__ import annotations

import torch
from torch import nn
from torch import Tensor
from torch.nn import functional


class Prototypes(nn.Module):
    """One free direction for each class: ``() -> [c, d]``, L2-normalised.

    :param classes: c.
    :param dimension: d.
    :param seed: of their first directions.
    """

    def __init__(self, classes: int, dimension: int, *, seed: int = 0) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(seed)
        self.directions = nn.Parameter(torch.randn(classes, dimension, generator=random))

    def forward(self) -> Tensor:
        """The unit vectors."""
        return functional.normalize(self.directions, dim=1)


def label_classification(
    student: Tensor, prototypes: Tensor, classes: Tensor, scale: Tensor
) -> Tensor:
    """Cross-entropy of ``softmax(scale * student prototypes^t)``.

    :param student: unit vectors ``[b, d]``.
    :param prototypes: unit vectors ``[c, d]``.
    :param classes: int64 ``[b]``.
    :param scale: one over the temperature, a scalar.
    :return: a scalar, in nats.
    """
    return functional.cross_entropy(scale * student @ prototypes.T, classes)
