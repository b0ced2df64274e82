"""Cases that are defined, one by one; and any sequence against a plain list."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant
from hypothesis.stateful import rule
from hypothesis.stateful import RuleBasedStateMachine
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import InputError
from omnibind_core.streaming.audio_ring import AudioOutcome
from omnibind_core.streaming.audio_ring import AudioRing

MS = 1_000_000
SECOND = 1_000 * MS
RATE = 1000  # one sample a millisecond
T0 = 1_700_000_000 * SECOND


def ring(**options: int) -> AudioRing:
    wanted = {
        'sample_rate': RATE,
        'channels': 1,
        'capacity_ns': 100 * MS,
        'tolerance_ns': 5 * MS,
        'longest_fill_ns': 20 * MS,
    }
    return AudioRing(**(wanted | options))


def ramp(start: int, count: int) -> NDArray[np.float32]:
    return (np.arange(start, start + count, dtype=np.float32) / 1024)[:, None]


def pushed(target: AudioRing, at_ms: float, start: int, count: int = 10) -> AudioOutcome:
    return target.push(T0 + round(at_ms * MS), ramp(start, count))


def numbers(target: AudioRing, length_ms: int, end_ns: int | None = None) -> list[int] | None:
    span = target.span(end_ns, length_ms * MS)
    return None if span is None else (span.clip.samples[:, 0] * 1024).astype(int).tolist()


def test_messages_become_a_span_with_the_time_of_its_end() -> None:
    one = ring()
    assert one.span(None, 10 * MS) is None
    for index in range(3):
        assert pushed(one, 10 * index, 10 * index) is AudioOutcome.APPENDED
    assert numbers(one, 30) == list(range(30))
    assert numbers(one, 31) is None
    span = one.span(None, 12 * MS)
    assert span is not None
    assert span.end_ns == T0 + 30 * MS
    assert span.filled == 0
    assert span.clip.sample_rate == RATE
    assert span.clip.samples.dtype == np.float32
    assert span.clip.samples.shape == (12, 1)


def test_a_span_may_have_to_end_earlier() -> None:
    one = ring()
    for index in range(3):
        pushed(one, 10 * index, 10 * index)
    assert numbers(one, 5, T0 + 17 * MS) == [12, 13, 14, 15, 16]
    assert numbers(one, 5, T0 + 17 * MS + 999_999) == [12, 13, 14, 15, 16]
    assert numbers(one, 5, T0 + 999 * MS) == [25, 26, 27, 28, 29]
    assert numbers(one, 5, T0 + 5 * MS) == [0, 1, 2, 3, 4]
    assert numbers(one, 5, T0 + 4 * MS) is None
    assert numbers(one, 5, T0 - 1) is None
    assert numbers(one, 5, 0) is None
    span = one.span(T0 + 17 * MS + 5, 5 * MS)
    assert span is not None
    assert span.end_ns == T0 + 17 * MS


def test_a_span_is_a_copy() -> None:
    one = ring()
    pushed(one, 0, 1)
    span = one.span(None, 10 * MS)
    assert span is not None
    span.clip.samples[:] = 0
    assert numbers(one, 10) == list(range(1, 11))


def test_what_is_old_is_dropped() -> None:
    one = ring()
    for index in range(40):
        pushed(one, 7 * index, 7 * index, 7)
    assert numbers(one, 100) == list(range(180, 280))
    assert numbers(one, 50, T0 + 230 * MS) == list(range(180, 230))
    assert numbers(one, 51, T0 + 230 * MS) is None


def test_a_message_longer_than_the_ring_leaves_its_end() -> None:
    one = ring()
    pushed(one, 0, 0, 250)
    assert numbers(one, 100) == list(range(150, 250))
    assert one.span(None, 100 * MS).end_ns == T0 + 250 * MS  # type: ignore[union-attr]


@pytest.mark.parametrize('jitter', [-5, -1, 0.3, 5])
def test_jitter_within_the_tolerance_moves_no_sample(jitter: float) -> None:
    one = ring()
    pushed(one, 0, 0)
    assert pushed(one, 10 + jitter, 10) is AudioOutcome.APPENDED
    assert numbers(one, 20) == list(range(20))


@pytest.mark.parametrize('missing', [6, 13, 20])
def test_lost_messages_become_silence(missing: int) -> None:
    one = ring()
    pushed(one, 0, 1)
    assert pushed(one, 10 + missing, 100) is AudioOutcome.FILLED
    assert numbers(one, 20 + missing) == [*range(1, 11), *([0] * missing), *range(100, 110)]
    span = one.span(None, (10 + missing // 2) * MS)
    assert span is not None
    assert span.filled == missing // 2
    assert span.end_ns == T0 + (20 + missing) * MS


def test_no_more_silence_is_put_in_than_the_ring_holds() -> None:
    one = ring(longest_fill_ns=10**18)
    pushed(one, 0, 0)
    assert pushed(one, 110, 110) is AudioOutcome.FILLED
    assert numbers(one, 100) == [0] * 90 + list(range(110, 120))
    assert pushed(one, 221, 221) is AudioOutcome.RESTARTED
    assert pushed(one, 10**9, 0) is AudioOutcome.RESTARTED


@pytest.mark.parametrize('step', [21, 999, 10**9, -6, -9])
def test_anything_else_starts_over(step: int) -> None:
    """Too long a gap, or samples that would have been heard before."""
    one = ring()
    pushed(one, 0, 0)
    assert pushed(one, 10 + step, 500) is AudioOutcome.RESTARTED
    assert numbers(one, 10) == list(range(500, 510))
    assert numbers(one, 11) is None
    assert one.span(None, 10 * MS).end_ns == T0 + (20 + step) * MS  # type: ignore[union-attr]


def test_duplicates_and_late_messages_are_refused() -> None:
    one = ring()
    pushed(one, 0, 0)
    pushed(one, 10, 10)
    assert pushed(one, 10, 10) is AudioOutcome.DUPLICATE
    assert pushed(one, 0, 0) is AudioOutcome.LATE
    assert pushed(one, -990, 0) is AudioOutcome.LATE
    assert numbers(one, 20) == list(range(20))
    assert pushed(one, 20, 20) is AudioOutcome.APPENDED
    assert one.outcomes == {
        AudioOutcome.APPENDED: 3,
        AudioOutcome.DUPLICATE: 1,
        AudioOutcome.LATE: 1 + 1,
        AudioOutcome.FILLED: 0,
        AudioOutcome.RESTARTED: 0,
        AudioOutcome.EMPTY: 0,
    }


def test_a_clock_that_steps_back_starts_over() -> None:
    one = ring()
    pushed(one, 0, 0)
    assert pushed(one, -1000, 0) is AudioOutcome.LATE
    assert pushed(one, -1000.001, 50) is AudioOutcome.RESTARTED
    assert numbers(one, 10) == list(range(50, 60))


def test_messages_without_samples_are_counted_only() -> None:
    one = ring()
    assert pushed(one, 500, 0, 0) is AudioOutcome.EMPTY
    pushed(one, 0, 0)
    assert pushed(one, 77, 0, 0) is AudioOutcome.EMPTY
    assert pushed(one, 10, 10) is AudioOutcome.APPENDED


def test_every_other_message_lost_is_noticed_though_each_gap_is_tolerated() -> None:
    one = ring(tolerance_ns=15 * MS, longest_fill_ns=50 * MS)
    for index in range(0, 40, 2):
        pushed(one, 10 * index, 10 * index)
    assert one.outcomes[AudioOutcome.FILLED] >= 9
    span = one.span(None, 100 * MS)
    assert span is not None
    assert 30 <= span.filled <= 70
    assert abs(span.end_ns - (T0 + 390 * MS)) <= 15 * MS


def test_an_hour_with_drifting_clocks_and_jitter_has_no_gap() -> None:
    """100 ppm is 360 ms an hour, seven times the tolerance."""
    one = ring(capacity_ns=SECOND, tolerance_ns=50 * MS, longest_fill_ns=200 * MS)
    rng = np.random.default_rng(0)
    chunk = ramp(0, 100)
    for index in range(36_000):
        exact = T0 + round(index * 100 * MS * 1.0001)
        one.push(exact + int(rng.integers(0, 20 * MS)), chunk)
    assert one.outcomes[AudioOutcome.APPENDED] == 36_000
    span = one.span(None, SECOND)
    assert span is not None
    assert abs(span.end_ns - (T0 + round(3600 * SECOND * 1.0001) + 10 * MS)) < 10 * MS


def test_channels_stay_apart() -> None:
    one = ring(channels=3)
    samples = np.arange(60, dtype=np.float32).reshape(20, 3)
    one.push(T0, samples[:8])
    one.push(T0 + 8 * MS, samples[8:])
    np.testing.assert_array_equal(one.span(None, 20 * MS).clip.samples, samples)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    'samples',
    [np.zeros((4, 2), np.float32), np.zeros(4, np.float32), np.zeros((4, 1)), np.zeros((1, 4, 1))],
)
def test_other_arrays_are_refused(samples: NDArray[np.float32]) -> None:
    with pytest.raises(InputError, match=r'float32 of shape \[s, 1\]'):
        ring().push(T0, samples)


@pytest.mark.parametrize(
    'options',
    [
        {'sample_rate': 0},
        {'channels': 0},
        {'capacity_ns': 0},
        {'capacity_ns': -SECOND},
        {'sample_rate': 2**32 - 1, 'channels': 255},
        {'capacity_ns': 10**18},
    ],
)
def test_a_ring_of_no_or_boundless_size_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(InputError):
        ring(**options)


@pytest.mark.parametrize('length', [0, 101 * MS, -5])
def test_a_span_that_never_fits_is_refused(length: int) -> None:
    with pytest.raises(InputError, match='1 to 100, the capacity'):
        ring().span(None, length)


class AgainstAList(RuleBasedStateMachine):
    """The ring beside a list of all samples since the last start, each with what it is."""

    rate, capacity_ns, tolerance, fill = 44_100, 20 * MS, 700_000, 3 * MS

    def __init__(self) -> None:
        super().__init__()
        self.ring = AudioRing(
            sample_rate=self.rate,
            channels=2,
            capacity_ns=self.capacity_ns,
            tolerance_ns=self.tolerance,
            longest_fill_ns=self.fill,
        )
        self.capacity = self.rate * self.capacity_ns // SECOND
        self.samples: list[tuple[float, bool]] = []  # value, whether it stands for a lost one
        self.offset: int | None = None
        self.followed = 0
        self.stamp = T0
        self.counter = 0
        self.counts = dict.fromkeys(AudioOutcome, 0)

    def own(self, number: int) -> int:
        return number * SECOND // self.rate

    def expected(self) -> int:
        return T0 if self.offset is None else self.offset + self.own(len(self.samples))

    def outcome(self, stamp: int, count: int) -> AudioOutcome:
        if count == 0:
            return AudioOutcome.EMPTY
        if self.offset is None:
            return AudioOutcome.APPENDED
        if stamp == self.stamp:
            return AudioOutcome.DUPLICATE
        if stamp < self.stamp:
            back = self.stamp - stamp
            return AudioOutcome.RESTARTED if back > SECOND else AudioOutcome.LATE
        gap = stamp - self.expected()
        if -self.tolerance <= gap <= self.tolerance:
            return AudioOutcome.APPENDED
        return AudioOutcome.FILLED if 0 < gap <= self.fill else AudioOutcome.RESTARTED

    def push(self, stamp: int, count: int) -> None:
        values = [float(self.counter + index) for index in range(count)]
        self.counter += count
        outcome = self.outcome(stamp, count)
        chunk = np.array([[value, -value] for value in values], np.float32).reshape(-1, 2)
        assert self.ring.push(stamp, chunk) is outcome
        self.counts[outcome] += 1
        if outcome in (AudioOutcome.EMPTY, AudioOutcome.DUPLICATE, AudioOutcome.LATE):
            return
        if self.offset is None or outcome is AudioOutcome.RESTARTED:
            self.samples, self.offset, self.followed = [], stamp, 0
        if outcome is AudioOutcome.FILLED:
            missing = (stamp - self.expected()) * self.rate // SECOND
            self.samples += [(0.0, True)] * missing
        own = self.own(len(self.samples))
        most = (own - self.followed) // 1000
        error = stamp - self.offset - own
        self.offset += most if error > most else -most if error < -most else error
        self.followed = own
        self.samples += [(value, False) for value in values]
        self.stamp = stamp

    @rule(count=st.integers(0, 300), jitter=st.integers(-800_000, 800_000))
    def next_message(self, count: int, jitter: int) -> None:
        self.push(self.expected() + jitter, count)

    @rule(count=st.integers(1, 2000), gap=st.integers(0, 4 * MS))
    def after_a_loss(self, count: int, gap: int) -> None:
        self.push(self.expected() + gap, count)

    @rule(back=st.sampled_from([0, 1, MS, SECOND, SECOND + 1, 5 * SECOND]))
    def back(self, back: int) -> None:
        self.push(self.stamp - back, 50)

    @rule(edge=st.sampled_from([-1, 0, 1]), length=st.sampled_from(['tolerance', 'fill']))
    def at_an_edge(self, edge: int, length: str) -> None:
        self.push(self.expected() + getattr(self, length) + edge, 20)

    @rule(
        length=st.integers(1, 20 * MS),
        end=st.one_of(st.none(), st.integers(-25 * MS, 2 * MS)),
    )
    def span(self, length: int, end: int | None) -> None:
        self.check_span(length, None if end is None else self.expected() + end)

    @rule(length=st.integers(1, 20 * MS), back=st.integers(0, 900), off=st.sampled_from([-1, 0, 1]))
    def span_to_a_sample(self, length: int, back: int, off: int) -> None:
        number = max(0, len(self.samples) - back)
        self.check_span(length, (self.offset or T0) + self.own(number) + off)

    def check_span(self, length: int, end_ns: int | None) -> None:
        count = (length * self.rate + SECOND // 2) // SECOND
        if not 1 <= count <= self.capacity:
            return
        found = self.ring.span(end_ns, length)
        stop = len(self.samples)
        while end_ns is not None and stop >= 0 and (self.offset or 0) + self.own(stop) > end_ns:
            stop -= 1
        begin = stop - count
        if self.offset is None or begin < 0 or begin < len(self.samples) - self.capacity:
            assert found is None
            return
        assert found is not None
        wanted = self.samples[begin:stop]
        assert found.clip.samples.tolist() == [[value, -value] for value, _ in wanted]
        assert found.filled == sum(silent for _, silent in wanted)
        assert found.end_ns == self.offset + self.own(stop)

    @invariant()
    def counts_agree(self) -> None:
        assert dict(self.ring.outcomes) == self.counts


TestAgainstAList = AgainstAList.TestCase
# 10,000 sequences of 30 steps would take minutes
TestAgainstAList.settings = settings(
    deadline=None, stateful_step_count=30, max_examples=min(settings.default.max_examples, 1000)
)
