"""Pictures of a bag's figures: subsets of the sensors, confusion, reliability, latency."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import TYPE_CHECKING

import numpy as np

from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.report.style import FAINT
from omnibind_core.evaluation.report.style import figure
from omnibind_core.evaluation.report.style import INK
from omnibind_core.evaluation.report.style import LINE
from omnibind_core.evaluation.report.style import METHOD_COLOURS
from omnibind_core.evaluation.report.style import sensor_colour

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Document = Mapping[str, Any]
_OURS = METHOD_COLOURS['af']
_BEFORE, _AFTER = '#9db8d2', '#2f5f8f'


def subset_bars(subsets: Document, modalities: Mapping[str, str]) -> Figure:
    """Accuracy of every subset of the sensors; dots below: who is in it.

    :param subsets: by key; with 95 % intervals where there are several bags.
    :param modalities: of the sensors, for their colours.
    """
    names = sorted(
        subsets,
        key=lambda name: (
            name.count('+'),
            subsets[name]['time_top1'] or 0.0,
            subsets[name]['time_best_class_top1'] or 0.0,
            name,
        ),
    )
    sensors = [name for name in modalities if name in subsets]
    values = [100.0 * (subsets[name]['time_top1'] or 0.0) for name in names]
    found = figure(13.0, 3.1 + 0.24 * len(sensors))
    upper, lower = found.subplots(2, 1, sharex=True, height_ratios=[3.0, 0.26 * len(sensors)])
    sizes = np.array([name.count('+') + 1 for name in names])
    shade = np.linspace(0.35, 1.0, max(int(sizes.max()), 2))
    places = np.arange(len(names))
    colours = [(*_rgb(_AFTER), float(shade[size - 1])) for size in sizes]
    if sizes.max() > 1:
        colours[-1] = (*_rgb(_OURS), 1.0)
    best = [100.0 * (subsets[name]['time_best_class_top1'] or 0.0) for name in names]
    upper.bar(places, best, width=0.78, color=LINE, linewidth=0)
    upper.bar(places, values, width=0.78, color=colours, linewidth=0)
    for place, name in enumerate(names):
        ends = subsets[name].get('time_top1_ci95')
        if ends:
            upper.plot([place] * 2, [100.0 * end for end in ends], color=INK, linewidth=0.9)
        elif len(names) <= 70:
            upper.text(
                place, values[place] + 1.0, f'{values[place]:.0f}', ha='center', fontsize=7.5
            )
    for left in np.flatnonzero(np.diff(sizes)):
        for axes in (upper, lower):
            axes.axvline(left + 0.5, color=LINE, linewidth=1.0)
    upper.set_ylim(0, 108)
    upper.set_ylabel('right, % of the time\nat things')
    for row, sensor in enumerate(sensors):
        there = np.array([sensor in name.split('+') for name in names])
        lower.scatter(places[~there], [row] * int((~there).sum()), s=9, color=LINE, linewidth=0)
        lower.scatter(
            places[there],
            [row] * int(there.sum()),
            s=26,
            color=sensor_colour(modalities[sensor]),
            linewidth=0,
        )
    lower.set_yticks(range(len(sensors)), [name.replace('_', ' ') for name in sensors])
    lower.invert_yaxis()
    lower.set_xticks([])
    for axes in (upper, lower):
        axes.grid(visible=False, axis='x')
    lower.grid(visible=False)
    for side in ('left', 'bottom'):
        lower.spines[side].set_visible(False)
    lower.set_xlim(-0.8, len(names) - 0.2)
    return found


def confusion_picture(document: Document) -> Figure:
    """What is there (rows) and what was said (columns), in percent of each row."""
    given = document['confusion']
    counts = np.array(given['counts'], np.float64)
    shares = 100.0 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    rows, columns = counts.shape
    found = figure(max(4.4, 2.2 + 0.42 * columns), max(3.0, 1.9 + 0.33 * rows))
    axes = found.subplots()
    axes.imshow(shares, aspect='auto', cmap='Blues', vmin=0, vmax=115, interpolation='nearest')
    for (row, column), value in np.ndenumerate(shares):
        if counts[row, column]:
            ink = 'white' if value > 60 else INK
            axes.text(column, row, f'{value:.0f}', ha='center', va='center', fontsize=8, color=ink)
    axes.set_xticks(
        range(columns), [_plain(name) for name in given['said']], rotation=40, ha='right'
    )
    axes.set_yticks(range(rows), [_plain(name) for name in given['truth']])
    axes.set_ylabel('there')
    axes.set_title('Said, % of the recognitions')
    axes.grid(visible=False)
    return found


def reliability_picture(document: Document) -> Figure | None:
    """Posterior of the best class against how often it is right; or ``None``."""
    given = document.get('calibration')
    if not given:
        return None
    count = np.array(given['count'], np.float64)
    filled = count > 0
    middle = (np.arange(len(count)) + 0.5) / len(count)
    found = figure(4.8, 4.0)
    axes = found.subplots()
    axes.bar(middle, count / count.max(), width=0.94 / len(count), color=LINE, linewidth=0)
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    confidence = np.array(given['confidence'], np.float64)[filled]
    accuracy = np.array(given['accuracy'], np.float64)[filled]
    axes.plot(confidence, accuracy, marker='o', markersize=4, color=_OURS)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel('posterior of the best class')
    axes.set_ylabel('share that is right')
    axes.set_title(f'Reliability: calibration error {100 * given["ece"]:.1f} %')
    return found


def latency_picture(answers: Sequence[Answer], sensors: Document) -> Figure:
    """From the stamp to the recognition, and of each sensor to the fusion."""
    found = figure(6.6, 4.0)
    axes = found.subplots()
    order = np.linspace(0.0, 100.0, max(len(answers), 2))
    total = np.sort([(one.said - one.stamp) / 1e6 for one in answers])
    added = np.sort([one.added / 1e6 for one in answers if one.added is not None])
    if len(total) > 1:
        axes.plot(total, order, color=_OURS, linewidth=2.4, label='stamp to recognition')
    if len(added) == len(order) and len(added) > 1:
        axes.plot(added, order, color=FAINT, linewidth=2.0, label='added by the window')
    for name, one in sensors.items():
        if one['latency_ms']:
            axes.plot(
                [one['latency_ms']['p50'], one['latency_ms']['p95']],
                [50.0, 95.0],
                marker='o',
                markersize=4.5,
                linewidth=1.2,
                color=sensor_colour(one['modality']),
                label=f'{_plain(name)} to fusion: p50, p95',
            )
    axes.set_ylim(0, 101)
    axes.set_xlim(left=0)
    axes.set_xlabel('milliseconds (model: bag time + configured encode delay)')
    axes.set_ylabel('%, at most so long')
    axes.set_title('Latency')
    axes.legend(fontsize=8)
    return found


def _plain(name: str) -> str:
    return name.replace('_', ' ')


def _rgb(colour: str) -> tuple[float, float, float]:
    parts = [int(colour[place : place + 2], 16) / 255.0 for place in (1, 3, 5)]
    return parts[0], parts[1], parts[2]
