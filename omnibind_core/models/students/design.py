"""What a student encoder's file declares, and how large students may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch import nn

from omnibind_core.modalities.base import InputSpecification

Size = Literal['small', 'base']

SIZES: tuple[Size, ...] = ('small', 'base')
"""``small`` is for robots without a GPU, ``base`` is about ten times as large."""


@dataclass(frozen=True)
class StudentDesign:
    """One modality's student encoder.

    :param modality: a sensor's name.
    :param specification: the input it was designed for.
    :param build: ``(shape, dimension, size) -> module`` for an input of ``shape`` without a batch
        axis: ``[b, *shape] -> [b, dimension]``, L2-normalised. Shapes may differ from the
        specification's where the architecture allows it.
    """

    modality: str
    specification: InputSpecification
    build: Callable[[tuple[int, ...], int, Size], nn.Module]
