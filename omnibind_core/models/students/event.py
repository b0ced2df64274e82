"""The event student: a residual network over counts of events in time slices.

The slices are channels of one picture (EventBind, EventCLIP): 50 ms of motion move an edge by a few
cells, which the first convolutions can see.
"""

from __future__ import annotations

from torch import nn

from omnibind_core.modalities.event import EventSpecification
from omnibind_core.models.students.design import Size
from omnibind_core.models.students.design import StudentDesign
from omnibind_core.models.students.embedding_head import EmbeddingHead
from omnibind_core.models.students.residual_network import PictureEncoder
from omnibind_core.models.students.residual_network import ResidualNetwork

_WIDTHS = {'small': (24, 48, 96, 160), 'base': (64, 128, 256, 448)}
_BLOCKS = {'small': 1, 'base': 2}


def build(shape: tuple[int, ...], dimension: int, size: Size) -> nn.Module:
    """An encoder for counts ``[2 * bins, h, w]``."""
    widths = _WIDTHS[size]
    network = ResidualNetwork(shape[0], widths, blocks=_BLOCKS[size])
    return PictureEncoder(network, EmbeddingHead(2 * widths[-1], dimension))


STUDENT = StudentDesign(modality='event', specification=EventSpecification(size=80), build=build)
