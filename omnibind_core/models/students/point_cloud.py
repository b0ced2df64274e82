"""The point cloud student: a small PointNet++ over 512 points with their size in metres.

Scaling to unit size tells cups from bathtubs no more; the scale channel (the logarithm of the
radius) does. It is given to every point and to the head.

Notation: ``n`` points.
"""

from __future__ import annotations

import torch
from torch import nn
from torch import Tensor

from omnibind_core.modalities.point_cloud import PointCloudSpecification
from omnibind_core.models.students.design import Size
from omnibind_core.models.students.design import StudentDesign
from omnibind_core.models.students.embedding_head import EmbeddingHead
from omnibind_core.models.students.local_maximum import LocalMaximum

_WIDTHS = {'small': (32, 64, 96, 192, 384), 'base': (96, 192, 288, 576, 1152)}
_NEIGHBOURS = 16


class PointCloudEncoder(nn.Module):
    """``[b, n, 3 or 4] -> [b, d]``.

    :param columns: 3, or 4 with the scale channel.
    :param dimension: d.
    :param size: how large.
    """

    def __init__(self, columns: int, dimension: int, size: Size) -> None:
        super().__init__()
        first, second, third, fourth, last = _WIDTHS[size]
        extra = columns - 3
        self.near = LocalMaximum(extra, first, second, stride=4, neighbours=_NEIGHBOURS)
        self.wide = LocalMaximum(second, third, fourth, stride=4, neighbours=_NEIGHBOURS)
        self.whole = nn.Linear(fourth + 3, last, bias=False)
        self.whole_norm = nn.BatchNorm1d(last)
        self.head = EmbeddingHead(2 * last + extra, dimension)

    def forward(self, clouds: Tensor) -> Tensor:
        """Embed clouds of at least 256 points."""
        places, extra = clouds[:, :, :3], clouds[:, :, 3:]
        places, features = self.wide(*self.near(places, extra))
        whole = self.whole(torch.cat([places, features], dim=2))  # [b, n / 16, last]
        whole = self.whole_norm(whole.flatten(0, 1)).reshape(whole.shape)
        whole = torch.relu(whole)
        pooled = torch.cat([whole.amax(dim=1), whole.mean(dim=1), extra[:, 0]], dim=1)
        embedding: Tensor = self.head(pooled)
        return embedding


def build(shape: tuple[int, ...], dimension: int, size: Size) -> nn.Module:
    """An encoder for clouds ``[n, 3 or 4]``."""
    return PointCloudEncoder(shape[1], dimension, size)


STUDENT = StudentDesign(
    modality='point_cloud',
    specification=PointCloudSpecification(points=512, scale_channel=True),
    build=build,
)
