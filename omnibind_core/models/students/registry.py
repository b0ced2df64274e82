"""All student encoders by modality."""

from __future__ import annotations

from importlib import import_module

from torch import nn

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.base import InputSpecification
from omnibind_core.modalities.registry import SENSOR_NAMES
from omnibind_core.models.students.design import Size
from omnibind_core.models.students.design import SIZES
from omnibind_core.models.students.design import StudentDesign


def student_design(modality: str) -> StudentDesign:
    """The design of a modality's student: a file of this package that defines ``STUDENT``.

    :raises ConfigError: for anything but a sensor's modality.
    """
    if modality not in SENSOR_NAMES:
        raise ConfigError('student', [Problem('modality', repr(modality), ', '.join(SENSOR_NAMES))])
    found: StudentDesign = import_module(f'omnibind_core.models.students.{modality}').STUDENT
    return found


def student_specification(modality: str) -> InputSpecification:
    """The input specification that a modality's student was designed for.

    :raises ConfigError: for anything but a sensor's modality.
    """
    return student_design(modality).specification


def student(
    modality: str,
    *,
    dimension: int,
    size: Size = 'small',
    specification: InputSpecification | None = None,
) -> nn.Module:
    """A student encoder with random weights: ``[b, *shape] -> [b, dimension]``, L2-normalised.

    :param modality: a sensor's name.
    :param dimension: of the embedding space.
    :param size: ``small`` or ``base``.
    :param specification: of its input; what it was designed for if not given.
    :raises ConfigError: for an unknown modality or size, or a dimension below 2.
    """
    design = student_design(modality)
    problems = []
    if size not in SIZES:
        problems.append(Problem('size', repr(size), ', '.join(SIZES)))
    if dimension < 2:
        problems.append(Problem('dimension', str(dimension), 'at least 2'))
    if problems:
        raise ConfigError('student', problems)
    shape = (specification or design.specification).shape
    return design.build(shape, dimension, size)
