"""What is around a point: features of its nearest neighbours, and of each the largest.

The set abstraction of PointNet++ (Qi et al., 2017) in a form that exports to ONNX and is fast on
CPUs: centres are every so-many-th point (the clouds are evenly sampled already), neighbours come
from one matrix of distances, and the first layer is computed once for each point and not once for
each of its appearances.

Notation: ``n`` points, ``m`` centres, ``k`` neighbours, ``c`` features.
"""

from __future__ import annotations

import torch
from torch import nn
from torch import Tensor


class LocalMaximum(nn.Module):
    """``[b, n, 3], [b, n, c] -> [b, m, 3], [b, m, filters]`` with m = n / stride, rounded up.

    :param channels: c.
    :param hidden: width of the first layer.
    :param filters: of the output.
    :param stride: every so-many-th point is a centre.
    :param neighbours: k, at most n.
    """

    def __init__(
        self, channels: int, hidden: int, filters: int, *, stride: int, neighbours: int
    ) -> None:
        super().__init__()
        self.stride = stride
        self.neighbours = neighbours
        self.of_point = nn.Linear(channels + 3, hidden, bias=False)
        self.of_centre = nn.Linear(3, hidden, bias=False)
        self.first_norm = nn.BatchNorm1d(hidden)
        self.second = nn.Linear(hidden, filters, bias=False)
        self.second_norm = nn.BatchNorm1d(filters)

    def forward(self, places: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """Centres and what is around them."""
        centres = places[:, :: self.stride]  # [b, m, 3]
        nearest = neighbours_of(centres, places, self.neighbours)  # [b, m, k]
        # of_point(feature, place) - of_centre(centre) sees the feature and the offset, and the
        # absolute place as far as the two layers differ
        at_point = self.of_point(torch.cat([places, features], dim=2))  # [b, n, hidden]
        around = rows(at_point, nearest) - self.of_centre(centres)[:, :, None]
        first = torch.relu(_over_last(self.first_norm, around))
        second = _over_last(self.second_norm, self.second(first))  # [b, m, k, filters]
        return centres, torch.relu(second.amax(dim=2))


def neighbours_of(centres: Tensor, places: Tensor, count: int) -> Tensor:
    """Indices of the nearest places of each centre, in no order.

    :param centres: ``[b, m, 3]``.
    :param places: ``[b, n, 3]``.
    :param count: k.
    :return: int64 ``[b, m, k]``.
    """
    # the centre's own square is the same for all its places
    closeness = 2.0 * centres @ places.transpose(1, 2) - (places * places).sum(dim=2)[:, None]
    return closeness.topk(count, dim=2, sorted=False).indices


def rows(values: Tensor, index: Tensor) -> Tensor:
    """``[b, n, c], [b, m, k] -> [b, m, k, c]``: rows of each cloud's own table."""
    start = torch.arange(values.shape[0], device=values.device)[:, None, None] * values.shape[1]
    flat = values.flatten(0, 1)[(index + start).flatten()]
    return flat.reshape(index.shape[0], index.shape[1], index.shape[2], values.shape[2])


def _over_last(norm: nn.BatchNorm1d, values: Tensor) -> Tensor:
    """Batch normalisation of features that stand last."""
    normalised: Tensor = norm(values.flatten(0, -2))
    return normalised.reshape(values.shape)
