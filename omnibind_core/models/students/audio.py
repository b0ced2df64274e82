"""The audio student: a residual network over a log-mel spectrogram that knows its frequencies.

When a sound begins does not matter, so the last map is pooled over time; how high it is does (a
cup rings higher than a bathtub), so it is not pooled over frequency, and the frequency is given to
the first convolution as a second channel (Liu et al., "CoordConv", 2018).

Notation: ``m`` mel bands, ``f`` frames.
"""

from __future__ import annotations

import torch
from torch import nn
from torch import Tensor

from omnibind_core.modalities.audio import AudioSpecification
from omnibind_core.models.students.design import Size
from omnibind_core.models.students.design import StudentDesign
from omnibind_core.models.students.embedding_head import EmbeddingHead
from omnibind_core.models.students.residual_network import ResidualNetwork

_WIDTHS = {'small': (24, 48, 96, 128), 'base': (64, 128, 256, 384)}
_BLOCKS = {'small': 1, 'base': 2}
_KEPT = 64  # channels that are kept for each band of frequencies


class AudioEncoder(nn.Module):
    """``[b, 1, m, f] -> [b, d]``.

    :param mels: m.
    :param dimension: d.
    :param size: how large.
    """

    frequency: Tensor

    def __init__(self, mels: int, dimension: int, size: Size) -> None:
        super().__init__()
        widths = _WIDTHS[size]
        scale = torch.linspace(-1.0, 1.0, mels).reshape(1, 1, mels, 1)
        self.register_buffer('frequency', scale, persistent=False)
        self.network = ResidualNetwork(2, widths, blocks=_BLOCKS[size])
        bands = -(-mels // 2 ** len(widths))
        self.reduction = nn.Sequential(
            nn.Conv2d(widths[-1], _KEPT, 1, bias=False), nn.BatchNorm2d(_KEPT), nn.ReLU()
        )
        self.head = EmbeddingHead(2 * _KEPT * bands, dimension)

    def forward(self, spectrograms: Tensor) -> Tensor:
        """Embed spectrograms of any length."""
        frequency = self.frequency.expand_as(spectrograms)
        cells = self.reduction(self.network(torch.cat([spectrograms, frequency], dim=1)))
        over_time = torch.cat([cells.mean(dim=3), cells.amax(dim=3)], dim=1)  # [b, 2 k, bands]
        embedding: Tensor = self.head(over_time.flatten(1))
        return embedding


def build(shape: tuple[int, ...], dimension: int, size: Size) -> nn.Module:
    """An encoder for spectrograms ``[1, m, f]``."""
    return AudioEncoder(shape[1], dimension, size)


STUDENT = StudentDesign(modality='audio', specification=AudioSpecification(), build=build)
