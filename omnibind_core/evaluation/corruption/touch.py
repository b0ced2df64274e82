"""Corruptions of tactile frames: of the picture; the stored background stays the good one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.corruption.base import Corruption
from omnibind_core.evaluation.corruption.picture import COMMON
from omnibind_core.evaluation.corruption.picture import wear
from omnibind_core.modalities.touch import TouchFrame

Change = Callable[[NDArray[np.uint8], float, np.random.Generator], NDArray[np.uint8]]


def _of_the_picture(change: Change) -> Callable[..., TouchFrame]:
    def changed(raw: TouchFrame, level: float, random: np.random.Generator) -> TouchFrame:
        return replace(raw, picture=change(raw.picture, level, random))

    return changed


TOUCH_CORRUPTIONS = tuple(
    Corruption(name, 'touch', text, unit, levels, _of_the_picture(change))
    for name, text, unit, levels, change in (
        *COMMON,
        ('wear', 'A worn gel: dimmer, scratched.', 'share', (0.1, 0.2, 0.4, 0.6, 0.9), wear),
    )
)
