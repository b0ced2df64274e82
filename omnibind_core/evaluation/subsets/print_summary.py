"""The figures that matter as lines for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omnibind_core.evaluation.subsets.choice import key_of
from omnibind_core.evaluation.subsets.methods import TITLES

_WORST = 10


def lines(document: Mapping[str, Any]) -> list[str]:
    """What `omnibind evaluate subsets` prints.

    :param document: as :func:`~omnibind_core.evaluation.subsets.document.document` gives it.
    """
    word = ' (simulated)' if document.get('simulated') else ''
    found = [
        f'{document["bundle"]}, fold {document["fold"]}{word}: {document["instances"]} instances, '
        f'{document["views"]} views, {document["classes"]} classes',
        'top-1 %, mean over the subsets of two and more sensors, 95 % interval',
        f'  {"":<24}{"same instance":>22}{"any of the class":>22}{"NLL":>8}{"ECE %":>7}',
    ]
    by_class = document['summary_by_class']
    for name, value in document['summary'].items():
        same, other = _mean(value), _mean(by_class[name])
        found.append(
            f'  {TITLES.get(name, name):<24}{same:>22}{other:>22}{value["mean_nll"] or 0:>8.3f}'
            f'{100.0 * (value["mean_ece"] or 0):>7.1f}'
        )
    if document['goals']:
        found.append('goals of the adaptive fusion')
    for item in document['goals']:
        verdict = 'met   ' if item['met'] else 'missed'
        text = ''
        if item.get('difference') is not None:
            text = f': {100.0 * item["difference"]:+.2f} points {_interval(item["ci95"])}'
        if item.get('p_holm') is not None:
            text += f', p {item["p_holm"]:.4f}'
        if 'significantly_worse' in item:
            text = f': {item["significantly_worse"]} of {item["pairs"]} pairs'
        if item.get('mean_of_embeddings') is not None:
            text += f' (mean of embeddings {100.0 * item["mean_of_embeddings"]:+.2f})'
        found.append(f'  {verdict} {item["goal"]}{text}')
    if document['added_sensors']:
        found.append('the ten worst additions of a sensor (p: one-sided, Holm)')
    found += [
        f'  {row["added"]:<12} to {key_of(row["subset"]):<48}'
        f'{100.0 * row["difference"]:+6.2f} {_interval(row["ci95"])}  p {row["p_worse_holm"]:.3f}'
        for row in document['added_sensors'][:_WORST]
    ]
    if not document['with_text']:
        found.append('no text encoder of this space: subsets with a text are absent')
    return found


def _mean(value: Mapping[str, Any]) -> str:
    if value['mean_top1'] is None:
        return ''
    return f'{100.0 * value["mean_top1"]:.1f} {_interval(value["ci95"])}'


def _interval(ends: list[float | None]) -> str:
    if ends[0] is None or ends[1] is None:
        return ''
    return f'[{100.0 * ends[0]:.1f}, {100.0 * ends[1]:.1f}]'
