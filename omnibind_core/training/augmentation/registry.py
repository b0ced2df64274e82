"""The changes by modality."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.registry import optional_file
from omnibind_core.modalities.registry import SENSOR_NAMES

Augmentation = Callable[[Tensor, float, torch.Generator], Tensor]
"""``(arrays [b, *shape], strength, random) -> arrays`` of the same shape; nothing is written to."""


def augmentation(modality: str) -> Augmentation:
    """The changes of a modality: a file of this package that defines ``augmented``.

    Of a modality without such a file nothing is changed.

    :raises ConfigError: for anything but a sensor's modality.
    """
    if modality not in SENSOR_NAMES:
        allowed = ', '.join(SENSOR_NAMES)
        raise ConfigError('augmentation', [Problem('modality', repr(modality), allowed)])
    module = optional_file(__package__, modality)
    found: Augmentation = unchanged if module is None else module.augmented
    return found


def unchanged(arrays: Tensor, strength: float, random: torch.Generator) -> Tensor:  # noqa: ARG001
    """The arrays as they are."""
    return arrays
