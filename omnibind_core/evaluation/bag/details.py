"""More about one series of answers: classes, confusion, calibration, sensors, latency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from omnibind_core.data.seeding import generator
from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.score import share
from omnibind_core.evaluation.bag.truth import Truth
from omnibind_core.evaluation.statistics.calibration import perfect_band
from omnibind_core.evaluation.statistics.calibration import reliability

ABSTAINED = '(abstained)'
NOTHING_THERE = '(nothing)'


def per_class(answers: Sequence[Answer], truth: Truth) -> dict[str, Any]:
    """Of each thing that is there at some time: recognitions, the share that is right."""
    found = {}
    for class_id in truth.class_ids:
        own = [one for one in answers if truth.at(one.stamp) == class_id]
        wrong = Counter(one.says or ABSTAINED for one in own if one.says != class_id)
        found[class_id] = {
            'recognitions': len(own),
            'top1': share(sum(one.says == class_id for one in own), len(own)),
            'instead': dict(sorted(wrong.items(), key=lambda item: (-item[1], item[0]))[:3]),
        }
    return found


def confusion(answers: Sequence[Answer], truth: Truth) -> dict[str, Any]:
    """Recognitions by what is there (rows) and what was said (columns)."""
    counts: Counter[tuple[str, str]] = Counter()
    for answer in answers:
        true = truth.at(answer.stamp)
        if true is not None:
            counts[true or NOTHING_THERE, answer.says or ABSTAINED] += 1
    rows = [*truth.class_ids, NOTHING_THERE]
    said = {column for _, column in counts} - {ABSTAINED}
    columns = [*sorted(said & set(rows)), *sorted(said - set(rows)), ABSTAINED]
    return {
        'truth': rows,
        'said': columns,
        'counts': [[counts[row, column] for column in columns] for row in rows],
    }


def calibration(answers: Sequence[Answer], truth: Truth) -> dict[str, Any] | None:
    """Whether the best class is right as often as its posterior says, abstentions included.

    Of recognitions at a thing, where some sensor was informative; ``None``: there are none.
    """
    known = [
        (one.score, one.class_id == truth.at(one.stamp))
        for one in answers
        if truth.at(one.stamp) and one.informative
    ]
    if not known:
        return None
    confidence = np.clip([score for score, _ in known], 0.0, 1.0)
    bins = reliability(confidence, np.array([right for _, right in known], np.bool_))
    low, high = perfect_band(confidence, random=generator('bag calibration', len(known)))
    return {
        'recognitions': len(known),
        'ece': bins.error,
        'ece_of_a_perfect_model': [low, high],
        'count': bins.count.tolist(),
        'confidence': _plain(bins.confidence),
        'accuracy': _plain(bins.accuracy),
    }


def abstention(answers: Sequence[Answer], truth: Truth | None) -> dict[str, Any]:
    """How often nothing was said, where nothing is there and where something is, and why."""
    groups: dict[str, list[Answer]] = {'at_nothing': [], 'at_things': [], 'unknown': []}
    for answer in answers:
        true = None if truth is None else truth.at(answer.stamp)
        groups['unknown' if true is None else 'at_things' if true else 'at_nothing'].append(answer)
    return {
        name: {
            'recognitions': len(own),
            'abstained': share(sum(one.abstained for one in own), len(own)),
            'reasons': dict(sorted(Counter(one.reason for one in own if one.reason).items())),
        }
        for name, own in groups.items()
        if own
    }


def per_sensor(answers: Sequence[Answer], truth: Truth | None) -> dict[str, Any]:
    """Of each sensor: how it took part, its weight, and what it alone would have said."""
    names = sorted({name for one in answers for name in (*one.parts, *one.missing)})
    return {name: _one_sensor(name, answers, truth) for name in names}


def latency(answers: Sequence[Answer]) -> dict[str, Any]:
    """From the stamp until it was said, and how long first vectors waited, milliseconds."""
    added = [one.added for one in answers if one.added is not None]
    return {
        'total': spread((one.said - one.stamp) / 1e6 for one in answers),
        'added_by_window': spread(value / 1e6 for value in added),
    }


def spread(values: Iterable[float]) -> dict[str, float] | None:
    """Median, high percentiles and the largest; ``None`` of nothing."""
    given = np.array([*values], np.float64)
    if not given.size:
        return None
    p50, p95, p99 = np.percentile(given, [50.0, 95.0, 99.0])
    return {'p50': float(p50), 'p95': float(p95), 'p99': float(p99), 'max': float(given.max())}


def _one_sensor(name: str, answers: Sequence[Answer], truth: Truth | None) -> Mapping[str, Any]:
    parts = [(one, one.parts[name]) for one in answers if name in one.parts]
    fresh = [(one, part) for one, part in parts if not part.held]
    informative = [(one, part) for one, part in parts if part.informative]
    judged = [
        part.class_id == truth.at(one.stamp)
        for one, part in fresh
        if truth is not None and part.informative and truth.at(one.stamp)
    ]
    states = Counter(one.states[name] for one in answers if name in one.states)
    return {
        'fresh': share(len(fresh), len(answers)),
        'held': share(len(parts) - len(fresh), len(answers)),
        'missing': share(sum(name in one.missing for one in answers), len(answers)),
        'informative': share(len(informative), len(parts)),
        'mean_weight': (
            sum(part.weight for _, part in informative) / len(informative) if informative else None
        ),
        'alone_judged': len(judged),
        'alone_top1': share(sum(judged), len(judged)),
        'states': {state: count / len(answers) for state, count in sorted(states.items())},
    }


def _plain(values: Any) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
