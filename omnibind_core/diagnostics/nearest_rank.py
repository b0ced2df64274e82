"""Percentiles by nearest rank: always a value that occurred."""

from __future__ import annotations

from collections.abc import Sequence
import math
from typing import TypeVar

_Value = TypeVar('_Value', int, float)


def nearest_rank(ranked: Sequence[_Value], percent: int) -> _Value:
    """The smallest value that at least ``percent`` of a hundred are at most.

    :param ranked: values in rising order, at least one.
    """
    return ranked[max(math.ceil(len(ranked) * percent / 100) - 1, 0)]
