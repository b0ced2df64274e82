"""The thermal student: a residual network over 64 x 64 temperatures.

Thermal cameras of robots have 60 to 120 lines (Lepton: 60 or 120); more pixels would be made up.
"""

from __future__ import annotations

from torch import nn

from omnibind_core.modalities.thermal import ThermalSpecification
from omnibind_core.models.students.design import Size
from omnibind_core.models.students.design import StudentDesign
from omnibind_core.models.students.embedding_head import EmbeddingHead
from omnibind_core.models.students.residual_network import PictureEncoder
from omnibind_core.models.students.residual_network import ResidualNetwork

_WIDTHS = {'small': (24, 48, 96, 160), 'base': (64, 128, 256, 448)}
_BLOCKS = {'small': 1, 'base': 2}


def build(shape: tuple[int, ...], dimension: int, size: Size) -> nn.Module:
    """An encoder for thermal pictures ``[1, h, w]``."""
    widths = _WIDTHS[size]
    network = ResidualNetwork(shape[0], widths, blocks=_BLOCKS[size])
    return PictureEncoder(network, EmbeddingHead(2 * widths[-1], dimension))


STUDENT = StudentDesign(
    modality='thermal', specification=ThermalSpecification(size=64), build=build
)
