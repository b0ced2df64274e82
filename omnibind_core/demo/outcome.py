"""What the demo comes to, for people and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from omnibind_core.demo.view import percent
from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.score import score
from omnibind_core.evaluation.bag.truth import Truth

LIVE = 'live, in this demo'
"""The name of what was just seen, beside the recorded topics of the report."""
_KEYS = ('recognitions', 'top1', 'best_class_top1', 'at_nothing', 'abstained_at_nothing')


def live_figures(answers: Sequence[Answer], truth: Truth | None) -> dict[str, Any]:
    """The figures of what was said live."""
    if truth is None:
        return {'recognitions': len(answers)}
    found = score(answers, truth)
    first = found['first_correct']
    return {
        **{key: found[key] for key in _KEYS},
        'time_top1': found['time']['top1'],
        'things': first['things'],
        'recognised': first['recognised'],
        'first_correct_median_s': first['median_s'],
    }


def sentence(live: Mapping[str, Any], offline: Mapping[str, Any] | None = None) -> str:
    """The summary in one line.

    :param live: of :func:`live_figures`.
    :param offline: the document of the bag's evaluation, if there is one.
    """
    count = live['recognitions']
    if 'things' not in live:
        return f'live: {count} recognitions; the bag tells no truth to hold them against'
    parts = [
        f'live: {percent(live["top1"])} of the recognitions at things right',
        f'{live["recognised"]} of {live["things"]} things recognised',
        f'{percent(live["abstained_at_nothing"])} abstain where nothing is',
    ]
    if offline is not None:
        parts.append(
            f'offline {percent(offline.get("top1"))} and '
            f'{percent(offline.get("abstained_at_nothing"))}'
        )
    return '; '.join([', '.join(parts[:3]), *parts[3:]])
