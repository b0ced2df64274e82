"""What was there, what was said, and which sensors made it say so, over the time of a bag."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from typing import Protocol
from typing import TYPE_CHECKING

import numpy as np

from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.score import LASTING_NS
from omnibind_core.evaluation.bag.truth import Truth
from omnibind_core.evaluation.report.style import FAINT
from omnibind_core.evaluation.report.style import figure
from omnibind_core.evaluation.report.style import INK
from omnibind_core.evaluation.report.style import sensor_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RIGHT, WRONG, SILENT, UNKNOWN = '#3d9a6a', '#c8373b', '#cbd2d9', '#5b8db8'
_NOTHING = '#eef1f4'
_LATE, _LOST = '#e0a030', '#c8373b'
_WIDTH = 13.5  # inches
_LETTER = 0.085  # inches
_TROUBLE = {'late': _LATE, 'lost': _LOST, 'disabled': FAINT}


class Shown(Protocol):
    """What is drawn; see :class:`omnibind_ros.bag_evaluation.options.BagResult`."""

    document: dict[str, Any]
    answers: tuple[Answer, ...]
    truth: Truth | None
    pictures: dict[str, Mapping[int, Any]]
    moments: tuple[int, ...]
    begin: int
    end: int


def timeline(shown: Shown) -> Figure:
    """What was there and what was said; below, each sensor's state, weight and held spans."""
    sensors = shown.document['sensors']
    modalities = {name: one['modality'] for name, one in sensors.items()}
    thumbnails = _pictures_above(shown, modalities)
    heights = [1.0] * bool(thumbnails) + [0.55, 0.55, 0.75] + [0.62] * len(modalities)
    found = figure(_WIDTH, 0.72 * sum(heights) + 1.0)
    rows = [*found.subplots(len(heights), 1, sharex=True, height_ratios=heights)]
    seconds = (shown.end - shown.begin) / 1e9
    if thumbnails:
        _thumbnails(rows.pop(0), shown, thumbnails, seconds)
    _bands(rows[0], _truth_runs(shown), seconds, 'there')
    _bands(rows[1], _said_runs(shown), seconds, 'said')
    _confidence(rows[2], shown)
    for axes, (name, modality) in zip(rows[3:], modalities.items(), strict=True):
        _sensor(axes, name, sensor_colour(modality), shown)
    rows[-1].set_xlabel('seconds of bag time')
    rows[-1].tick_params(labelbottom=True)
    rows[-1].set_xlim(0.0, max(seconds, 1e-3))
    _legend(found)
    return found


def _truth_runs(shown: Shown) -> Iterator[tuple[float, float, str, str]]:
    """Begin, end, text and colour; of nothing there is a pale one."""
    for one in shown.truth.intervals if shown.truth else ():
        colour = _NOTHING if not one.class_id else '#3e4c59'
        yield _at(shown, one.begin), _at(shown, one.end), one.class_id or 'nothing', colour


def _said_runs(shown: Shown) -> Iterator[tuple[float, float, str, str]]:
    """The same of the answers: equal ones in a row are one."""

    def judged(item: tuple[Answer, int]) -> tuple[str, str]:
        says = item[0].says
        true = None if shown.truth is None else shown.truth.at(item[0].stamp)
        if not says:
            return '', SILENT
        return says, UNKNOWN if true is None else RIGHT if true == says else WRONG

    for (says, colour), group in groupby(_lasting(shown.answers), key=judged):
        items = [*group]
        yield _at(shown, items[0][0].stamp), _at(shown, items[-1][1]), says, colour


def _lasting(answers: Sequence[Answer]) -> Iterator[tuple[Answer, int]]:
    """Each answer, and until when it stands."""
    for place, answer in enumerate(answers):
        end = answer.stamp + LASTING_NS
        if place + 1 < len(answers):
            end = min(end, answers[place + 1].stamp)
        yield answer, end


def _bands(
    axes: Axes, runs: Iterator[tuple[float, float, str, str]], seconds: float, title: str
) -> None:
    for begin, end, text, colour in runs:
        axes.barh(0, end - begin, left=begin, height=0.9, color=colour, linewidth=0)
        room = (end - begin) / max(seconds, 1e-3) * _WIDTH * 0.87
        shown = text.replace('_', ' ')
        if shown and room > _LETTER * len(shown):
            ink = INK if colour in (_NOTHING, SILENT) else 'white'
            axes.text((begin + end) / 2, 0, shown, ha='center', va='center', color=ink, fontsize=8)
    _bare(axes, title)
    axes.set_ylim(-0.5, 0.5)


def _confidence(axes: Axes, shown: Shown) -> None:
    times = [_at(shown, answer.stamp) for answer in shown.answers]
    scores = [answer.score for answer in shown.answers]
    axes.fill_between(times, scores, step='post', color='#dde7f0', linewidth=0)
    axes.plot(times, scores, color='#5b8db8', linewidth=1.0, drawstyle='steps-post')
    _bare(axes, 'posterior')
    axes.set_ylim(0.0, 1.05)
    axes.axhline(1.0, color='#e4e7eb', linewidth=0.8)


def _sensor(axes: Axes, name: str, colour: str, shown: Shown) -> None:
    """Weight as height: full colour fresh, pale and hatched held; a grey floor: uninformative."""
    for fresh in (True, False):
        edges, heights = [], []
        for answer, end in _lasting(shown.answers):
            part = answer.parts.get(name)
            there = part is not None and part.informative and part.held != fresh
            edges += [_at(shown, answer.stamp), _at(shown, end)]
            heights += [part.weight if there and part is not None else 0.0] * 2
        axes.fill_between(
            edges,
            heights,
            color=colour,
            alpha=0.9 if fresh else 0.3,
            linewidth=0,
        )
    for kind, group in groupby(_lasting(shown.answers), key=lambda item: _floor(name, item[0])):
        items = [*group]
        if kind:
            begin, until = _at(shown, items[0][0].stamp), _at(shown, items[-1][1])
            axes.barh(-0.11, until - begin, left=begin, height=0.12, color=kind, linewidth=0)
    _bare(axes, name.replace('_', ' '), colour)
    axes.set_ylim(-0.2, 1.05)
    axes.axhline(1.0, color='#e4e7eb', linewidth=0.8)


def _floor(name: str, answer: Answer) -> str:
    """Colour of the strip below a sensor: what is the matter with it; empty: all is well."""
    trouble = _TROUBLE.get(answer.states.get(name, ''))
    if trouble:
        return trouble
    if name in answer.missing:
        return _LOST
    part = answer.parts.get(name)
    return '' if part is None or part.informative else SILENT


def _pictures_above(shown: Shown, modalities: Mapping[str, str]) -> Mapping[int, Any]:
    """What the first camera saw; without a camera, any sensor."""
    ranked = sorted(shown.pictures, key=lambda name: modalities.get(name) != 'image')
    return next((shown.pictures[name] for name in ranked if shown.pictures[name]), {})


def _thumbnails(axes: Axes, shown: Shown, pictures: Mapping[int, Any], seconds: float) -> None:
    """Squares above the middle of what they show, none over another."""
    height = 0.72  # of the row, inches
    width = height / (_WIDTH * 0.87) * seconds
    last = -np.inf
    for number, moment in enumerate(shown.moments):
        left = _at(shown, moment) - width / 2
        if number in pictures and left >= last:
            last = left + width
            axes.imshow(pictures[number], extent=(left, last, 0.0, 1.0), aspect='auto', zorder=2)
    _bare(axes, 'seen')
    axes.set_ylim(0.0, 1.0)
    axes.set_xlim(0.0, max(seconds, 1e-3))


def _bare(axes: Axes, title: str, colour: str = INK) -> None:
    axes.set_yticks([])
    axes.set_ylabel(title, rotation=0, ha='right', va='center', color=colour, fontweight='bold')
    axes.grid(visible=False)
    axes.tick_params(labelbottom=False)
    for side in ('left', 'bottom'):
        axes.spines[side].set_visible(False)


def _legend(found: Figure) -> None:
    from matplotlib.patches import Patch

    entries = [
        (RIGHT, 'right'),
        (WRONG, 'wrong'),
        (SILENT, 'abstained / nothing to sense'),
        ('#616e7c', 'weight, fresh'),
        ('#c9ced3', 'weight, held'),
        (_LATE, 'late'),
        (_LOST, 'lost or missing'),
    ]
    handles = [Patch(color=colour, label=text) for colour, text in entries]
    found.legend(handles=handles, loc='outside lower center', ncols=len(handles), fontsize=8.5)


def _at(shown: Shown, stamp: int) -> float:
    return (stamp - shown.begin) / 1e9
