"""A picture of how long encoders take, beside another way to run them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from omnibind_core.evaluation.model_benchmark import OURS
from omnibind_core.evaluation.model_benchmark import Timing
from omnibind_core.evaluation.report.style import FAINT
from omnibind_core.evaluation.report.style import figure
from omnibind_core.evaluation.report.style import INK
from omnibind_core.evaluation.report.style import METHOD_COLOURS
from omnibind_core.evaluation.report.style import sensor_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANELS = (('model', 'Model alone'), ('reading', 'With preprocessing'))


def model_times(timings: Sequence[Timing]) -> Figure:
    """Medians as bars and 99th percentiles as whiskers, ms; the fewest threads, cores idle.

    :param timings: of one run.
    """
    threads = min(one.threads for one in timings)
    shown = [one for one in timings if one.threads == threads and not one.busy]
    ways = list(dict.fromkeys(one.by for one in shown))
    found = figure(9.6, 3.6)
    panels = found.subplots(1, len(_PANELS))
    for axes, (part, title) in zip(panels, _PANELS, strict=True):
        parts = (part, 'window') if part == 'reading' else (part,)
        names = list(dict.fromkeys(one.what for one in shown if one.part in parts))
        height = 0.8 / len(ways)
        for number, by in enumerate(ways):
            rows = {one.what: one for one in shown if one.by == by and one.part in parts}
            there = [name for name in names if name in rows]
            place = np.array([names.index(name) for name in there]) - 0.4 + (number + 0.5) * height
            median = np.array([rows[name].median_ms for name in there])
            rest = np.array([rows[name].p99_ms for name in there]) - median
            axes.barh(
                place,
                median,
                height=height * 0.92,
                color=METHOD_COLOURS['af'] if by == OURS else FAINT,
                label=by,
                xerr=np.array([np.zeros_like(rest), rest]),
                error_kw={'elinewidth': 0.9, 'ecolor': INK},
            )
            for row, value, over in zip(place, median, rest, strict=True):
                axes.annotate(
                    f'{value:.1f}',
                    (value + over, row),
                    xytext=(3, 0),
                    textcoords='offset points',
                    va='center',
                    fontsize=8,
                )
        titles = ['All six' if name == 'window' else sensor_title(name) for name in names]
        axes.set_yticks(range(len(names)), titles)
        axes.invert_yaxis()
        axes.grid(axis='y', visible=False)
        axes.margins(x=0.12)
        axes.set_xlabel('ms, median; whisker: 99 %')
        axes.set_title(f'{title}, {threads} thread{"" if threads == 1 else "s"}')
    found.legend(
        *panels[0].get_legend_handles_labels(), loc='outside lower center', ncols=len(ways)
    )
    return found


def draw(timings: Sequence[Timing], path: Path) -> None:
    """Write the picture, PNG or SVG by the file's name."""
    model_times(timings).savefig(path, dpi=150)
