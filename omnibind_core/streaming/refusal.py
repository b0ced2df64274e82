"""Why a vector was refused, for people: which sensor, which field, which value."""

from __future__ import annotations

from collections.abc import Mapping

from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.vector import Vector

REFUSALS = (Outcome.REFUSED_SENSOR, Outcome.REFUSED_SPACE, Outcome.REFUSED_STAMP)


def refused(before: Mapping[Outcome, int], after: Mapping[Outcome, int]) -> Outcome | None:
    """The refusal that was counted between two looks at a window's outcomes."""
    return next((one for one in REFUSALS if after[one] > before[one]), None)


def refusal_text(
    outcome: Outcome, vector: Vector, now: int, config: WindowConfig, space: str
) -> str:
    """One sentence.

    :param outcome: one of ``REFUSALS``.
    :param now: ROS time, nanoseconds.
    :param space: the space that vectors must live in.
    """
    head = f'vector of {vector.sensor!r} refused'
    if outcome is Outcome.REFUSED_SPACE:
        return (
            f"{head}: space {vector.space[:60]!r}; this bundle's is {space!r}: give the encoder "
            'the same bundle, or one of the same teacher'
        )
    if outcome is Outcome.REFUSED_STAMP:
        if vector.stamp <= 0:
            return f'{head}: stamp: not set; the driver must stamp, or stamp_source be arrival'
        return (
            f'{head}: stamp: {(vector.stamp - now) / 1e9:.3f} s ahead of the ROS clock, more than '
            f'max_ahead ({config.max_ahead:g} s): are the clocks synchronised?'
        )
    return f'{head}: sensor: not among the sensors that are followed'
