"""Answers as a robot could have given them, for tests of scores and pictures."""

from __future__ import annotations

from typing import Any

from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.answers import Part
from omnibind_core.evaluation.bag.truth import Interval
from omnibind_core.evaluation.bag.truth import Truth

SECOND = 1_000_000_000


def at(seconds: float) -> int:
    """ns."""
    return round(seconds * SECOND)


def truth(*intervals: tuple[float, float, str]) -> Truth:
    """Intervals in seconds."""
    return Truth(Interval(at(begin), at(end), class_id) for begin, end, class_id in intervals)


def part(class_id: str = 'cup', **fields: Any) -> Part:
    """What a sensor brought; fresh and informative unless told otherwise."""
    given: dict[str, Any] = {
        'held': False,
        'informative': True,
        'weight': 1.0,
        'class_id': class_id,
        'score': 0.8,
        'age': 0.0,
    }
    return Part(**(given | fields))


def answer(stamp: float, says: str, **fields: Any) -> Answer:
    """An answer of a camera, said 50 ms later.

    :param stamp: seconds.
    :param says: empty: it abstained, and would have said ``cup``.
    """
    given: dict[str, Any] = {
        'stamp': at(stamp),
        'said': at(stamp + 0.05),
        'added': at(0.01),
        'abstained': not says,
        'class_id': says or 'cup',
        'score': 0.8,
        'reason': '' if says else 'low_posterior',
        'closed_by': 'complete',
        'parts': {'camera': part(says or 'cup')},
        'missing': (),
        'states': {'camera': 'periodic'},
    }
    return Answer(**(given | fields))
