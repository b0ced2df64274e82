"""What was there when: from a topic that says every change, or a table of intervals.

Times are whole nanoseconds of ROS time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from collections.abc import Sequence
import csv
from dataclasses import dataclass
from pathlib import Path

from omnibind_core.data.errors import DataError

NOTHING = ''
_SECOND = 1_000_000_000
_COLUMNS = ('begin', 'end')


class TruthError(DataError):
    """A truth cannot be read; the message names the file and line."""


@dataclass(frozen=True)
class Interval:
    """Something, or nothing, is there from ``begin`` until just before ``end``.

    :param class_id: what; empty: nothing.
    """

    begin: int
    end: int
    class_id: str


class Truth:
    """Intervals in the order of time; what lies between them is unknown.

    :param intervals: in any order.
    :raises TruthError: when two overlap.
    """

    def __init__(self, intervals: Iterable[Interval]) -> None:
        self.intervals: tuple[Interval, ...] = tuple(
            sorted(intervals, key=lambda interval: interval.begin)
        )
        self._begins = [interval.begin for interval in self.intervals]
        for one, following in zip(self.intervals, self.intervals[1:], strict=False):
            if one.end > following.begin:
                raise TruthError(
                    f'truth: {one.class_id or "nothing"!r} until {one.end} ns and '
                    f'{following.class_id or "nothing"!r} from {following.begin} ns overlap; '
                    'give one at a time'
                )

    def at(self, stamp: int) -> str | None:
        """What is there; empty: nothing; ``None``: unknown."""
        place = bisect_right(self._begins, stamp) - 1
        if place < 0 or stamp >= self.intervals[place].end:
            return None
        return self.intervals[place].class_id

    def within(self, begin: int, end: int) -> Truth:
        """What of it lies in ``begin`` <= time < ``end``."""
        clipped = (
            Interval(max(one.begin, begin), min(one.end, end), one.class_id)
            for one in self.intervals
        )
        return Truth(one for one in clipped if one.begin < one.end)

    @property
    def class_ids(self) -> tuple[str, ...]:
        """All things that are ever there, sorted."""
        return tuple(sorted({one.class_id for one in self.intervals} - {NOTHING}))


def truth_from_changes(changes: Iterable[tuple[int, str]], end: int) -> Truth:
    """From messages, each of which holds until the next.

    :param changes: (time, class; empty: nothing is there); of equal times the last one holds.
    :param end: how long the last one holds; at least 1 ns.
    """
    newest = dict(sorted(changes, key=lambda change: change[0]))
    times = [*newest, max([end, *(time + 1 for time in newest)])]
    return Truth(
        Interval(begin, until, class_id)
        for (begin, class_id), until in zip(newest.items(), times[1:], strict=True)
    )


def read_truth(path: Path, *, begin: int) -> Truth:
    """A CSV file of intervals: ``begin_ns,end_ns,class_id``, or ``begin_s,end_s,class_id``.

    Further columns are allowed; an empty class: nothing was there.

    :param begin: what seconds count from: the bag's first message.
    :raises TruthError: for a file of another form; names the line.
    """
    try:
        rows = list(csv.reader(path.read_text(encoding='utf-8').splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TruthError(f'{path} cannot be read: {error}') from None
    head = rows[0] if rows else []
    unit = next((u for u in ('ns', 's') if {f'{c}_{u}' for c in _COLUMNS} <= set(head)), None)
    if unit is None or 'class_id' not in head:
        raise TruthError(
            f'{path}: the first line must name begin_ns, end_ns and class_id (or begin_s and '
            f'end_s, from the begin of the bag); it is {",".join(head)!r}'
        )
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if row:
            found.append(_interval(path, number, dict(zip(head, row, strict=False)), unit, begin))
    if not found:
        raise TruthError(f'{path}: no interval in it')
    try:
        return Truth(found)
    except TruthError as error:
        raise TruthError(f'{path}: {error}') from None


def _interval(path: Path, number: int, row: dict[str, str], unit: str, begin: int) -> Interval:
    try:
        times: Sequence[int] = [
            int(row[f'{name}_ns'])
            if unit == 'ns'
            else begin + round(float(row[f'{name}_s']) * _SECOND)
            for name in _COLUMNS
        ]
        class_id = row['class_id'].strip()
    except (KeyError, ValueError, OverflowError):
        raise TruthError(
            f'{path}, line {number}: begin and end must be numbers, and a class must follow'
        ) from None
    if times[0] >= times[1]:
        raise TruthError(f'{path}, line {number}: the end must lie after the begin')
    return Interval(times[0], times[1], class_id)
