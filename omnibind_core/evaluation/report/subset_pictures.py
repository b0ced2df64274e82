"""Pictures of accuracy: every subset, the means, and what one more sensor does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from typing import TYPE_CHECKING

import numpy as np

from omnibind_core.evaluation.report.style import FAINT
from omnibind_core.evaluation.report.style import figure
from omnibind_core.evaluation.report.style import INK
from omnibind_core.evaluation.report.style import LINE
from omnibind_core.evaluation.report.style import METHOD_COLOURS
from omnibind_core.evaluation.report.style import method_title
from omnibind_core.evaluation.report.style import sensor_colour
from omnibind_core.evaluation.report.style import sensor_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Document = Mapping[str, Any]


def subset_map(document: Document) -> Figure:
    """Accuracy of every method (rows) for every subset (columns), members as dots below.

    Subsets stand by size, within a size by the accuracy of the last method.
    """
    methods, sensors = list(document['methods']), list(document['sensors'])
    rows = [row for row in document['subsets'] if row['pairing'] == 'instance']
    top1 = {(row['method'], tuple(row['modalities'])): row['top1'] for row in rows}
    last = methods[-1]
    subsets = sorted(
        {tuple(row['modalities']) for row in rows},
        key=lambda chosen: (len(chosen), top1.get((last, chosen), 0.0), chosen),
    )
    values = np.array(
        [[top1.get((name, chosen), np.nan) for chosen in subsets] for name in methods]
    )

    found = figure(15.0, 5.4)
    upper, lower = found.subplots(2, 1, height_ratios=[len(methods), len(sensors)], sharex=True)
    low = max(0.0, float(np.nanmin(values)) - 0.02)
    shown = upper.imshow(
        100.0 * values, aspect='auto', cmap='YlGnBu', vmin=100.0 * low, interpolation='nearest'
    )
    upper.set_yticks(range(len(methods)), [method_title(name) for name in methods])
    upper.grid(visible=False)
    upper.tick_params(labelbottom=False)
    for edge in upper.spines.values():
        edge.set_visible(False)
    middle = 100.0 * (low + float(np.nanmax(values))) / 2.0
    for (row, column), value in np.ndenumerate(100.0 * values):
        # of one sensor all methods say the same
        best = len(subsets[column]) > 1 and value >= 100.0 * np.nanmax(values[:, column]) - 1e-9
        upper.text(
            column,
            row,
            f'{value:.0f}',
            ha='center',
            va='center',
            fontsize=7.5 if best else 6.5,
            fontweight='bold' if best else 'normal',
            color='white' if value > middle + 0.2 * (middle - 100.0 * low) else INK,
        )
    bar = found.colorbar(shown, ax=[upper, lower], pad=0.01, aspect=35, fraction=0.02)
    bar.set_label('top-1 accuracy, %')
    bar.outline.set_visible(False)
    _dots(lower, subsets, sensors)
    sizes = [len(chosen) for chosen in subsets]
    for column in np.flatnonzero(np.diff(sizes)):
        for axes in (upper, lower):
            axes.axvline(column + 0.5, color='white' if axes is upper else FAINT, linewidth=2.0)
    upper.set_title('Top-1 accuracy of every subset, same instance (bold: the best of the column)')
    return found


def _dots(axes: Axes, subsets: list[tuple[str, ...]], sensors: list[str]) -> None:
    for row, name in enumerate(sensors):
        there = [column for column, chosen in enumerate(subsets) if name in chosen]
        absent = [column for column, chosen in enumerate(subsets) if name not in chosen]
        axes.scatter(absent, [row] * len(absent), s=9, color=LINE)
        axes.scatter(there, [row] * len(there), s=34, color=sensor_colour(name))
    axes.set_yticks(range(len(sensors)), [sensor_title(name) for name in sensors])
    axes.set_ylim(len(sensors) - 0.4, -0.6)
    axes.grid(visible=False)
    axes.set_xticks([])
    for edge in axes.spines.values():
        edge.set_visible(False)
    sizes = np.array([len(chosen) for chosen in subsets])
    for size in np.unique(sizes):
        word = 'sensor' if size == 1 else 'sensors'
        place = float(np.flatnonzero(sizes == size).mean())
        text = f'{size} {word}' if (sizes == size).sum() > 2 else f'{size}'
        axes.text(place, len(sensors) - 0.35, text, ha='center', va='top', color=INK)


def method_bars(document: Document) -> Figure:
    """The methods' means over all subsets of two and more, and how they grow with the sensors."""
    methods = list(document['methods'])
    found = figure(12.0, 3.9)
    bars, lines = found.subplots(1, 2, width_ratios=[1.15, 1.0])
    pairings = (
        ('summary', 'same instance', 1.0),
        ('summary_by_class', 'any instance of the class', 0.4),
    )
    height = 0.38
    for place, (key, title, strength) in enumerate(pairings):
        for row, name in enumerate(methods):
            value = document[key][name]
            at = row + (place - 0.5) * height
            mean = 100.0 * value['mean_top1']
            bars.barh(at, mean, height=height * 0.92, color=METHOD_COLOURS[name], alpha=strength)
            low, high = (100.0 * end for end in value['ci95'])
            bars.plot([low, high], [at, at], color=INK, linewidth=1.2)
            bars.text(high + 0.6, at, f'{mean:.1f}', va='center', fontsize=8.5)
            if row == 0:
                colour = INK if place else 'white'
                bars.text(1.0, at, title, va='center', fontsize=7.5, color=colour)
    bars.set_yticks(range(len(methods)), [method_title(name) for name in methods])
    bars.invert_yaxis()
    bars.set_xlim(0.0, 108.0)
    bars.grid(visible=False, axis='y')
    bars.set_xlabel('top-1 accuracy, %, mean over subsets of two and more; 95 % interval')
    bars.set_title('Methods')
    for name in methods:
        points = sorted(
            (row['sensors'], 100.0 * row['top1'])
            for row in document['by_size']
            if row['method'] == name and row['pairing'] == 'instance'
        )
        lines.plot(
            [point[0] for point in points],
            [point[1] for point in points],
            marker='o',
            markersize=4,
            linewidth=2.6 if name == methods[-1] else 1.6,
            color=METHOD_COLOURS[name],
            label=method_title(name),
        )
    lines.set_xlabel('sensors in the subset')
    lines.set_ylabel('top-1 accuracy, %')
    lines.set_xticks(range(1, len(document['sensors']) + 1))
    lines.set_title('More sensors, same instance')
    lines.legend(fontsize=8.5)
    return found


def added_sensors(document: Document) -> Figure:
    """What adding a sensor to a subset does to the learned fusion, every pair of them."""
    rows = sorted(document['added_sensors'], key=lambda row: row['difference'])
    found = figure(12.0, 3.4)
    axes = found.subplots()
    axes.axhline(0.0, color=INK, linewidth=1.0)
    for place, row in enumerate(rows):
        colour = sensor_colour(row['added'])
        low, high = (100.0 * end for end in row['ci95'])
        axes.plot([place, place], [low, high], color=colour, linewidth=1.0, alpha=0.55)
        axes.plot(place, 100.0 * row['difference'], '.', color=colour, markersize=5)
        if row['p_worse_holm'] <= 0.05 and row['difference'] < 0:
            axes.plot(place, low - 1.0, marker='v', color=INK, markersize=5)
    for name in document['sensors']:
        axes.plot([], [], '.', color=sensor_colour(name), markersize=8, label=sensor_title(name))
    axes.legend(ncols=6, loc='upper left', fontsize=8.5, handletextpad=0.1)
    axes.set_xlim(-1.5, len(rows) + 0.5)
    axes.set_xticks([])
    axes.set_xlabel(f'{len(rows)} pairs of a subset and the sensor that is added (colour)')
    axes.set_ylabel('gain in accuracy, points')
    axes.set_title('What one more sensor brings; a black mark would be a significant loss')
    return found
