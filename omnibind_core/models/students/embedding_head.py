"""The last layer of every student: features to a unit vector of the embedding space."""

from __future__ import annotations

import torch
from torch import nn
from torch import Tensor

_SHORTEST = 1e-6  # a vector of length 0 has no direction; it stays near 0 instead of becoming NaN


class EmbeddingHead(nn.Module):
    """``[b, f] -> [b, d]``, L2-normalised.

    Features are normalised first: they are all positive, so that without it all vectors point the
    same way to begin with, and the first epochs go into undoing that.

    :param features: f.
    :param dimension: d.
    :param dropout: share of the features that are left out at random in training: there are far
        fewer instances than features.
    """

    def __init__(self, features: int, dimension: int, *, dropout: float = 0.2) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(features)
        self.dropout = nn.Dropout(dropout)
        self.projection = nn.Linear(features, dimension)

    def forward(self, features: Tensor) -> Tensor:
        """Project and normalise."""
        vectors: Tensor = self.projection(self.dropout(self.norm(features)))
        # in full precision also where the rest runs in bfloat16
        vectors = vectors.float()
        length = torch.sqrt((vectors * vectors).sum(dim=-1, keepdim=True))
        return vectors / length.clamp(min=_SHORTEST)
