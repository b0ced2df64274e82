"""The image student: a residual network over 96 x 96 pixels.

Images are the teacher's own modality; on the robot its place is taken by this student, which is a
hundred times smaller and learns like the others.
"""

from __future__ import annotations

from torch import nn

from omnibind_core.modalities.image import ImageSpecification
from omnibind_core.models.students.design import Size
from omnibind_core.models.students.design import StudentDesign
from omnibind_core.models.students.embedding_head import EmbeddingHead
from omnibind_core.models.students.residual_network import PictureEncoder
from omnibind_core.models.students.residual_network import ResidualNetwork

_WIDTHS = {'small': (24, 48, 96, 160), 'base': (64, 128, 256, 448)}
_BLOCKS = {'small': 1, 'base': 2}


def build(shape: tuple[int, ...], dimension: int, size: Size) -> nn.Module:
    """An encoder for pictures ``[3, h, w]``."""
    widths = _WIDTHS[size]
    network = ResidualNetwork(shape[0], widths, blocks=_BLOCKS[size])
    return PictureEncoder(network, EmbeddingHead(2 * widths[-1], dimension))


STUDENT = StudentDesign(modality='image', specification=ImageSpecification(size=96), build=build)
