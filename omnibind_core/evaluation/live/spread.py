"""How measured values spread, and how they change over a run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from omnibind_core.diagnostics.nearest_rank import nearest_rank


class Spread(NamedTuple):
    """Percentiles by nearest rank: always a value that occurred.

    :param number: how many values there are.
    :param p50: half of them are at most this.
    :param p99: of a hundred, ninety-nine are at most this.
    :param largest: the largest.
    """

    number: int
    p50: float
    p99: float
    largest: float

    def figures(self, name: str) -> dict[str, float]:
        """For a JSON file: ``{name}_p50``, ``{name}_p99``, ``{name}_max``."""
        return {
            f'{name}_p50': round(self.p50, 4),
            f'{name}_p99': round(self.p99, 4),
            f'{name}_max': round(self.largest, 4),
        }


def spread(values: Sequence[float]) -> Spread:
    """The spread of some values.

    :raises ValueError: there is none.
    """
    if not values:
        raise ValueError('no values to look at')
    ranked = sorted(values)
    return Spread(len(ranked), nearest_rank(ranked, 50), nearest_rank(ranked, 99), ranked[-1])


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """By how much the values grow in one unit of time: the line of least squares.

    :returns: 0 for less than two different times.
    :raises ValueError: there are not as many times as values.
    """
    if len(times) != len(values):
        raise ValueError(f'{len(times)} times for {len(values)} values')
    if len(set(times)) < 2:
        return 0.0
    middle, mean = sum(times) / len(times), sum(values) / len(values)
    above = sum((t - middle) * (v - mean) for t, v in zip(times, values, strict=True))
    return above / sum((t - middle) ** 2 for t in times)


def longest_gap(times: Sequence[float], begin: float, end: float) -> float:
    """The longest time from ``begin`` to ``end`` without any of the events at ``times``."""
    inside = sorted(time for time in times if begin < time < end)
    return max(later - earlier for earlier, later in pairwise([begin, *inside, end]))


def first_and_last(duration: float, period: float, length: float) -> tuple[float, float]:
    """Where two stretches begin that a growth shows between, in a run over a looped recording.

    The last stretch ends with the run. The first one is the same part of the recording, as many
    rounds earlier as there are; in a run too short for that, the run's begin.

    :param duration: of the run.
    :param period: of one round.
    :param length: of a stretch.
    """
    last = max(duration - length, 0.0)
    first = last % period
    if last - first < length:  # the two would overlap, or be the same
        first = 0.0
    return first, last
