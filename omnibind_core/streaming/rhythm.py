"""How regularly a sensor speaks: period, jitter and latency, robustly from its last vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import itertools
from typing import NamedTuple

MINIMUM_VECTORS = 3
# A sensor whose gaps spread wider than this (interquartile range / median) cannot be predicted.
IRREGULAR = 0.5
# Stamps and timers are no finer than this, however regular a sensor seems.
GRACE_NS = 1_000_000
# The latest vectors alone say whether a sensor is prompt again after a stall.
RECENT = 4


class Prediction(NamedTuple):
    """When a sensor's next vector is expected, nanoseconds.

    :param stamp: its stamp.
    :param arrival: when it probably reaches the fusion node, as promptly as the last four did.
    :param overdue: when it should have, even if it is as slow as the slowest of the last 16.
    """

    stamp: int
    arrival: int
    overdue: int


@dataclass(frozen=True)
class Rhythm:
    """Statistics of a sensor's last vectors, nanoseconds.

    :param period: P, the median gap between stamps: a dropped vector does not move it.
    :param jitter: J, the standard deviation of the gaps.
    :param latency: L95, the 95th percentile (nearest rank) of arrival minus stamp. With fewer than
        20 vectors that is the largest one, so a vector that came later than any before is learnt
        at once.
    :param recent: the largest latency of the last four vectors.
    :param wobble: the standard deviation of the latencies. One in 17 vectors is later than the
        slowest of the 16 before it, and mostly by less than this.
    :param irregular: the gaps spread too widely for a prediction.

    Both deviations are estimated from median absolute deviations, which outliers do not move.
    """

    period: int
    jitter: int
    latency: int
    recent: int
    wobble: int
    irregular: bool

    def predict(self, last: int, *, after: int, arriving: int) -> Prediction:
        """The first expected vector that lies after a stamp and can still be on its way.

        Expected are the stamps ``last + k P``; vectors that were dropped cost no phase.

        :param last: the newest stamp of the sensor.
        :param after: the predicted stamp lies after this, give or take the jitter ...
        :param arriving: ... and is not overdue before this.
        """
        overdue = last + self.latency + max(self.wobble + self.jitter, GRACE_NS)
        after_horizon = (after - self.jitter - last) // self.period + 1
        not_overdue = -((overdue - arriving) // self.period)
        ahead = max(1, after_horizon, not_overdue) * self.period
        return Prediction(
            stamp=last + ahead,
            arrival=last + ahead + self.recent + self.jitter,
            overdue=overdue + ahead,
        )


def measure(stamps: Sequence[int], latencies: Sequence[int]) -> Rhythm | None:
    """The rhythm of a sensor; ``None`` for fewer than three vectors.

    :param stamps: ``[n]`` in order of arrival, each once, nanoseconds.
    :param latencies: ``[n]`` arrival minus stamp, nanoseconds.
    """
    if len(stamps) < MINIMUM_VECTORS:
        return None
    gaps = sorted(after - before for before, after in itertools.pairwise(sorted(stamps)))
    delays = sorted(latencies)
    period = _median(gaps)
    rank = -(-95 * len(delays) // 100)
    return Rhythm(
        period=period,
        jitter=_deviation(gaps, period),
        latency=delays[rank - 1],
        recent=max(latencies[-RECENT:]),
        wobble=_deviation(delays, _median(delays)),
        irregular=_quartile(gaps, 3) - _quartile(gaps, 1) > IRREGULAR * period,
    )


def _median(ordered: Sequence[int]) -> int:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2


def _deviation(values: Sequence[int], middle: int) -> int:
    """Standard deviation, estimated from the median absolute deviation as for a normal one."""
    return _median(sorted(abs(value - middle) for value in values)) * 14826 // 10000


def _quartile(ordered: Sequence[int], quarter: int) -> int:
    """Interpolated linearly, as numpy's default."""
    index, part = divmod(quarter * (len(ordered) - 1), 4)
    below = ordered[index]
    return below if part == 0 else below + (ordered[index + 1] - below) * part // 4
