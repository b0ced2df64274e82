"""The choices of one demo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is played, and what becomes of it.

    :param bundle: that all nodes load, resolved.
    :param bag: resolved.
    :param robot: parameter file of the bag's sensors; ``None``: the installed ``replay.yaml``.
    :param rate: bag seconds in one second.
    :param seconds: only so many of the bag are played; 0: all.
    :param out: folder of the report.
    :param report: whether the bag is evaluated offline at the end.
    :param plain: lines, also on a terminal.
    :param json: file for the figures.
    :param picture: SVG file of the view.
    :param picture_at: which moment that shows, seconds of the bag.
    """

    bundle: Path
    bag: Path
    robot: Path | None = None
    rate: float = 1.0
    seconds: float = 0.0
    out: Path = Path('runs/demo')
    report: bool = True
    plain: bool = False
    json: Path | None = None
    picture: Path | None = None
    picture_at: float = 55.0
