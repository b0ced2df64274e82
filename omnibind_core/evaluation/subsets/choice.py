"""The subsets of the sensors.

Notation: ``s`` subsets, ``M`` modalities.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError

MOST_SENSORS = 10


def all_subsets(modalities: Sequence[str]) -> list[tuple[str, ...]]:
    """All non-empty subsets, the small ones first: 63 of six sensors.

    :raises InputError: for none, or more than ten (1023 subsets).
    """
    if not 1 <= len(modalities) <= MOST_SENSORS:
        raise InputError('modalities', f'{len(modalities)} sensors', f'1 to {MOST_SENSORS}')
    return [
        chosen
        for size in range(1, len(modalities) + 1)
        for chosen in combinations(modalities, size)
    ]


def membership(subsets: Sequence[Sequence[str]], modalities: Sequence[str]) -> NDArray[np.bool_]:
    """Which modality is in which subset, bool ``[s, M]``."""
    return np.array([[name in chosen for name in modalities] for chosen in subsets], np.bool_)


def key_of(subset: Sequence[str]) -> str:
    """A subset's name, ``image+touch``."""
    return '+'.join(subset)


def additions(
    subsets: Sequence[tuple[str, ...]], modalities: Sequence[str]
) -> list[tuple[int, str, int]]:
    """Every way of adding one sensor: number of the subset, the sensor, number of the larger one.

    186 of them for six sensors.
    """
    numbers = {frozenset(chosen): number for number, chosen in enumerate(subsets)}
    return [
        (number, name, numbers[frozenset((*chosen, name))])
        for number, chosen in enumerate(subsets)
        for name in modalities
        if name not in chosen and frozenset((*chosen, name)) in numbers
    ]
