"""The comparison as lines for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]


def lines(document: Document) -> list[str]:
    """What `omnibind evaluate agreement` prints."""
    top1, windows, trace = document['top1'], document['windows'], document['trace']
    again = document['recognitions']
    exact, arrivals = trace['call_by_call'], trace['arrivals_alone']
    word = ', simulated' if document['simulated'] else ''
    met = 'met' if document['met'] else 'MISSED'
    found = [
        f'{document["bag"]}{word}: live and offline say the same at {_percent(top1["agreement"])} '
        f'of {top1["samples"]} moments (wanted {_percent(document["wanted"])}): {met}',
        f'  at things {_percent(top1["at_things"])}, where nothing is '
        f'{_percent(top1["at_nothing"])}; right: live {_percent(top1["right_live"])}, offline '
        f'{_percent(top1["right_offline"])}',
        f'  trace replayed: {exact["identical"]} of {exact["live"]} windows identical call by '
        f'call, {arrivals["identical"]} from the arrivals alone',
        f'  {again["identical"]} of {again["heard"]} recognitions that were heard are those of the '
        f'replayed trace; scores differ by at most {again["largest_difference_of_scores"]:.1g}',
        f'  windows: {windows["live"]} live, {windows["offline"]} offline, {windows["identical"]} '
        f'identical ({windows["with_another_embedding"]} of them with another embedding)',
    ]
    found += [f'  {count:6d}  {cause}' for cause, count in windows['different'].items()]
    if top1['differences']:
        found.append('  moments at which they differ, by cause:')
        found += [f'  {count:6d}  {cause}' for cause, count in top1['differences'].items()]
    found.append('  sensor: vectors live, offline, both; arrives later live; encode delay offline')
    for name, one in windows['vectors'].items():
        lag = one['live_later_ms']
        found.append(
            f'    {name}: {one["live"]}, {one["offline"]}, {one["both"]}; '
            f'{"-" if lag is None else f"{lag:+.1f} ms"}; '
            f'{1e3 * document["encode_delay_s"].get(name, 0.0):.1f} ms'
        )
    for part in (exact, arrivals, again):
        found += [f'  {text}' for text in part['first_differences'][:1]]
    return found


def _percent(value: float | None) -> str:
    return '-' if value is None else f'{100.0 * value:.1f} %'
