"""What an overlay shows, before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal['fresh', 'held', 'missing']


@dataclass(frozen=True)
class Guess:
    """One class of the best.

    :param name: for people.
    :param score: posterior probability.
    """

    name: str
    score: float


@dataclass(frozen=True)
class SensorLine:
    """One sensor.

    :param state: of its health: ``periodic``, ``late``, ``lost`` ...
    :param part: how it took part in the recognition: with a fresh vector, with one that was held,
        or not at all.
    :param weight: its share, 0 to 1.
    :param informative: false when it had nothing to sense.
    :param says: the class that it alone would have named; empty: none.
    :param score: the posterior of that class.
    """

    sensor: str
    modality: str
    state: str
    part: Part
    weight: float = 0.0
    informative: bool = True
    says: str = ''
    score: float = 0.0


@dataclass(frozen=True)
class Overlay:
    """One recognition, and the state of the sensors.

    :param guesses: best first.
    :param sensors: in the order in which they are listed.
    :param silent_for: seconds since the last recognition; ``None``: there was none yet.
    :param rate: recognitions a second, Hz.
    :param latency: from the newest stamp to the recognition, seconds; ``None``: unknown.
    """

    guesses: tuple[Guess, ...] = ()
    abstained: bool = False
    calibrated: bool = True
    sensors: tuple[SensorLine, ...] = ()
    silent_for: float | None = None
    rate: float = 0.0
    latency: float | None = None
