"""Telling whole numbers from everything else that may stand where one should."""

from __future__ import annotations

import numpy as np


def is_whole(value: object) -> bool:
    """Whether something is a whole number, Python's or numpy's; ``True`` is none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
