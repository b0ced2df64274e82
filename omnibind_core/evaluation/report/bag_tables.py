"""Tables of a bag's figures."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from omnibind_core.evaluation.report.page import table

Document = Mapping[str, Any]


def percent(value: float | None) -> str:
    """A share for people."""
    return '-' if value is None else f'{100.0 * value:.1f}\N{NO-BREAK SPACE}%'


def bags_table(bags: Sequence[Document]) -> str:
    """A row for each bag."""
    rows = [
        [
            bag['bag'],
            f'{bag.get("duration_s", 0.0):.0f}',
            bag.get('recognitions', 0),
            percent(bag.get('top1')),
            percent((bag.get('time') or {}).get('top1')),
            percent(bag.get('abstained_at_nothing')),
            len(bag['problems']) or '',
        ]
        for bag in bags
    ]
    head = ['bag', 's', 'recognitions', 'top-1', 'of time', 'abstained at nothing', 'notes']
    return table(head, rows)


def versus_table(what: str, rows: Sequence[Document]) -> str:
    """All sensors against each alone.

    :param what: the figure that is compared.
    """
    lines = [
        [
            row['sensor'],
            f'{100 * row["difference"]:+.1f}',
            f'[{100 * row["ci95"][0]:.1f}, {100 * row["ci95"][1]:.1f}]',
            f'{row["p"]:.4f}',
        ]
        for row in rows
    ]
    return table([f'all sensors minus one alone: {what}', 'points', '95 %', 'p'], lines)


def sensors_table(document: Document) -> str:
    """What each sensor brought."""
    rows = []
    parts = document['per_sensor']
    for name, one in document['sensors'].items():
        part = parts.get(name)
        if part is None:
            rows.append([name, (one['topic'], 'text'), one['messages'], one['vectors'], *'------'])
            continue
        weight = part['mean_weight']
        rows.append(
            [
                name,
                (one['topic'], 'text'),
                one['messages'],
                one['vectors'],
                percent(part['fresh']),
                percent(part['held']),
                percent(part['missing']),
                percent(part['informative']),
                '-' if weight is None else f'{weight:.2f}',
                percent(part['alone_top1']),
            ]
        )
    head = [
        'sensor',
        ('topic', 'text'),
        'messages',
        'vectors',
        'fresh',
        'held',
        'missing',
        'informative',
        'mean weight',
        'top-1 of what it alone says',
    ]
    return table(head, rows)


def classes_table(document: Document) -> str:
    """Each thing: how often it was named, and what was said instead."""
    rows = []
    for name, one in document['per_class'].items():
        instead = ', '.join(f'{said} {count}' for said, count in one['instead'].items())
        rows.append([name, one['recognitions'], percent(one['top1']), (instead, 'text')])
    nothing = document['at_nothing']
    rows.append(['(nothing there)', nothing, percent(document['abstained_at_nothing']), ''])
    return table(['there', 'recognitions', 'right', ('most often said instead', 'text')], rows)


def drops_table(document: Document) -> str:
    """Every message and vector by what became of it."""
    outcomes = document['drops']['by_sensor']
    rows = []
    for name, one in document['sensors'].items():
        counts = {key: value for key, value in one['counts'].items() if key != 'received'}
        messages = ', '.join(f'{key} {value}' for key, value in counts.items())
        vectors = ', '.join(f'{key} {value}' for key, value in outcomes.get(name, {}).items())
        rows.append([name, one['messages'], (messages, 'text'), (vectors, 'text')])
    held = document['drops']['recognitions_held_back']
    if held:
        rows.append(['(recognitions)', '', (f'{held} held back by max_rate', 'text'), ''])
    return table(['sensor', 'messages', ('became', 'text'), ('of the vectors', 'text')], rows)
