"""Several small networks in one: an ensemble that costs two matrix products.

Notation: ``f`` features, ``k`` members, ``h`` hidden units of each, ``o`` outputs of each.
"""

from __future__ import annotations

import torch
from torch import nn
from torch import Tensor


class MemberNetwork(nn.Module):
    """``k`` networks with one hidden layer that see the same features, side by side.

    All say 0 to begin with, whatever they see; they differ in what their hidden units look at.

    :param features: f.
    :param members: k.
    :param hidden: h.
    :param outputs: o.
    """

    def __init__(self, features: int, *, members: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self._shape = (members, hidden)
        self.inner = nn.Linear(features, members * hidden)
        self.outer = nn.Parameter(torch.zeros(members, hidden, outputs))

    def forward(self, features: Tensor) -> Tensor:
        """``[..., f] -> [..., k, o]``."""
        hidden = torch.tanh(self.inner(features))
        hidden = hidden.reshape(*features.shape[:-1], *self._shape)
        said: Tensor = (hidden.unsqueeze(-2) @ self.outer).squeeze(-2)
        return said
