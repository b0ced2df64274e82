"""The adaptive window's rules, written down naively: lists, recomputed from scratch at each step.

Slow and plain on purpose; nothing of the implementation but its data classes is used.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from dataclasses import field
from itertools import pairwise
from statistics import median
from statistics import quantiles

from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.vector import Vector

SECOND = 1_000_000_000


@dataclass
class Seen:
    """One sensor: everything that arrived since its history was last dropped."""

    enabled: bool = True
    sent: bool = False
    gone: bool = False
    held: Vector | None = None
    arrivals: list[tuple[int, int]] = field(default_factory=list)  # (stamp, time)
    missed: tuple[int, int] | None = None  # (stamp, number of arrivals before)

    def forget(self) -> None:
        self.arrivals = []
        self.missed = None

    def gaps(self, count: int | None = None) -> list[int]:
        """Gaps between the stamps of the last 16 of the first ``count`` arrivals."""
        stamps = sorted(stamp for stamp, _ in self.arrivals[:count][-16:])
        return [after - before for before, after in pairwise(stamps)]

    def period(self, count: int | None = None) -> int:
        return int(median(self.gaps(count)))

    def jitter(self) -> int:
        period = self.period()
        off = [abs(gap - period) for gap in self.gaps()]
        return int(median(off)) * 14826 // 10000

    def latencies(self) -> list[int]:
        return [time - stamp for stamp, time in self.arrivals[-16:]]

    def slowest(self) -> int:
        ordered = sorted(self.latencies())
        return next(
            one for rank, one in enumerate(ordered, 1) if rank / len(ordered) >= 0.95 - 1e-9
        )

    def wobble(self) -> int:
        latencies = self.latencies()
        middle = int(median(latencies))
        return int(median([abs(one - middle) for one in latencies])) * 14826 // 10000

    def newest(self) -> int:
        return max(stamp for stamp, _ in self.arrivals)

    def irregular(self) -> bool:
        low, _, high = quantiles(self.gaps(), n=4, method='inclusive')
        return high - low > 0.5 * self.period()

    def waited_for_again(self) -> bool:
        """After a miss: the missed vector itself came, or two in a row."""
        assert self.missed is not None
        stamp, before = self.missed
        in_a_row = 0
        for index in range(before, len(self.arrivals)):
            arrived = self.arrivals[index][0]
            newest = max(one for one, _ in self.arrivals[:index])
            if abs(arrived - stamp) <= self.period(index) / 2:
                return True
            if arrived > newest:
                in_a_row = in_a_row + 1 if arrived - newest <= 1.5 * self.period(index) else 1
            if in_a_row >= 2:
                return True
        return False

    def state(self, now: int, *, sporadic: bool, timeout: int) -> str:
        if not self.enabled:
            return 'disabled'
        if self.gone:
            return 'lost'
        if len(self.arrivals) < 3:
            return 'warming'
        if sporadic or self.irregular():
            return 'sporadic'
        if now - self.arrivals[-1][1] > max(timeout, 3 * self.period()):
            return 'lost'
        if self.missed is not None and not self.waited_for_again():
            return 'late'
        return 'periodic'


class Specification:
    """What :class:`AdaptiveWindow` must do, for ``max_rate`` off."""

    def __init__(self, config: WindowConfig, space: str) -> None:
        self.config = config
        self.space = space
        self.now: int | None = None
        self.horizon: int | None = None
        self.inside: list[tuple[Vector, int]] = []  # undecided, with their arrivals
        self.bounds: tuple[int, int, int] | None = None  # start, length, opened
        self.patience_from = 0
        self.expected: dict[str, tuple[int, int]] = {}  # stamp, until
        self.sensors: dict[str, Seen] = {}
        self.outcomes: Counter[Outcome] = Counter()
        self.received = 0
        self.closed = 0

    # Lengths in nanoseconds, as configured now.
    def length(self, name: str) -> int:
        return round(getattr(self.config, name) * SECOND)

    def state(self, name: str, now: int) -> str:
        return self.sensors[name].state(
            now, sporadic=name in self.config.sporadic, timeout=self.length('sensor_timeout')
        )

    def states(self) -> dict[str, str]:
        return {name: self.state(name, self.now or 0) for name in self.sensors}

    # The window
    def members(self) -> list[tuple[Vector, int]]:
        if self.bounds is None:
            return []
        start, length, _ = self.bounds
        return [one for one in self.inside if start - length <= one[0].stamp < start + length]

    def member_names(self) -> set[str]:
        return {vector.sensor for vector, _ in self.members()}

    def due(self, since: int) -> dict[str, tuple[int, int]]:
        assert self.bounds is not None and self.now is not None
        start, length, opened = self.bounds
        end_of_patience = self.patience_from + self.length('max_wait')
        result = {}
        present = self.member_names()
        for name, seen in self.sensors.items():
            if name in present or self.state(name, self.now) != 'periodic':
                continue
            period, jitter = seen.period(), seen.jitter()
            slow = seen.slowest() + max(seen.wobble() + jitter, 1_000_000)
            stamp = seen.newest() + period
            while (
                (self.horizon is not None and stamp <= self.horizon - jitter)
                or stamp < start - length - jitter
                or stamp + slow < opened
            ):
                stamp += period
            likely = stamp + max(seen.latencies()[-4:]) + jitter
            until = min(stamp + slow, end_of_patience)
            if not any(self.no_nearer(stamp, vector) for vector, _ in self.members()):
                continue
            if stamp < start + length and likely <= end_of_patience and until >= since:
                result[name] = (stamp, until)
        return result

    def no_nearer(self, stamp: int, present: Vector) -> bool:
        """Whether a vector of this stamp is nearer to a present one than to its successor."""
        seen = self.sensors[present.sensor]
        if present.sensor in self.config.sporadic or len(seen.arrivals) < 3 or seen.irregular():
            return True  # nobody knows when that one speaks next
        return stamp - present.stamp <= seen.period() // 2

    def open_next(self) -> None:
        if self.bounds is None and self.inside:
            start = min(vector.stamp for vector, _ in self.inside)
            length = self.length('window')
            opened = min(time for vector, time in self.inside if vector.stamp < start + length)
            self.bounds = (start, length, opened)
            self.patience_from = min(time for _, time in self.inside)
            self.expected = {}
        self.supersede()

    def supersede(self) -> None:
        for name in self.member_names():
            same = [one for one in self.members() if one[0].sensor == name]
            keep = max(same, key=lambda one: (one[0].stamp, self.inside.index(one)))
            for one in same:
                if one is not keep:
                    self.inside.remove(one)
                    self.outcomes[Outcome.SUPERSEDED] += 1

    def advance(self, since: int) -> list[ClosedWindow]:
        closed = []
        self.open_next()
        while self.bounds is not None:
            due = self.due(since)
            if due:
                self.expected.update(due)
                break
            closed.append(self.close())
            self.open_next()
        return closed

    def close(self, flush: bool = False) -> ClosedWindow:
        assert self.bounds is not None and self.now is not None
        start, length, opened = self.bounds
        members = self.members()
        names = self.member_names()
        missed = {name: one for name, one in self.expected.items() if name not in names}
        stamp = max(vector.stamp for vector, _ in members)
        held, missing = [], []
        for name in sorted(self.sensors):
            seen = self.sensors[name]
            if name in names or not seen.enabled:
                continue
            if seen.held is not None and stamp - seen.held.stamp <= self.hold(name):
                held.append(seen.held)
            else:
                missing.append(name)
        for name, (when, until) in missed.items():
            if until <= self.now:
                self.sensors[name].missed = (when, len(self.sensors[name].arrivals))
        window = ClosedWindow(
            index=self.closed,
            start=start,
            end=start + length,
            stamp=stamp,
            opened=opened,
            closed_at=self.now,
            closed_by='flush' if flush else 'timeout' if missed else 'complete',
            fresh=tuple(sorted((vector for vector, _ in members), key=lambda v: v.sensor)),
            held=tuple(held),
            missing=tuple(missing),
            publish=True,
        )
        for one in members:
            self.inside.remove(one)
            self.outcomes[Outcome.FRESH] += 1
            self.hold_if_newer(one[0])
        self.closed += 1
        self.horizon = stamp
        self.bounds = None
        return window

    def hold(self, name: str) -> int:
        """The longest age of a held vector; -1 where none is held."""
        if self.config.hold == 0:
            return -1
        if self.config.hold > 0:
            return self.length('hold')
        seen = self.sensors[name]
        if name in self.config.sporadic or len(seen.arrivals) < 3 or seen.irregular():
            return SECOND
        return min(seen.period() * 3 // 2 + max(seen.slowest(), 0), SECOND)

    def hold_if_newer(self, vector: Vector) -> None:
        seen = self.sensors[vector.sensor]
        if seen.held is None or vector.stamp > seen.held.stamp:
            seen.held = vector

    # What happens
    def tick(self, now: int) -> list[ClosedWindow]:
        if self.now is not None and now < self.now - SECOND:
            return self.clock_jumped(now)
        self.now = now if self.now is None else max(now, self.now)
        return []

    def poll(self, now: int) -> list[ClosedWindow]:
        closed = self.tick(now)
        assert self.now is not None
        return closed + self.advance(self.now + 1)

    def receive(self, vector: Vector, now: int) -> list[ClosedWindow]:
        closed = self.tick(now)
        assert self.now is not None
        closed += self.advance(self.now)
        self.received += 1
        if vector.sensor not in self.sensors:
            if len(self.sensors) >= self.config.max_sensors:
                self.outcomes[Outcome.REFUSED_SENSOR] += 1
                return closed
            self.sensors[vector.sensor] = Seen()
        seen = self.sensors[vector.sensor]
        seen.sent = True
        if not seen.enabled:
            self.outcomes[Outcome.DISABLED] += 1
        elif vector.space != self.space:
            self.outcomes[Outcome.REFUSED_SPACE] += 1
        elif vector.stamp <= 0 or vector.stamp > self.now + self.length('max_ahead'):
            self.outcomes[Outcome.REFUSED_STAMP] += 1
        else:
            if self.started_over(vector):
                closed += self.clock_jumped(self.now)
            self.accept(vector, seen)
            closed += self.advance(self.now)
        return closed

    def started_over(self, vector: Vector) -> bool:
        assert self.now is not None
        if self.horizon is None or vector.stamp >= self.horizon - SECOND:
            return False
        live = [
            name
            for name, seen in self.sensors.items()
            if seen.enabled
            and seen.arrivals
            and self.now - seen.arrivals[-1][1] <= self.length('sensor_timeout')
        ]
        witnesses = {*live, vector.sensor}
        if any(self.state(name, self.now) != 'sporadic' for name in witnesses):
            witnesses = {name for name in witnesses if self.state(name, self.now) != 'sporadic'}
        last = {name: self.sensors[name].arrivals[-1][0] for name in witnesses & {*live}}
        last[vector.sensor] = vector.stamp
        return all(stamp < self.horizon - SECOND for stamp in last.values())

    def accept(self, vector: Vector, seen: Seen) -> None:
        assert self.now is not None
        anew = bool(seen.arrivals) and vector.stamp < seen.newest() - SECOND
        if not anew and vector.stamp in [stamp for stamp, _ in seen.arrivals[-16:]]:
            self.outcomes[Outcome.DUPLICATE] += 1
            return
        if anew or self.state(vector.sensor, self.now) == 'lost':
            seen.forget()
        seen.gone = False
        if seen.missed is not None and seen.waited_for_again():
            seen.missed = None
        if not seen.arrivals or vector.stamp >= seen.newest():
            self.expected.pop(vector.sensor, None)
        seen.arrivals.append((vector.stamp, self.now))
        too_old = self.horizon is not None and vector.stamp <= self.horizon
        if self.bounds is not None and vector.stamp < self.bounds[0] - self.bounds[1]:
            too_old = True
        if too_old:
            self.outcomes[Outcome.LATE] += 1
            self.hold_if_newer(vector)
            return
        self.inside.append((vector, self.now))
        self.open_next()

    def flush(self, now: int) -> list[ClosedWindow]:
        closed = self.poll(now)
        self.open_next()
        while self.bounds is not None:
            closed.append(self.close(flush=True))
            self.open_next()
        return closed

    def clock_jumped(self, now: int) -> list[ClosedWindow]:
        closed = [] if self.bounds is None else [self.close(flush=True)]
        self.outcomes[Outcome.FLUSHED] += len(self.inside)
        self.inside = []
        for seen in self.sensors.values():
            seen.forget()
            seen.held = None
        self.horizon = None
        self.now = now
        return closed

    def publisher_gone(self, name: str) -> None:
        if name in self.sensors:
            self.sensors[name].gone = True
            self.expected.pop(name, None)

    def publisher_back(self, name: str) -> None:
        if name in self.sensors and self.sensors[name].gone:
            self.sensors[name].gone = False
            self.sensors[name].forget()

    def set_enabled(self, name: str, enabled: bool) -> bool:
        if enabled and not (name in self.sensors and self.sensors[name].sent):
            self.sensors.pop(name, None)
            return True
        if name not in self.sensors:
            if len(self.sensors) >= self.config.max_sensors:
                return False
            self.sensors[name] = Seen()
        seen = self.sensors[name]
        if seen.enabled != enabled:
            seen.enabled = enabled
            seen.forget()
            seen.held = None
            if not enabled:
                self.withdraw(name)
        return True

    def withdraw(self, name: str) -> None:
        was_open = bool(self.members())
        kept = [one for one in self.inside if one[0].sensor != name]
        self.outcomes[Outcome.DISABLED] += len(self.inside) - len(kept)
        self.inside = kept
        self.expected.pop(name, None)
        if was_open and not self.members():
            self.bounds = None

    def set_config(self, config: WindowConfig) -> None:
        self.config = config

    def next_deadline(self) -> int | None:
        if self.bounds is None:
            return min((time for _, time in self.inside), default=None)
        assert self.now is not None
        due = self.due(self.now)
        return max((until for _, until in due.values()), default=self.bounds[2])
