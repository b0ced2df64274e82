"""What a corruption is, and how it is applied.

The severities 1 to 5 follow ImageNet-C (Hendrycks and Dietterich, "Benchmarking neural network
robustness to common corruptions and perturbations", 2019): 1 is hardly noticed, 5 leaves little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from omnibind_core.errors import InputError

SEVERITIES = (1, 2, 3, 4, 5)
Levels = tuple[float, float, float, float, float]


@dataclass(frozen=True)
class Corruption:
    """One way in which a sensor's raw reading goes wrong.

    :param name: unique within its modality, ``noise``.
    :param modality: whose raw data it takes and returns, in the same type, shape limits and units.
    :param text: what happens, for people.
    :param unit: what the levels are measured in.
    :param levels: the level of each severity.
    :param change: ``(raw, level, random) -> raw``; must not write to ``raw``.
    """

    name: str
    modality: str
    text: str
    unit: str
    levels: Levels
    change: Callable[[Any, float, np.random.Generator], Any]

    def apply(self, raw: Any, severity: int, seed: int) -> Any:
        """The corrupted reading; the same for the same seed.

        :raises InputError: for a severity outside 1 to 5.
        """
        if severity not in SEVERITIES:
            raise InputError('severity', severity, '1, 2, 3, 4 or 5')
        return self.change(raw, self.levels[severity - 1], np.random.default_rng(seed))


@dataclass(frozen=True)
class StreamCorruption:
    """One way in which a sensor's *stream* goes wrong: not what it says, but when.

    :param name: ``frozen``, ``stale`` ...
    :param text: what happens, for people.
    :param unit: what the levels are measured in.
    :param levels: the level of each severity.
    """

    name: str
    text: str
    unit: str
    levels: Levels

    def level(self, severity: int) -> float:
        """The level of a severity.

        :raises InputError: for a severity outside 1 to 5.
        """
        if severity not in SEVERITIES:
            raise InputError('severity', severity, '1, 2, 3, 4 or 5')
        return self.levels[severity - 1]
