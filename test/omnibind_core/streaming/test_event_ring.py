"""Cases that are defined, one by one; and any sequence against a plain list."""

from __future__ import annotations

import tracemalloc

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant
from hypothesis.stateful import rule
from hypothesis.stateful import RuleBasedStateMachine
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import InputError
from omnibind_core.modalities.event_slice import check_event_slice
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import MOST_EVENTS
from omnibind_core.streaming.event_chunk import EventChunk
from omnibind_core.streaming.event_ring import EventOutcome
from omnibind_core.streaming.event_ring import EventRing
from omnibind_core.streaming.event_ring import MOST_CHUNKS

MS = 1_000_000
SECOND = 1_000 * MS
T0 = 1_700_000_000 * SECOND
SENSOR = 5_000_000  # sensor time at T0, us


def ring(**options: int) -> EventRing:
    wanted = {
        'width': 640,
        'height': 480,
        'capacity_ns': 100 * MS,
        'tolerance_ns': 20 * MS,
        'longest_gap_ns': 50 * MS,
    }
    return EventRing(**(wanted | options))


def events_at(times: list[int]) -> NDArray[np.void]:
    """Events whose column tells which one they are."""
    events = np.zeros(len(times), EVENT_DTYPE)
    events['t'] = times
    events['x'] = [time % 640 for time in times]
    return events


def chunk(begin: int, end: int, times: list[int] | None = None) -> EventChunk:
    """A message from ``begin`` to ``end`` (us after SENSOR), an event every ms by default."""
    wanted = range(begin, end, 1000) if times is None else times
    return EventChunk(events_at([SENSOR + time for time in wanted]), SENSOR + begin, SENSOR + end)


def pushed(target: EventRing, begin: int, end: int, late_us: int = 0) -> EventOutcome:
    return target.push(T0 + (begin + late_us) * 1000, chunk(begin, end))


def times(target: EventRing, length_ms: int, end_us: int | None = None) -> list[int] | None:
    end_ns = None if end_us is None else T0 + end_us * 1000
    span = target.span(end_ns, length_ms * MS)
    if span is None:
        return None
    check_event_slice(span.events)
    assert (span.events.width, span.events.height) == (640, 480)
    return [int(time) - SENSOR for time in span.events.events['t']]


def test_messages_become_a_span_with_the_time_of_its_end() -> None:
    one = ring()
    assert one.span(None, 5 * MS) is None
    assert one.covered_ns == 0
    assert pushed(one, 0, 5000) is EventOutcome.APPENDED
    assert pushed(one, 5000, 10_000) is EventOutcome.APPENDED
    assert times(one, 4) == [7000, 8000, 9000]
    assert times(one, 10) == [1000 * index for index in range(1, 10)]  # (0, 10] ms
    assert times(one, 11) is None
    span = one.span(None, 4 * MS)
    assert span is not None
    assert span.end_ns == T0 + 10 * MS
    assert span.events.end_us == SENSOR + 10_000
    assert span.events.begin_us == SENSOR + 6000
    assert span.complete


def test_what_is_covered_can_be_had() -> None:
    """As long as there was no gap, and never more than the capacity."""
    one = ring(capacity_ns=20 * MS)
    for begin in range(0, 40_000, 5000):
        pushed(one, begin, begin + 5000)
        covered = min(begin + 5000, 20_000)
        assert one.covered_ns == covered * 1000
        assert times(one, covered // 1000) is not None
        if covered < 20_000:
            assert times(one, covered // 1000 + 1) is None
    assert pushed(one, 2_000_000, 2_003_000) is EventOutcome.RESTARTED
    assert one.covered_ns == 3 * MS


def test_a_span_may_have_to_end_earlier() -> None:
    one = ring()
    for begin in range(0, 30_000, 5000):
        pushed(one, begin, begin + 5000)
    assert times(one, 4, 17_000) == [14_000, 15_000, 16_000, 17_000]
    assert times(one, 4, 16_999) == [13_000, 14_000, 15_000, 16_000]
    assert times(one, 4, 99_999) == [27_000, 28_000, 29_000]
    assert times(one, 4, 3999) is None
    assert times(one, 4, -10_000_000) is None
    span = one.span(T0 + 17_000_500, 4 * MS)
    assert span is not None
    assert span.end_ns == T0 + 17 * MS  # whole microseconds


def test_silence_is_covered_too() -> None:
    one = ring()
    pushed(one, 0, 5000)
    assert one.push(T0 + 5 * MS, chunk(5000, 45_000, [])) is EventOutcome.APPENDED
    assert times(one, 20) == []
    assert times(one, 45) == [1000, 2000, 3000, 4000]
    span = one.span(None, 20 * MS)
    assert span is not None
    assert span.end_ns == T0 + 45 * MS
    assert span.events.events.dtype == EVENT_DTYPE


def test_a_message_without_time_is_counted_only() -> None:
    one = ring()
    assert one.push(T0, EventChunk(events_at([]), None, None)) is EventOutcome.UNTIMED
    assert one.span(None, MS) is None
    assert pushed(one, 0, 5000) is EventOutcome.APPENDED


def test_what_is_old_is_dropped() -> None:
    one = ring()
    for begin in range(0, 500_000, 5000):
        pushed(one, begin, begin + 5000)
    assert times(one, 100) == list(range(401_000, 500_000, 1000))
    assert one.number <= 105
    assert times(one, 100, 499_000) is None
    assert times(one, 99, 499_000) == list(range(401_000, 500_000, 1000))


def test_jitter_of_the_stamps_moves_no_event() -> None:
    one = ring()
    for index, late in enumerate((0, 15_000, 3000, 19_000, 12_000, 12_000)):
        assert pushed(one, 5000 * index, 5000 * index + 5000, late) is EventOutcome.APPENDED
    assert times(one, 30) == list(range(1000, 30_000, 1000))
    span = one.span(None, MS)
    assert span is not None
    assert 0 <= span.end_ns - (T0 + 30 * MS) <= 30_000  # a thousandth of 30 ms


def test_sensor_time_that_steps_back_a_little_is_noise() -> None:
    one = ring()
    pushed(one, 0, 50_000)
    assert one.push(T0 + 30 * MS, chunk(20_000, 30_000, [20_500, 29_000])) is EventOutcome.APPENDED
    assert times(one, 32) == [
        19_000, 20_000, 20_500, *range(21_000, 30_000, 1000), 29_000, *range(30_000, 50_000, 1000)
    ]  # fmt: skip
    assert one.span(None, MS).events.end_us == SENSOR + 50_000  # type: ignore[union-attr]


def test_events_of_one_moment_stay_in_the_order_of_arrival() -> None:
    one = ring()
    first, second = chunk(0, 3000, [2000] * 50 + [3000] * 50), chunk(1000, 3000, [2000] * 50)
    first.events['x'] = np.arange(100)
    second.events['x'] = np.arange(100, 150)
    one.push(T0, first)
    one.push(T0 + MS, second)
    span = one.span(None, 3 * MS)
    assert span is not None
    assert span.events.events['x'].tolist() == [*range(50), *range(100, 150), *range(50, 100)]


def test_what_no_span_can_hold_is_not_held() -> None:
    one = ring()
    one.push(T0, chunk(0, 50_000, [0]))
    one.push(T0 + 50 * MS, chunk(50_000, 100_000, [50_001]))
    assert one.number == 1


def test_stamps_that_step_back_by_jitter_do_not_let_old_messages_in() -> None:
    one = ring()
    assert pushed(one, 0, 5000, 15_000) is EventOutcome.APPENDED
    assert pushed(one, 5000, 10_000, -4000) is EventOutcome.APPENDED
    assert one.push(T0 + 5 * MS, chunk(4000, 4500)) is EventOutcome.LATE


@pytest.mark.parametrize(
    ('stamp_us', 'begin'),
    [
        (10_000, -31_001),  # sensor time stepped back
        (60_001, 60_001),  # a gap
        (30_001, 10_000),  # the stamp is off
        (1000, 22_000),  # the sensor's time is
        (10**9, 10**9),
    ],
)
def test_what_does_not_go_on_starts_over(stamp_us: int, begin: int) -> None:
    one = ring()
    pushed(one, 0, 10_000)
    fresh = chunk(begin, begin + 3000)
    assert one.push(T0 + stamp_us * 1000, fresh) is EventOutcome.RESTARTED
    assert times(one, 3) == [begin + 1000, begin + 2000]
    assert times(one, 4) is None
    assert one.number == 3
    assert one.span(None, MS).end_ns == T0 + stamp_us * 1000 + 3 * MS  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ('stamp_us', 'begin'), [(10_000, -31_000), (60_000, 60_000), (30_000, 10_000), (1000, 21_000)]
)
def test_what_just_goes_on_is_appended(stamp_us: int, begin: int) -> None:
    one = ring(tolerance_ns=20 * MS if begin > 0 else 50 * MS)
    pushed(one, 0, 10_000)
    fresh = chunk(begin, max(begin + 3000, 0))
    assert one.push(T0 + stamp_us * 1000, fresh) is EventOutcome.APPENDED


def test_duplicates_and_late_messages_are_refused() -> None:
    one = ring()
    pushed(one, 0, 5000)
    pushed(one, 5000, 10_000)
    assert pushed(one, 5000, 10_000) is EventOutcome.DUPLICATE
    assert pushed(one, 0, 5000) is EventOutcome.LATE
    assert times(one, 10) == [1000 * index for index in range(1, 10)]
    assert one.outcomes == {
        EventOutcome.APPENDED: 2,
        EventOutcome.DUPLICATE: 1,
        EventOutcome.LATE: 1,
        EventOutcome.RESTARTED: 0,
        EventOutcome.UNTIMED: 0,
    }


def test_a_coarse_clock_may_repeat_stamps() -> None:
    one = ring()
    pushed(one, 0, 5000)
    assert one.push(T0, chunk(5000, 10_000)) is EventOutcome.APPENDED
    assert times(one, 10) == [1000 * index for index in range(1, 10)]


def test_a_clock_that_steps_back_starts_over() -> None:
    one = ring()
    pushed(one, 0, 5000)
    assert one.push(T0 - SECOND, chunk(0, 4000)) is EventOutcome.LATE
    assert one.push(T0 - SECOND - 1, chunk(5000, 9000)) is EventOutcome.RESTARTED
    assert times(one, 4) == [6000, 7000, 8000]


def test_too_many_events_leave_a_span_that_says_so() -> None:
    one = ring(most_events=20)
    pushed(one, 0, 5000)
    crowd = [5000 + 200 * index for index in range(25)]
    one.push(T0 + 5 * MS, chunk(5000, 10_000, crowd))
    assert one.number == 20
    assert times(one, 10) == crowd[5:]
    assert not one.span(None, 10 * MS).complete  # type: ignore[union-attr]
    assert one.span(None, 4 * MS).complete  # type: ignore[union-attr]
    pushed(one, 10_000, 15_000)
    assert one.number == 5
    assert not one.span(None, 6 * MS).complete  # type: ignore[union-attr]
    assert one.span(None, 5 * MS).complete  # type: ignore[union-attr]


def test_memory_stays_bounded_whatever_comes() -> None:
    """Endless messages of one event in no time, then of many events."""
    one = ring(most_events=100_000)
    single = chunk(0, 0, [0])
    crowd = chunk(0, 0, [0] * 50_000)
    tracemalloc.start()
    for index in range(20_000):
        one.push(T0 + index, single)
        assert one.number <= MOST_CHUNKS
    for index in range(20):
        one.push(T0 + 20_000 + index, crowd)
        assert one.number <= 100_000
    # 100,000 events of 13 bytes, 4096 small arrays, and what numpy took for a moment
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


def test_the_ring_keeps_copies() -> None:
    one = ring()
    given = chunk(0, 5000)
    one.push(T0, given)
    given.events['t'] = 0
    span = one.span(None, 5 * MS)
    assert span is not None
    span.events.events['t'] = 0
    assert times(one, 5) == [1000, 2000, 3000, 4000]


@pytest.mark.parametrize(
    'events', [np.zeros(3, np.uint8), np.zeros((2, 2), EVENT_DTYPE), np.zeros(3, [('t', 'i8')])]
)
def test_other_arrays_are_refused(events: NDArray[np.void]) -> None:
    with pytest.raises(InputError, match=r'of shape \[n\]'):
        ring().push(T0, EventChunk(events, 0, 0))


@pytest.mark.parametrize(
    'options',
    [
        {'capacity_ns': 0},
        {'capacity_ns': 999},
        {'most_events': 0},
        {'most_events': MOST_EVENTS + 1},
    ],
)
def test_a_ring_of_no_or_boundless_size_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(InputError):
        ring(**options)


@pytest.mark.parametrize('length', [0, 999, 100 * MS + 1000, -5000])
def test_a_span_that_never_fits_is_refused(length: int) -> None:
    with pytest.raises(InputError, match='1 to 100000, the capacity'):
        ring().span(None, length)


class AgainstAList(RuleBasedStateMachine):
    """The ring beside a list of all events since the last start, in the order of arrival."""

    capacity_us, tolerance, gap_us, most = 20_000, 5 * MS, 8000, 60

    def __init__(self) -> None:
        super().__init__()
        self.ring = EventRing(
            width=640,
            height=480,
            capacity_ns=self.capacity_us * 1000,
            most_events=self.most,
            tolerance_ns=self.tolerance,
            longest_gap_ns=self.gap_us * 1000,
        )
        self.messages: list[list[tuple[int, int]]] = []  # time, number of each event
        self.started = False
        self.offset = self.followed = 0
        self.stamp = T0
        self.first = self.last_begin = self.end = SENSOR
        self.missing_until = -1
        self.counter = 0
        self.counts = dict.fromkeys(EventOutcome, 0)

    def outcome(self, stamp: int, begin: int) -> EventOutcome:
        if not self.started:
            return EventOutcome.APPENDED
        if stamp < self.stamp - SECOND:
            return EventOutcome.RESTARTED
        if stamp <= self.stamp and begin <= self.last_begin:
            return EventOutcome.LATE if stamp < self.stamp else EventOutcome.DUPLICATE
        stepped_back = begin < self.end - 41_000
        gap = begin > self.end + self.gap_us
        off = abs(stamp - begin * 1000 - self.offset) > self.tolerance
        return EventOutcome.RESTARTED if stepped_back or gap or off else EventOutcome.APPENDED

    def push(self, stamp: int, begin: int, length: int, shares: list[float]) -> None:
        begin = max(begin, 0)
        moments = sorted(begin + int(share * length) for share in shares)
        events = np.zeros(len(moments), EVENT_DTYPE)
        events['t'] = moments
        events['x'] = [(self.counter + index) % 60_000 for index in range(len(moments))]
        message = list(zip(moments, events['x'].tolist(), strict=True))
        self.counter += len(moments)
        outcome = self.outcome(stamp, begin)
        assert self.ring.push(stamp, EventChunk(events, begin, begin + length)) is outcome
        self.counts[outcome] += 1
        if outcome in (EventOutcome.DUPLICATE, EventOutcome.LATE):
            return
        if not self.started or outcome is EventOutcome.RESTARTED:
            self.started, self.messages, self.missing_until = True, [], -1
            self.offset, self.followed = stamp - begin * 1000, begin * 1000
            self.first = begin
            self.end = begin + length
            self.stamp = stamp
        most = max(0, begin * 1000 - self.followed) // 1000
        error = stamp - begin * 1000 - self.offset
        self.offset += most if error > most else -most if error < -most else error
        self.followed = max(self.followed, begin * 1000)
        self.stamp, self.last_begin = max(self.stamp, stamp), begin
        self.end = max(self.end, begin + length)
        self.messages.append(message)
        self.drop()

    def drop(self) -> None:
        """Whole messages from the oldest on, those that are too old first."""
        last = self.messages[-1]
        if len(last) > self.most:
            self.missing_until = max([self.missing_until, *(t for t, _ in last[: -self.most])])
            self.messages[-1] = last[-self.most :]
        self.messages = [message for message in self.messages if message]
        oldest = self.end - self.capacity_us
        while self.messages and all(t <= oldest for t, _ in self.messages[0]):
            self.messages.pop(0)
        while sum(len(message) for message in self.messages) > self.most:
            gone = self.messages.pop(0)
            self.missing_until = max([self.missing_until, *(t for t, _ in gone)])

    SHARES = st.lists(st.floats(0, 1), max_size=30)

    @rule(
        length=st.integers(0, 6000),
        skipped=st.integers(0, 3000),
        jitter=st.integers(-4 * MS, 4 * MS),
        shares=SHARES,
    )
    def next_message(self, length: int, skipped: int, jitter: int, shares: list[float]) -> None:
        begin = self.end + skipped
        offset = self.offset if self.started else T0 - SENSOR * 1000
        self.push(begin * 1000 + offset + jitter, begin, length, shares)

    @rule(shares=SHARES, back=st.integers(0, 45_000))
    def noise(self, shares: list[float], back: int) -> None:
        begin = self.end - back
        self.push(max(self.stamp + 1, begin * 1000 + self.offset), begin, 500, shares)

    @rule(
        stamp=st.sampled_from([0, -1, -SECOND, -SECOND - 1, 5 * MS, SECOND]),
        begin=st.sampled_from([0, 1, 8000, 8001, -41_000, -41_001, 10**6]),
    )
    def anything(self, stamp: int, begin: int) -> None:
        self.push(self.stamp + stamp, self.end + begin, 100, [0.0, 0.5, 1.0])

    @rule(
        begin=st.sampled_from([0, 1]),
        edge=st.sampled_from([-1, 0, 1]),
        sign=st.sampled_from([-1, 1]),
    )
    def at_the_tolerance(self, begin: int, edge: int, sign: int) -> None:
        at = self.end + 7000 + begin
        self.push(at * 1000 + self.offset + sign * (self.tolerance + edge), at, 100, [0.5])

    @rule()
    def crowd(self) -> None:
        begin = self.end + 1
        stamp = max(begin * 1000 + self.offset, self.stamp)
        self.push(stamp, begin, 2000, [index / 80 for index in range(80)])

    @rule(length_us=st.integers(1, 20_000), end=st.one_of(st.none(), st.integers(-25_000, 2000)))
    def span(self, length_us: int, end: int | None) -> None:
        end_ns = None if end is None else (self.end + end) * 1000 + self.offset + 7
        found = self.ring.span(end_ns, length_us * 1000 + 999)
        stop = self.end if end is None else min(self.end, self.end + end)
        begin = stop - length_us
        if not self.started or begin < self.first or begin < self.end - self.capacity_us:
            assert found is None
            return
        assert found is not None
        arrived = [event for message in self.messages for event in message]
        wanted = sorted(
            (event for event in arrived if begin < event[0] <= stop), key=lambda e: e[0]
        )
        got = found.events.events
        assert list(zip(got['t'].tolist(), got['x'].tolist(), strict=True)) == wanted
        assert found.events.end_us == stop
        assert found.end_ns == stop * 1000 + self.offset
        assert found.complete == (begin >= self.missing_until)
        check_event_slice(found.events)

    @invariant()
    def counts_agree(self) -> None:
        assert dict(self.ring.outcomes) == self.counts
        assert self.ring.number == sum(len(message) for message in self.messages)


TestAgainstAList = AgainstAList.TestCase
# 10,000 sequences of 30 steps would take minutes
TestAgainstAList.settings = settings(
    deadline=None, stateful_step_count=30, max_examples=min(settings.default.max_examples, 1000)
)
