"""The figures that matter as lines for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]
_MOST_SUBSETS = 5


def lines(document: Document) -> list[str]:
    """What `omnibind evaluate bag` prints.

    :param document: with the summary of all bags and each bag's own document in ``bags``.
    """
    bags = document['bags']
    word = ', simulated' if document['simulated'] else ''
    found = [
        f'{len(bags)} bag{"" if len(bags) == 1 else "s"}, {document["duration_s"]:.0f} s{word}: '
        f'evaluated at {document["realtime_factor"]:.1f} times real time'
    ]
    for bag in bags:
        found += _bag(bag)
    if len(bags) > 1:
        found.append(
            f'all: top-1 {_percent(document["top1"])}, of time {_percent(document["time_top1"])}'
        )
    subsets = document['per_subset']
    if subsets:
        found += _subsets(subsets)
    for row in document.get('all_against_one', []):
        low, high = row['ci95']
        found.append(
            f'  all sensors minus {row["sensor"]} alone: {100 * row["difference"]:+.1f} points '
            f'[{100 * low:.1f}, {100 * high:.1f}] of time at things'
        )
    return found


def _bag(bag: Document) -> list[str]:
    if 'latency_ms' not in bag:
        word = 'only what was recorded' if bag.get('recorded') else 'nothing could be evaluated'
        return [f'{bag["bag"]}: {word}', *_recorded(bag)]
    found = [f'{bag["bag"]}: {bag["recognitions"]} recognitions']
    if bag.get('at_things') is not None:
        first = bag['first_correct']
        found.append(
            f'  top-1 at things {_percent(bag["top1"])}, of time {_percent(bag["time"]["top1"])} '
            f'(best class, abstained or not: {_percent(bag["best_class_top1"])}); '
            f'where nothing is, {_percent(bag["abstained_at_nothing"])} abstain'
        )
        found.append(
            f'  {first["recognised"]} of {first["things"]} things recognised, '
            f'after {_seconds(first["median_s"])} (median)'
        )
    total = bag['latency_ms']['total']
    if total:
        found.append(
            f'  latency (model) p50 {total["p50"]:.0f} ms, p95 {total["p95"]:.0f} ms, '
            f'max {total["max"]:.0f} ms'
        )
    return found + _recorded(bag)


def _recorded(bag: Document) -> list[str]:
    return [
        f'  recorded {topic}: {one["recognitions"]} recognitions, top-1 {_percent(one["top1"])}'
        for topic, one in bag.get('recorded', {}).items()
    ]


def _subsets(subsets: Document) -> list[str]:
    ranked = sorted(subsets, key=lambda name: -(subsets[name]['time_top1'] or 0.0))
    singles = [name for name in subsets if '+' not in name]
    found = [f'{len(subsets)} subsets of the sensors, top-1 of time at things; the best:']
    shown = ranked[:_MOST_SUBSETS] + [
        name for name in singles if name not in ranked[:_MOST_SUBSETS]
    ]
    return found + [f'  {_percent(subsets[name]["time_top1"]):>7}  {name}' for name in shown]


def _percent(value: float | None) -> str:
    return '-' if value is None else f'{100.0 * value:.1f} %'


def _seconds(value: float | None) -> str:
    return '-' if value is None else f'{value:.2f} s'
