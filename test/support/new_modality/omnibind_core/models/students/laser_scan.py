"""The laser scan student: convolutions along the profile; in which direction things are counts."""

from __future__ import annotations

from itertools import pairwise

from torch import nn
from torch import Tensor

from omnibind_core.modalities.laser_scan import LaserScanSpecification
from omnibind_core.models.students.design import Size
from omnibind_core.models.students.design import StudentDesign
from omnibind_core.models.students.embedding_head import EmbeddingHead

_WIDTHS = {'small': (16, 32, 64), 'base': (64, 128, 256)}


class LaserScanEncoder(nn.Module):
    """``[b, c, n] -> [b, d]``.

    :param channels: c, 1.
    :param beams: n.
    :param dimension: d.
    :param size: how large.
    """

    def __init__(self, channels: int, beams: int, dimension: int, size: Size) -> None:
        super().__init__()
        widths = (channels, *_WIDTHS[size])
        layers: list[nn.Module] = []
        for before, width in pairwise(widths):
            layers += [
                nn.Conv1d(before, width, 5, 2, 2, bias=False),
                nn.BatchNorm1d(width),
                nn.ReLU(),
            ]
            beams = -(-beams // 2)
        self.network = nn.Sequential(*layers)
        self.head = EmbeddingHead(widths[-1] * beams, dimension)

    def forward(self, scans: Tensor) -> Tensor:
        """Embed scans."""
        embedding: Tensor = self.head(self.network(scans).flatten(1))
        return embedding


def build(shape: tuple[int, ...], dimension: int, size: Size) -> nn.Module:
    """An encoder for scans ``[1, n]``."""
    return LaserScanEncoder(shape[0], shape[1], dimension, size)


STUDENT = StudentDesign(
    modality='laser_scan', specification=LaserScanSpecification(beams=128), build=build
)
