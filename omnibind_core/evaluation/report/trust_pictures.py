"""Pictures of trust: calibration, abstention, and what becomes of a sensor that lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from typing import TYPE_CHECKING

import numpy as np

from omnibind_core.evaluation.report.style import FAINT
from omnibind_core.evaluation.report.style import figure
from omnibind_core.evaluation.report.style import INK
from omnibind_core.evaluation.report.style import METHOD_COLOURS
from omnibind_core.evaluation.report.style import method_title
from omnibind_core.evaluation.report.style import sensor_colour
from omnibind_core.evaluation.report.style import sensor_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Document = Mapping[str, Any]
CONDITION_TITLES = {
    'garbled': 'garbled, severity 5',
    'corrupted': 'corrupted, severity 5',
    'nothing': 'with nothing to sense',
}


def reliability_diagram(document: Document) -> Figure:
    """Confidence against accuracy, one panel for each method; grey: how many samples."""
    methods = list(document['methods'])
    found = figure(2.55 * len(methods), 3.1)
    panels = np.atleast_1d(found.subplots(1, len(methods), sharey=True))
    for axes, name in zip(panels, methods, strict=True):
        given = document['reliability']['instance'][name]
        count = np.array(given['count'], float)
        filled = count > 0
        edges = (np.arange(len(count)) + 0.5) / max(len(count), 1)
        axes.bar(
            edges,
            count / max(count.sum(), 1.0),
            width=1.0 / max(len(count), 1),
            color=FAINT,
            alpha=0.35,
            linewidth=0,
        )
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        confidence = np.array(given['confidence'], float)[filled]
        accuracy = np.array(given['accuracy'], float)[filled]
        axes.plot(confidence, accuracy, marker='o', markersize=3.5, color=METHOD_COLOURS[name])
        error = (np.abs(confidence - accuracy) * count[filled]).sum() / max(count.sum(), 1.0)
        axes.set_title(method_title(name), fontsize=9)
        axes.text(0.04, 0.93, f'ECE {100.0 * error:.1f} %', fontsize=8.5)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_aspect('equal')
        axes.set_xticks([0, 0.5, 1])
    panels[0].set_ylabel('accuracy')
    panels[len(panels) // 2].set_xlabel('confidence, in 15 bins; all subsets of two and more')
    return found


def risk_coverage_curve(document: Document) -> Figure:
    """Share of wrong answers against share of samples answered."""
    found = figure(6.2, 3.9)
    axes = found.subplots()
    curves = document['risk_coverage']['instance']
    for name in document['methods']:
        axes.plot(
            100.0 * np.array(curves[name]['coverage']),
            100.0 * np.array(curves[name]['risk']),
            color=METHOD_COLOURS[name],
            linewidth=2.6 if name == document['methods'][-1] else 1.6,
            label=method_title(name),
        )
    axes.set_xlim(0, 100)
    axes.set_ylim(bottom=0)
    axes.set_xlabel('samples answered, the surest first, %')
    axes.set_ylabel('wrong among the answered, %')
    axes.set_title('Abstaining where unsure')
    axes.legend(fontsize=8.5)
    return found


def severity_picture(document: Document) -> Figure | None:
    """The learned fusion's weight of a sensor that gets worse, and the accuracy; or ``None``."""
    points = document['severity']
    if not points:
        return None
    method = document['methods'][-1]
    found = figure(12.0, 3.9)
    shares, accuracy = found.subplots(1, 2)
    severities = sorted({point['severity'] for point in points})
    sensors = [
        name for name in document['sensors'] if any(name == point['sensor'] for point in points)
    ]
    for name in sensors:
        own = {point['severity']: point for point in points if point['sensor'] == name}
        if method in own[0]['weight']:
            shares.plot(
                severities,
                [100.0 * own[level]['weight'][method] for level in severities],
                marker='o',
                markersize=4,
                color=sensor_colour(name),
                label=sensor_title(name),
            )
    for name in document['methods']:
        means = [
            100.0
            * float(
                np.mean([point['top1'][name] for point in points if point['severity'] == level])
            )
            for level in severities
        ]
        accuracy.plot(
            severities,
            means,
            marker='o',
            markersize=4,
            linewidth=2.6 if name == method else 1.6,
            color=METHOD_COLOURS[name],
            label=method_title(name),
        )
    for axes in (shares, accuracy):
        axes.set_xticks(severities, ['clean', *(str(level) for level in severities[1:])])
        axes.set_xlabel('severity of the corruption of one sensor, all sensors there')
        axes.legend(fontsize=8.5)
    shares.set_ylim(bottom=0)
    shares.set_ylabel('its mean weight, %')
    shares.set_title('How much the fusion listens to a sensor that gets worse')
    accuracy.set_ylabel('top-1 accuracy, %')
    accuracy.set_title('Accuracy, mean over which sensor is corrupted')
    return found


def spoilt_sensor(document: Document) -> Figure | None:
    """Accuracy with a spoilt sensor minus without it, by condition and method; or ``None``."""
    given = {
        name: value for name, value in document['spoilt']['instance'].items() if value['methods']
    }
    if not given:
        return None
    found = figure(12.0, 2.9)
    panels = np.atleast_1d(found.subplots(1, len(given), sharex=True))
    for number, (axes, (condition, value)) in enumerate(zip(panels, given.items(), strict=True)):
        names = [name for name in document['methods'] if name in value['methods']]
        for row, name in enumerate(names):
            against = value['methods'][name]['against_without']
            low, high = (100.0 * end for end in against['ci95'])
            mean = 100.0 * against['difference']
            axes.barh(row, mean, height=0.62, color=METHOD_COLOURS[name])
            axes.plot([low, high], [row, row], color=INK, linewidth=1.2)
            axes.text(0.3, row, f'{mean:+.1f}', va='center', fontsize=8.5)
        axes.axvline(0.0, color=INK, linewidth=1.0)
        axes.axvline(-2.0, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_yticks(range(len(names)), [method_title(name) for name in names])
        if number:
            axes.tick_params(labelleft=False)
        axes.invert_yaxis()
        axes.grid(visible=False, axis='y')
        least = value['least_sensors']
        title = CONDITION_TITLES.get(condition, condition)
        axes.set_title(f'One of {least} or more sensors\n{title}', fontsize=9.5)
        axes.margins(x=0.12)
    panels[len(panels) // 2].set_xlabel(
        'accuracy minus that without the sensor, points (dashed: 2 points)'
    )
    return found
