"""The thermal student: a residual network over 64 x 64 temperatures.

Thermal cameras of robots have 60 to 120 lines (Lepton: 60 or 120); more pixels would be made up.
A thing differs from its surroundings by a tenth of a kelvin or by thirty, and one hot spot
outshines the rest: the network sees each picture against its own mean and spread, once evenly and
once on a logarithmic scale, beside the temperature itself.
"""

from __future__ import annotations

import torch
from torch import nn
from torch import Tensor

from omnibind_core.modalities.thermal import ThermalSpecification
from omnibind_core.models.students.design import Size
from omnibind_core.models.students.design import StudentDesign
from omnibind_core.models.students.embedding_head import EmbeddingHead
from omnibind_core.models.students.residual_network import PictureEncoder
from omnibind_core.models.students.residual_network import ResidualNetwork

_WIDTHS = {'small': (24, 48, 96, 160), 'base': (64, 128, 256, 448)}
_BLOCKS = {'small': 1, 'base': 2}
_LEAST_SPREAD = 2e-3  # of the normalised range: about 60 mK, a sensor's own noise
_FINEST = 0.1  # of the spread: below, the logarithm is a straight line


class ThermalContrast(nn.Module):
    """``[b, 1, h, w] -> [b, 3, h, w]``: temperature, contrast, and its logarithm with a sign."""

    def forward(self, pictures: Tensor) -> Tensor:
        """Against the picture's own mean and standard deviation."""
        difference = pictures - pictures.mean(dim=(2, 3), keepdim=True)
        spread = torch.sqrt(difference.square().mean(dim=(2, 3), keepdim=True))
        contrast = difference / (spread + _LEAST_SPREAD)
        logarithm = torch.sign(contrast) * torch.log1p(contrast.abs() / _FINEST)
        return torch.cat([pictures, contrast.clamp(-4.0, 4.0), logarithm], dim=1)


def build(shape: tuple[int, ...], dimension: int, size: Size) -> nn.Module:
    """An encoder for thermal pictures ``[1, h, w]``."""
    widths = _WIDTHS[size]
    network = nn.Sequential(
        ThermalContrast(), ResidualNetwork(3 * shape[0], widths, blocks=_BLOCKS[size])
    )
    return PictureEncoder(network, EmbeddingHead(2 * widths[-1], dimension))


STUDENT = StudentDesign(
    modality='thermal', specification=ThermalSpecification(size=64), build=build
)
