"""When messages of a bag are due: every figure here is worked out by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest

from omnibind_core.streaming.bag_schedule import AtLoop
from omnibind_core.streaming.bag_schedule import BagSchedule
from omnibind_core.streaming.bag_schedule import SLACK

SECOND = 1_000_000_000


def schedule(**changed: object) -> BagSchedule:
    """A bag from 100 s to 110 s."""
    values: dict[str, object] = {
        'begin': 100 * SECOND,
        'end': 110 * SECOND,
        'rate': 1.0,
        'loop': False,
    }
    return BagSchedule(**{**values, **changed})  # type: ignore[arg-type]


def test_twice_as_fast() -> None:
    """Bag second 4 is due after 2 steady seconds, and the clock agrees."""
    plan = schedule(rate=2.0)
    assert plan.begin_round(7 * SECOND)
    assert plan.due(104 * SECOND) == 9 * SECOND
    assert plan.clock(9 * SECOND) == 104 * SECOND
    assert plan.due(100 * SECOND) == 7 * SECOND


def test_the_clock_stands_before_the_beginning() -> None:
    """Nodes that wait for a clock get one; nothing is due yet."""
    plan = schedule()
    assert plan.clock(5) == plan.clock(500 * SECOND) == 100 * SECOND
    assert plan.due(101 * SECOND) is None


def test_over_without_loop() -> None:
    """A second round is refused."""
    plan = schedule()
    assert plan.begin_round(0)
    assert not plan.begin_round(10 * SECOND)
    assert plan.round == 1


def test_a_loop_jumps_back() -> None:
    """The clock falls by the length of the bag and stamps stay what they are."""
    plan = schedule(loop=True, rate=2.0)
    plan.begin_round(0)
    assert plan.clock(5 * SECOND) == 110 * SECOND
    assert plan.begin_round(5 * SECOND)
    assert plan.clock(5 * SECOND) == 100 * SECOND
    assert plan.due(102 * SECOND) == 6 * SECOND
    assert plan.shift == 0
    assert plan.round == 2


def test_a_loop_that_continues() -> None:
    """The clock never falls; stamps are shifted by the length of the bag in each round."""
    plan = schedule(loop=True, at_loop='continue')
    plan.begin_round(0)
    assert plan.shift == 0
    plan.begin_round(10 * SECOND)
    assert plan.shift == 10 * SECOND
    assert plan.clock(11 * SECOND) == 111 * SECOND
    plan.begin_round(20 * SECOND)
    assert plan.shift == 20 * SECOND
    assert plan.clock(21 * SECOND) == 121 * SECOND


def test_a_round_that_began_a_little_late_makes_it_up() -> None:
    """30 ms after the end: the second round is where it would have been."""
    plan = schedule(loop=True)
    plan.begin_round(0)
    plan.begin_round(10 * SECOND + 30_000_000)
    assert plan.due(101 * SECOND) == 11 * SECOND


def test_a_round_that_began_much_later_does_not_rush() -> None:
    """3 s after the end: no more than the slack is made up."""
    plan = schedule(loop=True)
    plan.begin_round(0)
    plan.begin_round(13 * SECOND)
    assert plan.due(100 * SECOND) == 13 * SECOND - SLACK


def test_pause_and_resume() -> None:
    """The clock stands for as long as it is paused; a second pause or resume changes nothing."""
    plan = schedule(rate=2.0)
    plan.begin_round(0)
    plan.pause(1 * SECOND)
    plan.pause(2 * SECOND)
    assert plan.paused
    assert plan.clock(50 * SECOND) == 102 * SECOND
    assert plan.due(103 * SECOND) is None
    plan.resume(51 * SECOND)
    plan.resume(52 * SECOND)
    assert plan.clock(51 * SECOND) == 102 * SECOND
    assert plan.due(104 * SECOND) == 52 * SECOND


def test_a_slow_machine_holds_the_clock_back() -> None:
    """A message 2 s late leaves the clock just the slack ahead of it, and the rest follows."""
    plan = schedule()
    plan.begin_round(0)
    plan.expect(101 * SECOND, 3 * SECOND)
    assert plan.clock(3 * SECOND) == 101 * SECOND + SLACK
    assert plan.held_back == 2 * SECOND - SLACK
    assert plan.due(103 * SECOND) == 5 * SECOND - SLACK


def test_the_clock_waits_for_what_is_expected() -> None:
    """A player that was not run for 5 s says no time at which the message was already out."""
    plan = schedule()
    plan.begin_round(0)
    plan.expect(101 * SECOND, 0)
    assert plan.clock(6 * SECOND) == 101 * SECOND + SLACK
    assert plan.held_back == 5 * SECOND - SLACK
    plan.expect(103 * SECOND, 6 * SECOND)
    assert plan.clock(7 * SECOND) == 102 * SECOND + SLACK


def test_paused_while_late() -> None:
    """The clock stands at what it would have said."""
    plan = schedule()
    plan.begin_round(0)
    plan.expect(101 * SECOND, 0)
    plan.pause(6 * SECOND)
    assert plan.clock(9 * SECOND) == 101 * SECOND + SLACK


def test_a_little_late_changes_nothing() -> None:
    """Within the slack the rate is kept."""
    plan = schedule()
    plan.begin_round(0)
    plan.expect(101 * SECOND, 1 * SECOND + SLACK)
    plan.expect(103 * SECOND, 1 * SECOND + SLACK)
    assert plan.held_back == 0
    assert plan.clock(2 * SECOND) == 102 * SECOND


@given(
    gaps=st.lists(st.integers(0, SECOND), min_size=1, max_size=8),
    stalls=st.lists(st.integers(0, SECOND), min_size=60, max_size=60),
    rate=st.sampled_from([0.5, 1.0, 5.0]),
    at_loop=st.sampled_from(['jump', 'continue']),
)
def test_whatever_the_machine_does(
    gaps: list[int], stalls: list[int], rate: float, at_loop: AtLoop
) -> None:
    """A player that stands still at any moment: three rounds of a clock with its messages."""
    stamps = [100 * SECOND + sum(gaps[:count]) for count in range(len(gaps) + 1)]
    plan = BagSchedule(begin=stamps[0], end=stamps[-1], rate=rate, loop=True, at_loop=at_loop)
    now, before = 0, 0
    standing = iter(stalls)
    for _ in range(3):
        assert plan.begin_round(now)
        if at_loop == 'jump':
            before = 0
        for stamp in stamps:
            now += next(standing)
            plan.expect(stamp, now)
            now += next(standing)
            said = plan.clock(now)
            assert before <= said <= stamp + SLACK + plan.shift
            due = plan.due(stamp)
            assert due is not None
            now = max(now, due)
            before = plan.clock(now)
            assert said <= before
            assert before >= stamp + plan.shift - 1


@pytest.mark.parametrize(
    ('changed', 'message'), [({'rate': 0.0}, 'rate'), ({'end': 0}, 'end'), ({'rate': -1.0}, 'rate')]
)
def test_nonsense_is_refused(changed: dict[str, object], message: str) -> None:
    """Neither backward nor at no speed."""
    with pytest.raises(ValueError, match=message):
        schedule(**changed)
