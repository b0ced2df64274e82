"""Several bags together: shares over all of them, and how sure they are.

Recognitions of one bag are no independent samples, so that what is drawn again for the intervals
is the bag.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.details import latency
from omnibind_core.evaluation.bag.score import share
from omnibind_core.evaluation.statistics.bootstrap import Bootstrap
from omnibind_core.evaluation.statistics.bootstrap import estimate

Document = Mapping[str, Any]
_DRAWS = 5000


def summary(documents: Sequence[Document], answers: Sequence[Sequence[Answer]]) -> dict[str, Any]:
    """What all bags come to; of one bag, its own figures.

    ``top1`` is of recognitions at things, ``time_top1`` of the time at things; see
    :mod:`~omnibind_core.evaluation.bag.score`.

    :param documents: of the bags.
    :param answers: of the same bags, for the latencies.
    """
    scored = [one for one in documents if one.get('at_things') is not None]
    duration = sum(one.get('duration_s', 0.0) for one in documents)
    found: dict[str, Any] = {
        'bags_evaluated': sum(bool(one.get('evaluated')) for one in documents),
        'simulated': any(bool(one.get('simulated')) for one in documents),
        'duration_s': duration,
        'top1': share(
            sum(one['right_at_things'] for one in scored), sum(one['at_things'] for one in scored)
        ),
        'time_top1': share(
            sum(one['time']['right_at_things'] for one in scored),
            sum(one['time']['at_things'] for one in scored),
        ),
        'best_class_top1': _weighted(scored, 'best_class_top1', 'at_things'),
        'abstained_at_nothing': _weighted(scored, 'abstained_at_nothing', 'at_nothing'),
        'per_subset': {},
        'latency_ms': latency([answer for some in answers for answer in some]),
    }
    subsets = [one['per_subset'] for one in scored if one.get('per_subset')]
    if subsets:
        found |= _subsets(subsets)
    return found


def _subsets(given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Every subset that some bag has, with intervals over the bags where there are several."""
    names = list(dict.fromkeys(name for one in given for name in one))
    names.sort(key=lambda name: name.count('+'))
    right, total = _counts(given, names, ('right_at_things', 'at_things'))
    time_right, time_total = _counts(given, names, ('right_at_things', 'at_things'), inside='time')
    time_best, _ = _counts(given, names, ('best_class_right_at_things', 'at_things'), inside='time')
    draws = best_draws = None
    if len(given) > 1:
        bootstrap = Bootstrap(len(given), _DRAWS)
        draws = bootstrap.ratios(time_right, time_total)
        best_draws = bootstrap.ratios(time_best, time_total)
    found: dict[str, Any] = {}
    for column, name in enumerate(names):
        found[name] = {
            'bags': sum(name in one for one in given),
            'top1': share(float(right[:, column].sum()), float(total[:, column].sum())),
            'time_top1': share(
                float(time_right[:, column].sum()), float(time_total[:, column].sum())
            ),
            'time_best_class_top1': share(
                float(time_best[:, column].sum()), float(time_total[:, column].sum())
            ),
        }
        if draws is not None and found[name]['time_top1'] is not None:
            one = estimate(found[name]['time_top1'], draws[:, column])
            found[name]['time_top1_ci95'] = [one.low, one.high]
    result: dict[str, Any] = {'per_subset': found}
    if draws is not None and best_draws is not None:
        result['all_against_one'] = _all_against_one(names, found, 'time_top1', draws)
        result['all_against_one_best_class'] = _all_against_one(
            names, found, 'time_best_class_top1', best_draws
        )
    return result


def _all_against_one(
    names: Sequence[str], found: Mapping[str, Any], key: str, draws: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """All sensors minus each sensor alone, of one figure; draws are paired."""
    whole = max(names, key=lambda name: name.count('+'))
    place = names.index(whole)
    rows = []
    for column, name in enumerate(names):
        values = (found[whole][key], found[name][key])
        if '+' in name or name == whole or None in values:
            continue
        one = estimate(values[0] - values[1], draws[:, place] - draws[:, column])
        rows.append(
            {
                'sensor': name,
                'difference': one.value,
                'ci95': [one.low, one.high],
                'p': one.p_two_sided,
            }
        )
    return rows


def _counts(
    given: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    keys: tuple[str, str],
    inside: str = '',
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two figures of each subset (columns) in each bag (rows); 0 where a bag lacks it."""

    def value(scores: Mapping[str, Any], name: str, key: str) -> float:
        one = scores.get(name)
        return 0.0 if one is None else float((one[inside] if inside else one)[key])

    first, second = (
        np.array([[value(scores, name, key) for name in names] for scores in given]) for key in keys
    )
    return first, second


def _weighted(documents: Sequence[Document], key: str, weight: str) -> float | None:
    """A share over all bags, from each bag's own."""
    right = sum(one[key] * one[weight] for one in documents if one[key] is not None)
    return share(right, sum(one[weight] for one in documents))
