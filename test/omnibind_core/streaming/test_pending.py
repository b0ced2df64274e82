"""Vectors beyond the open window: sorted, bounded, each with its arrival."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from window_driver import vector

from omnibind_core.streaming.pending import Pending

arrivals = st.lists(st.tuples(st.sampled_from('abc'), st.integers(0, 20)), max_size=40)


@given(arrivals, st.integers(0, 21))
def test_sorted_by_stamp_then_arrival(sent: list[tuple[str, int]], limit: int) -> None:
    pending = Pending()
    for time, (sensor, stamp) in enumerate(sent):
        assert pending.add(vector(sensor, stamp, seq=time), time) is None
    expected = sorted(enumerate(sent), key=lambda one: (one[1][1], one[0]))
    assert len(pending) == len(sent)
    assert pending.first_arrival() == (0 if sent else None)
    before = pending.pop_before(vector('', limit).stamp)
    assert [(one.sensor, one.seq, time) for one, time in before] == [
        (sensor, time, time) for time, (sensor, stamp) in expected if stamp < limit
    ]
    rest = [time for time, (_, stamp) in expected if stamp >= limit]
    popped = []
    while (first := pending.pop_first()) is not None:
        popped.append(first[1])
    assert popped == rest
    assert len(pending) == 0


@given(arrivals)
def test_withdraw_and_clear(sent: list[tuple[str, int]]) -> None:
    pending = Pending()
    for time, (sensor, stamp) in enumerate(sent):
        pending.add(vector(sensor, stamp, seq=time), time)
    withdrawn = pending.withdraw('b')
    cleared = pending.clear()
    assert {one.sensor for one in withdrawn} <= {'b'}
    assert 'b' not in {one.sensor for one in cleared}
    assert sorted(one.seq for one in [*withdrawn, *cleared]) == list(range(len(sent)))
    assert len(pending) == 0


def test_a_sensor_keeps_its_newest_64_and_another_is_untouched() -> None:
    pending = Pending()
    pending.add(vector('lidar', 5), 0)
    dropped = [pending.add(vector('wild', stamp, seq=stamp), stamp) for stamp in range(1, 101)]
    assert dropped[:64] == [None] * 64
    assert [one.seq for one in dropped[64:] if one] == list(range(1, 37))
    assert len(pending) == 65
    # an older one than all that are kept is the one to go
    oldest = pending.add(vector('wild', 2, seq=999), 200)
    assert oldest is not None
    assert oldest.seq == 999
