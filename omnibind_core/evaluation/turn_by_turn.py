"""Timing several ways to do the same in turn: whatever disturbs the machine meets all of them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def turn_by_turn(
    work: Mapping[str, Callable[[], Any]], repeats: int, clock: Callable[[], float]
) -> dict[str, NDArray[np.float64]]:
    """Milliseconds of each run of each way; one run before them fills caches and is not counted.

    :param work: the ways, by name.
    :param repeats: how often each is timed, at least 1.
    :param clock: monotonic, s.
    """
    times = {by: np.empty(repeats) for by in work}
    for one in work.values():
        one()
    for number in range(repeats):
        for by, one in work.items():
            begin = clock()
            one()
            times[by][number] = (clock() - begin) * 1e3
    return times


def p99(times: NDArray[np.float64]) -> float:
    """The 99th percentile, nearest rank."""
    return float(np.percentile(times, 99, method='inverted_cdf'))
