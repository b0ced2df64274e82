"""A small affine change of embeddings, one for each kind of sensor; none to begin with.

Notation: ``b`` sets, ``n`` tokens, ``d`` dimension, ``k`` kinds, ``r`` rank.
"""

from __future__ import annotations

import torch
from torch import nn
from torch import Tensor


class LowRankAdapter(nn.Module):
    """``a h + h D U + s`` of each kind; ``h`` at the start. Fitted in closed form, not trained.

    The last kind, the unknown, is never changed.

    :param dimension: d.
    :param rank: r.
    :param kinds: k.
    """

    def __init__(self, dimension: int, *, rank: int, kinds: int) -> None:
        super().__init__()
        self.down: Tensor
        self.up: Tensor
        self.shift: Tensor
        self.scale: Tensor
        self.own: Tensor
        self.register_buffer('down', torch.zeros(dimension, kinds * rank))
        self.register_buffer('up', torch.zeros(kinds * rank, dimension))
        self.register_buffer('shift', torch.zeros(kinds, dimension))
        self.register_buffer('scale', torch.ones(kinds, 1))
        # which of the k r numbers in the middle are a kind's own
        self.register_buffer('own', torch.eye(kinds).repeat_interleave(rank, dim=1))

    def forward(self, vectors: Tensor, kind: Tensor) -> Tensor:
        """Adapted vectors, not of unit length.

        All kinds' changes are computed and the others' blanked out: gathering a matrix for each
        token would take far more memory.

        :param vectors: ``[b, n, d]``.
        :param kind: int64 ``[b, n]``.
        """
        middle = (vectors @ self.down) * self.own[kind]
        changed: Tensor = self.scale[kind] * vectors + middle @ self.up + self.shift[kind]
        return changed

    @torch.no_grad()
    def set_kind(self, kind: int, *, scale: float, down: Tensor, up: Tensor, shift: Tensor) -> None:
        """Set one kind's change.

        :param scale: a.
        :param down: ``[d, r]``.
        :param up: ``[r, d]``.
        :param shift: ``[d]``.
        """
        place = slice(kind * len(up), (kind + 1) * len(up))
        self.down[:, place] = down
        self.up[place] = up
        self.shift[kind] = shift
        self.scale[kind] = scale
