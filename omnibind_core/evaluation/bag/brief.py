"""The figures of many bags without the details of each: small enough to be kept beside a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omnibind_core.evaluation.bag.document import without_timings

Document = Mapping[str, Any]
_OF_A_BAG = (
    'bag',
    'bundle',
    'duration_s',
    'recognitions',
    'at_things',
    'top1',
    'best_class_top1',
    'abstained_at_nothing',
)


def brief(document: Document) -> dict[str, Any]:
    """What all bags come to, and a few figures of each; nothing that was measured with a clock.

    :param document: with the summary of all bags and each bag's own document in ``bags``.
    """
    found: dict[str, Any] = {
        name: value
        for name, value in without_timings(document).items()
        if name not in ('bags', 'per_subset')
    }
    subsets = document.get('per_subset', {})
    whole = max(subsets, key=lambda name: name.count('+'), default='')
    shown = [name for name in subsets if '+' not in name or name == whole]
    return found | {
        'per_subset': dict(subsets),
        'bags': [_of_a_bag(bag, shown) for bag in document['bags']],
    }


def _of_a_bag(bag: Document, shown: list[str]) -> dict[str, Any]:
    found = {name: bag[name] for name in _OF_A_BAG if name in bag}
    if 'first_correct' in bag:
        first = bag['first_correct']
        found['things'], found['things_recognised'] = first['things'], first['recognised']
    subsets = bag.get('per_subset', {})
    found['time_top1'] = {name: subsets[name]['time']['top1'] for name in shown if name in subsets}
    return found
