"""A small linear change of embeddings, one for each kind; none to begin with.

Notation: ``d`` dimension, ``r`` rank.
"""

from __future__ import annotations

import torch
from torch import nn
from torch import Tensor


class LowRankAdapter(nn.Module):
    """``h + U_kind V h + s_kind`` with ``U`` and ``s`` zero at the start (LoRA; Hu et al., 2021).

    :param dimension: d.
    :param rank: r, common to all kinds; each kind has its own way back.
    :param kinds: how many; the last one, the unknown, is never changed.
    """

    def __init__(self, dimension: int, *, rank: int, kinds: int) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.randn(dimension, rank) / dimension**0.5)
        self.up = nn.Parameter(torch.zeros(kinds - 1, rank, dimension))
        self.shift = nn.Parameter(torch.zeros(kinds - 1, dimension))

    def forward(self, vectors: Tensor, kind: Tensor) -> Tensor:
        """Adapted vectors, not of unit length.

        :param vectors: ``[b, n, d]``.
        :param kind: ``[b, n]``.
        """
        up = torch.cat((self.up, torch.zeros_like(self.up[:1])))[kind]  # [b, n, r, d]
        shift = torch.cat((self.shift, torch.zeros_like(self.shift[:1])))[kind]
        low = (vectors @ self.down).unsqueeze(-2)
        changed: Tensor = vectors + (low @ up).squeeze(-2) + shift
        return changed
