"""What the demo shows at one moment, before it is drawn. Times are seconds of the bag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from omnibind_core.overlay.content import Guess

State = Literal[
    'fresh', 'held', 'nothing', 'missing', 'late', 'lost', 'quiet', 'unplugged', 'absent', 'off'
]
Verdict = Literal['right', 'wrong', 'abstained', 'unknown', '']
"""Empty: there is no answer. Where nothing is there, abstaining is right."""
Kind = Literal['gone', 'came', 'there']
"""A sensor went or came; something else is there."""

WORDS: dict[State, str] = {
    'fresh': 'fresh',
    'held': 'held',
    'nothing': 'nothing to sense',
    'missing': 'missing',
    'late': 'late',
    'lost': 'lost',
    'quiet': 'quiet',
    'unplugged': 'unplugged',
    'absent': 'not plugged in',
    'off': 'switched off',
}


@dataclass(frozen=True)
class SensorRow:
    """One sensor.

    :param name: for people.
    :param since: when it was unplugged; ``None``: it is there, or never was.
    :param weight: its share in the last recognition, 0 to 1.
    :param says: what it alone would have said; empty: nothing.
    :param score: the posterior of that.
    :param weights: the mean weight in each of the last slices of time, newest last; ``None``: it
        took no part.
    """

    name: str
    modality: str
    state: State
    since: float | None = None
    weight: float = 0.0
    says: str = ''
    score: float = 0.0
    weights: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Event:
    """Something that happened."""

    at: float
    kind: Kind
    text: str


@dataclass(frozen=True)
class Tally:
    """How it went so far, as the report counts it; shares are 0 to 1, ``None`` of nothing.

    :param answers: recognitions.
    :param right: share of those at things that name the thing.
    :param things: that have been there.
    :param recognised: how many of them were named at some time.
    :param abstained_at_nothing: share of the recognitions where nothing was there.
    """

    answers: int = 0
    right: float | None = None
    things: int = 0
    recognised: int = 0
    abstained_at_nothing: float | None = None


@dataclass(frozen=True)
class View:
    """Everything that is shown.

    :param title: what is played.
    :param note: what goes on besides: nodes that start, the report that is drawn.
    :param at: how far the bag is.
    :param length: of what is played.
    :param there: the truth; empty: nothing is there; ``None``: unknown.
    :param guesses: the best classes, best first.
    :param verdict: of the last answer.
    :param why: why it abstained; empty where it did not.
    :param rate: recognitions a second.
    :param latency: from stamp to recognition, seconds, the median of the last ones.
    :param verdicts: what most answers were in each half second of the bag until now.
    :param changes: from when on what is there, until now; empty: nothing.
    :param events: oldest first.
    """

    title: str
    note: str = ''
    at: float = 0.0
    length: float = 0.0
    there: str | None = None
    guesses: tuple[Guess, ...] = ()
    verdict: Verdict = ''
    why: str = ''
    rate: float = 0.0
    latency: float | None = None
    sensors: tuple[SensorRow, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    changes: tuple[tuple[float, str], ...] = ()
    events: tuple[Event, ...] = ()
    tally: Tally = Tally()

    @property
    def says(self) -> str:
        """The class it stands by; empty where it abstained or said nothing."""
        return self.guesses[0].name if self.guesses and not self.why else ''


def clock(seconds: float) -> str:
    """Minutes and seconds: ``1:07``."""
    whole = max(int(seconds), 0)
    return f'{whole // 60}:{whole % 60:02d}'


def percent(share: float | None) -> str:
    """``78 %``, ``-`` of nothing."""
    return '-' if share is None else f'{100.0 * share:.0f} %'
