"""What the demo heard so far, and the view of it."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections import defaultdict
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from statistics import fmean
from statistics import median

from omnibind_core.demo.presence import Presence
from omnibind_core.demo.presence import SECOND
from omnibind_core.demo.view import Event
from omnibind_core.demo.view import Kind
from omnibind_core.demo.view import SensorRow
from omnibind_core.demo.view import State
from omnibind_core.demo.view import Tally
from omnibind_core.demo.view import Verdict
from omnibind_core.demo.view import View
from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.score import LASTING_NS
from omnibind_core.evaluation.bag.score import score
from omnibind_core.evaluation.bag.truth import Truth
from omnibind_core.evaluation.bag.truth import truth_from_changes
from omnibind_core.overlay.content import Guess

SLICE = 0.5  # s of the history
_RECENT = 40  # slices of it that a sensor shows
_LAST = 50  # answers that the latency is the median of
_COUNTED_EVERY = 500_000_000  # ns between counts
_TOP = 3


class Story:
    """Takes everything in the order in which it was heard.

    :param title: what is played.
    :param sensors: modality of each sensor that may come, in the order in which they are shown.
    :param sporadic: see :class:`~omnibind_core.demo.presence.Presence`.
    :param begin: ROS time of the begin of the bag, nanoseconds.
    :param length: of what is played, seconds.
    :param names: of the classes, for people.
    :param threshold: posterior below which the fusion abstains.
    """

    def __init__(
        self,
        *,
        title: str,
        sensors: Mapping[str, str],
        sporadic: Collection[str] = (),
        begin: int,
        length: float,
        names: Mapping[str, str],
        threshold: float = 0.0,
    ) -> None:
        self.answers: list[Answer] = []
        #: When what began to be there; empty: nothing.
        self.changes: list[tuple[int, str]] = []
        self.events: list[Event] = []
        self._title = title
        self._modalities = dict(sensors)
        self._presence = Presence(sensors, sporadic, begin)
        self._begin = self._now = begin
        self._length = length
        self._names = names
        self._threshold = threshold
        self._states: Mapping[str, str] = {}
        self._guesses: tuple[Guess, ...] = ()
        self._weights: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
        self._tally, self._counted = Tally(), begin - _COUNTED_EVERY

    def clock(self, now: int) -> None:
        """ROS time went on; after the end of the bag nothing is missed any more."""
        self._now = min(max(now, self._now), self._begin + round(self._length * SECOND))
        lost = {name for name, state in self._states.items() if state == 'lost'}
        for sensor, last in self._presence.lost(self._now, lost):
            self._tell(last, 'gone', f'{_plain(sensor)} unplugged')

    def truth(self, stamp: int, class_id: str) -> None:
        """Something else is there from a time on; empty: nothing."""
        if self.changes and stamp <= self.changes[-1][0]:
            return  # latched, and heard again
        self.changes.append((stamp, class_id))
        self._tell(stamp, 'there', f'now there: {self._name(class_id) or "nothing"}')

    def health(self, states: Mapping[str, str]) -> None:
        """What the fusion node says of its sensors: ``periodic``, ``late``, ``lost`` ..."""
        self._states = dict(states)

    def answer(self, answer: Answer, guesses: Sequence[tuple[str, float]]) -> None:
        """A recognition.

        :param guesses: the best classes with their posteriors, best first.
        """
        self.answers.append(answer)
        self._guesses = tuple(Guess(self._name(name), value) for name, value in guesses[:_TOP])
        place = self._slice(answer.stamp)
        for sensor, part in answer.parts.items():
            self._weights[sensor][place].append(part.weight)
            # One that was late takes part as one that is held, and is a sign of life all the same.
            self.vector(sensor, answer.stamp - round(part.age * SECOND))

    def vector(self, sensor: str, stamp: int) -> None:
        """A sensor's vector, whether it takes part in a recognition or not."""
        came = self._presence.heard(sensor, stamp, self._now)
        if came == 'came':
            self._tell(stamp, 'came', f'{_plain(sensor)} plugged in')
        elif came == 'back':
            self._tell(stamp, 'came', f'{_plain(sensor)} is back')

    def known_truth(self) -> Truth | None:
        """The truth as far as it was heard; ``None``: nothing of it."""
        if not self.changes:
            return None
        return truth_from_changes(self.changes, max(self._now, self.changes[-1][0]) + 1)

    def view(self, note: str = '') -> View:
        """What is to be shown now."""
        last = self.answers[-1] if self.answers else None
        if last is not None and self._now - last.stamp > LASTING_NS + SECOND // 2:
            last = None  # nothing was said for long
        recent = self.answers[-_LAST:]
        span = (recent[-1].said - recent[0].said) / SECOND if len(recent) > 1 else 0.0
        return View(
            title=self._title,
            note=note,
            at=min((self._now - self._begin) / SECOND, self._length),
            length=self._length,
            there=self._there(self._now, named=True),
            guesses=self._guesses if last is not None else (),
            verdict='' if last is None else self._verdict(last),
            why='' if last is None else self._why(last),
            rate=(len(recent) - 1) / span if span > 0.0 else 0.0,
            latency=median((one.said - one.stamp) / SECOND for one in recent) if recent else None,
            sensors=tuple(self._row(name, last) for name in self._presence.sensors),
            verdicts=self._history(),
            changes=tuple(
                ((stamp - self._begin) / SECOND, self._name(class_id) if class_id else '')
                for stamp, class_id in self.changes
                if stamp <= self._now
            ),
            events=tuple(self.events),
            tally=self._count(),
        )

    def _row(self, name: str, last: Answer | None) -> SensorRow:
        part = None if last is None else last.parts.get(name)
        since = self._presence.gone_since(name)
        here = self._slice(self._now)
        weights = self._weights[name]
        return SensorRow(
            name=_plain(name),
            modality=self._modalities.get(name, ''),
            state=self._state(name, last),
            since=None if since is None else (since - self._begin) / SECOND,
            weight=0.0 if part is None else part.weight,
            says='' if part is None or not part.informative else self._name(part.class_id),
            score=0.0 if part is None else part.score,
            weights=tuple(
                fmean(weights[place]) if place in weights else None
                for place in range(here - _RECENT + 1, here + 1)
            ),
        )

    def _state(self, name: str, last: Answer | None) -> State:
        part = None if last is None else last.parts.get(name)
        health = self._states.get(name, '')
        if self._presence.gone_since(name) is not None:
            return 'unplugged'
        if part is not None:
            if not part.informative:
                return 'nothing'
            return 'held' if part.held else 'fresh'
        if health == 'disabled':
            return 'off'
        if self._presence.is_sporadic(name):
            return 'quiet'
        if not self._presence.was_heard(name):
            return 'absent'
        return 'late' if health == 'late' else 'lost' if health == 'lost' else 'missing'

    def _there(self, stamp: int, *, named: bool = False) -> str | None:
        place = bisect_right(self.changes, stamp, key=lambda change: change[0]) - 1
        if place < 0:
            return None
        class_id = self.changes[place][1]
        return self._name(class_id) if named else class_id

    def _verdict(self, answer: Answer) -> Verdict:
        there = self._there(answer.stamp)
        if there is None:
            return 'unknown'
        if answer.says == there:
            return 'right'
        return 'wrong' if answer.says else 'abstained'

    def _why(self, answer: Answer) -> str:
        if not answer.abstained:
            return ''
        if not any(part.informative for part in answer.parts.values() if not part.held):
            return 'no sensor has anything to sense'
        wanted = f', of {self._threshold:.2f} that it wants' if self._threshold > 0.0 else ''
        return f'not sure enough: {answer.score:.2f}{wanted}'

    def _history(self) -> tuple[Verdict, ...]:
        # Judged anew: a truth may be heard after the answers that it judges.
        found: dict[int, Counter[Verdict]] = defaultdict(Counter)
        for answer in self.answers:
            found[self._slice(answer.stamp)][self._verdict(answer)] += 1
        slices = range(self._slice(self._now) + 1)
        return tuple(
            found[place].most_common(1)[0][0] if place in found else '' for place in slices
        )

    def _count(self) -> Tally:
        truth = self.known_truth()
        if truth is None or self._now - self._counted < _COUNTED_EVERY:
            return self._tally
        self._counted = self._now
        self._tally = tally(self.answers, truth)
        return self._tally

    def _tell(self, stamp: int, kind: Kind, text: str) -> None:
        event = Event(max((stamp - self._begin) / SECOND, 0.0), kind, text)
        self.events.append(event)
        self.events.sort(key=lambda one: one.at)

    def _name(self, class_id: str) -> str:
        return self._names.get(class_id, _plain(class_id))

    def _slice(self, stamp: int) -> int:
        return max(int((stamp - self._begin) / SECOND / SLICE), 0)


def tally(answers: Sequence[Answer], truth: Truth) -> Tally:
    """The figures that are shown, counted as the report counts them."""
    found = score(answers, truth)
    first = found['first_correct']
    return Tally(
        answers=len(answers),
        right=found['top1'],
        things=first['things'],
        recognised=first['recognised'],
        abstained_at_nothing=found['abstained_at_nothing'],
    )


def _plain(name: str) -> str:
    return name.replace('_', ' ')
