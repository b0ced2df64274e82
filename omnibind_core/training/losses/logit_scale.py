"""The learnable temperature of a contrastive loss, as CLIP has it."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch import Tensor

LARGEST = 100.0
"""CLIP's bound of the scale: beyond it training becomes unstable."""


class LogitScale(nn.Module):
    """What cosines are multiplied by: one over the temperature, learnt as its logarithm.

    :param temperature: to begin with; CLIP's and LanguageBind's is 0.07.
    """

    def __init__(self, temperature: float = 0.07) -> None:
        super().__init__()
        self.logarithm = nn.Parameter(torch.tensor(math.log(1.0 / temperature)))

    def forward(self) -> Tensor:
        """The scale, a positive scalar of at most :data:`LARGEST`."""
        # the parameter itself is bounded: bounding the result would stop its gradient for good
        with torch.no_grad():
            self.logarithm.clamp_(max=math.log(LARGEST))
        return self.logarithm.exp()
