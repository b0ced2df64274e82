"""Whether a sensor's output obeys its ``max_rate``, by stamps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
import statistics

SECOND = 1_000_000_000


@dataclass(frozen=True)
class Decimation:
    """What came out of an encoder with ``max_rate``.

    :param crowded: how many vectors share a cell of the grid with the one before; 0 wanted.
    :param filled: share of the grid's cells that have a vector, pauses left out.
    :param rate: vectors per second of event time, pauses left out.
    """

    crowded: int
    filled: float
    rate: float


def decimation(stamps: Sequence[int], rate: float, *, pause: int = SECOND) -> Decimation:
    """Look at the stamps of one sensor's vectors, in order.

    :param stamps: nanoseconds.
    :param rate: ``max_rate``, Hz, above 0.
    :param pause: a longer gap is the sensor's, not the encoder's, nanoseconds.
    """
    period = round(SECOND / rate)
    crowded = expected = got = 0
    covered = 0
    for earlier, later in pairwise(stamps):
        cells = later // period - earlier // period
        crowded += cells == 0
        if 0 <= later - earlier <= pause:
            expected += cells
            got += cells > 0
            covered += later - earlier
    return Decimation(
        crowded=crowded,
        filled=got / expected if expected else 0.0,
        rate=got * SECOND / covered if covered else 0.0,
    )


def usual_rate(stamps: Sequence[int]) -> float:
    """Messages a second while a sensor delivers: by the median gap, Hz; 0 for less than two."""
    gaps = [later - earlier for earlier, later in pairwise(stamps)]
    middle = statistics.median(gaps) if gaps else 0
    return SECOND / middle if middle > 0 else 0.0
