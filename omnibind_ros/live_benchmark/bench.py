"""The choices of one run of the benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omnibind_ros.stage.setting import Setting


@dataclass(frozen=True, kw_only=True)
class Bench(Setting):
    """What is measured, and how often.

    :param full_bag: the bag for load, if there is one; ``bag`` is the lite one.
    :param messages: how many are timed of each modality.
    :param minutes: how long the lite bag is looped.
    :param modalities: whose latency is measured.
    :param rounds: how often a sensor comes or goes.
    """

    full_bag: Path | None
    messages: int
    minutes: float
    modalities: tuple[str, ...]
    rounds: int
