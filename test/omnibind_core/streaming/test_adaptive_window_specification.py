"""The adaptive window against a naive specification, over arbitrary sequences of events."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule
from hypothesis.stateful import RuleBasedStateMachine
from window_specification import Specification

from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.adaptive_window import ClosedWindow
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.vector import Vector

MS = 1_000_000
NAMES = ('audio', 'camera', 'lidar', 'thermal', 'touch')
# One name more than are admitted.
LIMIT = len(NAMES) - 1
PERIODS = (5, 40, 33, 50, 100, 111, 200)
LATENCIES = (0, 1, 10, 30, 120, 160)

configurations = st.builds(
    WindowConfig,
    window=st.sampled_from([0.02, 0.08, 0.2]),
    max_wait=st.sampled_from([0.0, 0.05, 0.15, 0.4]),
    hold=st.sampled_from([-1.0, -1.0, 0.0, 0.3]),
    sensor_timeout=st.sampled_from([0.2, 2.0]),
    sporadic=st.sampled_from([(), (), ('touch',), ('camera', 'lidar')]),
    max_sensors=st.just(LIMIT),
)
names = st.sampled_from(NAMES)


class WindowMachine(RuleBasedStateMachine):
    """Every event goes to both; every answer and everything that can be asked must agree."""

    @initialize(
        config=configurations,
        start=st.sampled_from([0, 40, 1_700_000_000_000]),
        periods=st.lists(st.sampled_from(PERIODS), min_size=5, max_size=5),
        latencies=st.lists(st.sampled_from(LATENCIES), min_size=5, max_size=5),
    )
    def begin(
        self, config: WindowConfig, start: int, periods: list[int], latencies: list[int]
    ) -> None:
        self.subject = AdaptiveWindow(config, 'space')
        self.specification = Specification(config, 'space')
        self.now = start  # milliseconds, so that events coincide often
        self.periods = dict(zip(NAMES, periods, strict=True))
        self.latencies = dict(zip(NAMES, latencies, strict=True))
        self.next_stamp = dict.fromkeys(NAMES, start + 1)
        self.sent = 0

    def compare(self, got: tuple[ClosedWindow, ...], expected: list[ClosedWindow]) -> None:
        assert list(got) == expected
        for window in got:
            assert window.fresh
            assert len({vector.sensor for vector in (*window.fresh, *window.held)}) == len(
                window.fresh
            ) + len(window.held)
            assert window.opened <= window.closed_at

    def send(
        self, name: str, stamp: int, *, informative: bool = True, space: str = 'space'
    ) -> None:
        self.sent += 1
        vector = Vector(
            sensor=name,
            modality=name,
            stamp=stamp * MS,
            span=0,
            received=self.now * MS,
            seq=self.sent,
            informative=informative,
            space=space,
            payload=None,
            encode_ms=0.0,
        )
        got = self.subject.receive(vector, self.now * MS)
        self.compare(got, self.specification.receive(vector, self.now * MS))

    def poll_until(self, until: int) -> None:
        """Poll at every deadline before a time."""
        while (deadline := self.subject.next_deadline()) is not None and deadline < until * MS:
            at = max(deadline, self.now * MS)
            windows = self.subject.poll(at)
            self.compare(windows, self.specification.poll(at))
            assert windows, 'a deadline closes the window'
            for window in windows:
                promised = window.opened + self.specification.length('max_wait')
                # what waited behind another window may be closed later, but then at once
                assert window.closed_at <= max(promised, at)

    @rule(
        span=st.sampled_from([20, 100, 300, 700]),
        wobble=st.lists(st.integers(-4, 4), min_size=1, max_size=5),
        tail=st.lists(st.sampled_from([0, 0, 0, 0, 1, 3, 40, 200]), min_size=1, max_size=7),
        silent=st.sets(names, max_size=3),
        informative=st.booleans(),
        polled=st.booleans(),
    )
    def run_for(
        self,
        span: int,
        wobble: list[int],
        tail: list[int],
        silent: set[str],
        informative: bool,
        polled: bool,
    ) -> None:
        """Sensors send at their rates for a while; some are silent, some arrive late."""
        self.traffic(span, wobble, tail, silent, informative, polled)

    @rule(
        name=names,
        silence=st.sampled_from([40, 120, 250]),
        after=st.sampled_from([50, 150, 350]),
        wobble=st.lists(st.integers(-1, 1), min_size=1, max_size=3),
    )
    def outage(self, name: str, silence: int, after: int, wobble: list[int]) -> None:
        """A sensor that was regular is silent for a while: it is waited for, once."""
        for span, silent in ((350, set()), (silence, {name}), (after, set())):
            self.traffic(span, wobble, [0], silent, True, True)

    def traffic(
        self,
        span: int,
        wobble: list[int],
        tail: list[int],
        silent: set[str],
        informative: bool,
        polled: bool,
    ) -> None:
        traffic = []
        until = self.now + span
        for name in NAMES:
            missed = max(self.now - 300 - self.next_stamp[name], 0) // self.periods[name]
            self.next_stamp[name] += missed * self.periods[name]
            while self.next_stamp[name] <= until:
                stamp = self.next_stamp[name]
                index = len(traffic)
                arrival = stamp + self.latencies[name] + tail[index % len(tail)]
                if name not in silent:
                    traffic.append((arrival, name, stamp + wobble[index % len(wobble)]))
                self.next_stamp[name] += self.periods[name]
        for arrival, name, stamp in sorted(traffic):
            if polled:
                self.poll_until(arrival)
            self.now = max(self.now, arrival)
            self.send(name, stamp, informative=informative)
        self.now = max(self.now, until)

    @rule(name=names, age=st.integers(-1100, 400), informative=st.booleans())
    def stray(self, name: str, age: int, informative: bool) -> None:
        """A vector with any stamp: out of order, in the future, twice the same."""
        self.send(name, self.now - age, informative=informative)

    @rule(name=names, stamps=st.lists(st.integers(0, 150), min_size=2, max_size=8))
    def burst(self, name: str, stamps: list[int]) -> None:
        """Several vectors of a sensor at one time, in any order, and the same ones again."""
        for stamp in stamps:
            self.send(name, self.now - stamp)

    @rule(name=names, age=st.sampled_from([1000, 1001, 5000, 60_000]))
    def regress(self, name: str, age: int) -> None:
        """A sensor alone starts over."""
        self.send(name, self.now - age)

    @rule(back=st.integers(1001, 4000), again=st.permutations(NAMES), count=st.integers(1, 5))
    def loop(self, back: int, again: list[str], count: int) -> None:
        """All sensors start over while the clock goes on."""
        for name in again[:count]:
            self.now += 7
            self.send(name, self.now - back)

    @rule(name=names, kind=st.sampled_from(['space', 'zero', 'negative', 'ahead', 'just']))
    def refused(self, name: str, kind: str) -> None:
        if kind == 'space':
            self.send(name, self.now, space='another')
        else:
            stamps = {'zero': 0, 'negative': -3, 'ahead': self.now + 1001, 'just': self.now + 1000}
            self.send(name, stamps[kind])

    @rule(step=st.sampled_from([0, 1, 20, 150, 500, 3000, 20_000]), polled=st.booleans())
    def wait(self, step: int, polled: bool) -> None:
        if polled:
            self.poll_until(self.now + step)
        self.now += step
        got = self.subject.poll(self.now * MS)
        self.compare(got, self.specification.poll(self.now * MS))

    @rule(step=st.integers(0, 5000))
    def step_back(self, step: int) -> None:
        """The clock goes back; a step of more than a second is a jump."""
        at = max(self.now - step, 0)
        got = self.subject.poll(at * MS)
        self.compare(got, self.specification.poll(at * MS))
        if self.now - at > 1000:
            self.begin_traffic(at)

    @rule(to=st.one_of(st.just(0), st.integers(-4000, 4000)))
    def jump(self, to: int) -> None:
        at = max(self.now + to, 0) if to else 0
        got = self.subject.clock_jumped(at * MS)
        self.compare(got, self.specification.clock_jumped(at * MS))
        self.begin_traffic(at)

    def begin_traffic(self, at: int) -> None:
        self.now = at
        self.next_stamp = dict.fromkeys(NAMES, at + 1)

    @rule()
    def flush(self) -> None:
        got = self.subject.flush(self.now * MS)
        self.compare(got, self.specification.flush(self.now * MS))
        assert self.subject.undecided == 0

    @rule(name=names, enabled=st.booleans())
    def enable(self, name: str, enabled: bool) -> None:
        got = self.subject.set_enabled(name, enabled)
        assert got == self.specification.set_enabled(name, enabled)

    @rule(name=names)
    def gone(self, name: str) -> None:
        self.subject.publisher_gone(name)
        self.specification.publisher_gone(name)

    @rule(name=names)
    def back(self, name: str) -> None:
        self.subject.publisher_back(name)
        self.specification.publisher_back(name)

    @rule(config=configurations)
    def configure(self, config: WindowConfig) -> None:
        self.subject.set_config(config)
        self.specification.set_config(config)

    @precondition(lambda self: hasattr(self, 'subject'))
    @invariant()
    def agrees(self) -> None:
        assert self.subject.next_deadline() == self.specification.next_deadline()
        states = {name: one.state.value for name, one in self.subject.sensors().items()}
        assert states == self.specification.states()
        assert len(states) <= LIMIT

    @precondition(lambda self: hasattr(self, 'subject'))
    @invariant()
    def accounts(self) -> None:
        outcomes = self.subject.outcomes
        assert set(outcomes) == set(Outcome)
        assert {name: count for name, count in outcomes.items() if count} == {
            name: count for name, count in self.specification.outcomes.items() if count
        }
        assert self.subject.received == self.sent
        assert sum(outcomes.values()) + self.subject.undecided == self.sent
        of_sensors = sum(sum(one.counts.values()) for one in self.subject.sensors().values())
        assert of_sensors + outcomes[Outcome.REFUSED_SENSOR] == sum(outcomes.values())

    @precondition(lambda self: hasattr(self, 'subject'))
    @invariant()
    def promises(self) -> None:
        """No vector waits longer than max_wait, whatever is expected."""
        deadline = self.subject.next_deadline()
        arrivals = [arrived for _, arrived in self.specification.inside]
        assert (deadline is None) == (not arrivals)
        if deadline is not None:
            assert deadline <= min(arrivals) + self.specification.length('max_wait')


TestWindow = WindowMachine.TestCase
# Under the thorough profile a longer run, but none of hours: an example costs a fifth of a second.
EXAMPLES = min(settings().max_examples, 500)
TestWindow.settings = settings(max_examples=EXAMPLES, stateful_step_count=20)
