"""What a series of answers is worth against the truth: the figures that every subset gets.

Two ways of counting stand side by side. *Of recognitions*: of those whose stamp falls on a thing,
the share that names it; an abstention names nothing. *Of time*: ten times a second the newest
answer of the last second counts, and silence counts as abstention; only so can a sensor that
speaks now and then be compared with one that always does.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Sequence
from statistics import median
from typing import Any

from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.truth import NOTHING
from omnibind_core.evaluation.bag.truth import Truth

SAMPLE_NS = 100_000_000
LASTING_NS = 1_000_000_000
"""How long an answer stands for what is there."""


def score(answers: Sequence[Answer], truth: Truth) -> dict[str, Any]:
    """The figures; shares are 0 to 1, ``None`` where there is nothing to divide by.

    :param answers: in the order of their stamps.
    :param truth: what was there; moments that it does not know are left out.
    :return: among them ``top1``, and ``best_class_top1``: as if it had never abstained.
    """
    told = [(truth.at(answer.stamp), answer) for answer in answers]
    things = [(true, answer) for true, answer in told if true]
    nothings = [answer for true, answer in told if true == NOTHING]
    answered = [(true, answer) for true, answer in things if not answer.abstained]
    right = sum(true == answer.class_id for true, answer in answered)
    return {
        'recognitions': len(answers),
        'at_things': len(things),
        'right_at_things': right,
        'top1': share(right, len(things)),
        'answered': share(len(answered), len(things)),
        'top1_answered': share(right, len(answered)),
        'best_class_top1': share(
            sum(true == answer.class_id for true, answer in things), len(things)
        ),
        'at_nothing': len(nothings),
        'abstained_at_nothing': share(sum(one.abstained for one in nothings), len(nothings)),
        'time': _time(answers, truth),
        'first_correct': _first_correct(answers, truth),
    }


def sampled(answers: Sequence[Answer], truth: Truth) -> Iterator[tuple[int, str, Answer | None]]:
    """Ten times a second of known truth: when, what is there, and the answer that stands then."""
    stamps = [answer.stamp for answer in answers]
    for interval in truth.intervals:
        for time in range(interval.begin, interval.end, SAMPLE_NS):
            place = bisect_right(stamps, time) - 1
            stands = place >= 0 and stamps[place] > time - LASTING_NS
            yield time, interval.class_id, answers[place] if stands else None


def share(part: float, whole: float) -> float | None:
    """``part / whole``; ``None`` of nothing."""
    return part / whole if whole else None


def _time(answers: Sequence[Answer], truth: Truth) -> dict[str, Any]:
    samples = [*sampled(answers, truth)]
    things = [(true, said) for _, true, said in samples if true]
    right = sum(said is not None and said.says == true for true, said in things)
    best = sum(said is not None and said.class_id == true for true, said in things)
    silent = sum(said is None or said.abstained for _, true, said in samples if not true)
    return {
        'samples': len(samples),
        'at_things': len(things),
        'right_at_things': right,
        'top1': share(right, len(things)),
        'best_class_right_at_things': best,
        'best_class_top1': share(best, len(things)),
        'abstained_at_nothing': share(silent, len(samples) - len(things)),
        'right': share(right + silent, len(samples)),
        'without_answer': share(sum(said is None for _, _, said in samples), len(samples)),
    }


def _first_correct(answers: Sequence[Answer], truth: Truth) -> dict[str, Any]:
    """How long after a thing is there it is named, latency included."""
    delays: list[float | None] = []
    for interval in truth.intervals:
        if interval.class_id == NOTHING:
            continue
        said = [
            answer.said
            for answer in answers
            if interval.begin <= answer.stamp < interval.end and answer.says == interval.class_id
        ]
        delays.append((min(said) - interval.begin) / 1e9 if said else None)
    found = [delay for delay in delays if delay is not None]
    return {
        'things': len(delays),
        'recognised': len(found),
        'median_s': median(found) if found else None,
        'longest_s': max(found) if found else None,
        'each_s': delays,
    }
