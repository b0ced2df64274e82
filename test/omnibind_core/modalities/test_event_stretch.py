"""How long an event camera is looked at, by hand and against plain counting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.event_stretch import stretch_us

END = 1000


def moment(*times: int, begin: int | None = 0, side: int = 2) -> EventSlice:
    """Events at these times, of a sensor of 2 x 2 pixels."""
    events = np.zeros(len(times), EVENT_DTYPE)
    events['t'] = times
    return EventSlice(events, side, side, END, begin)


@pytest.mark.parametrize(
    ('raw', 'enough', 'length'),
    [
        (moment(100, 300, 600, 950), 0.5, 401),  # two of four pixels: since 600
        (moment(100, 300, 600, 950), 0.3, 401),  # 1.2 events: two
        (moment(100, 300, 600, 950), 0.25, 200),  # 950 is within the shortest
        (moment(100, 300, 600, 950), 0.75, 701),
        (moment(100, 300, 600, 950), 1.0, 800),  # 901, but 800 is the longest
        (moment(100, 300, 600, 950), 9.0, 800),
        (moment(100, 300, 600, 950, begin=450), 9.0, 550),
        (moment(100, 300, 600, 950, begin=900), 9.0, 200),
        (moment(100, 300, 600, 950, begin=None), 9.0, 200),
        (moment(), 0.5, 800),
        (moment(100, 300, 600, 950), 0.0, 200),
        (moment(), 0.0, 200),
        (moment(100, 300, 600, 1001, 1002), 0.5, 701),  # what comes after the end does not count
    ],
)
def test_by_hand(raw: EventSlice, enough: float, length: int) -> None:
    assert stretch_us(raw, shortest_us=200, longest_us=800, enough=enough) == length


@given(
    times=st.lists(st.integers(0, END + 50), max_size=30).map(sorted),
    begin=st.one_of(st.none(), st.integers(-100, END)),
    shortest=st.integers(1, 400),
    longest=st.integers(1, 1200),
    enough=st.floats(0.0, 8.0),
)
def test_against_plain_counting(
    times: list[int], begin: int | None, shortest: int, longest: int, enough: float
) -> None:
    """The first length that is enough, tried one after the other."""
    raw = moment(*times, begin=begin)
    reach = shortest if begin is None else max(min(longest, END - begin), shortest)
    expected = next(
        (
            length
            for length in range(shortest, reach + 1)
            if sum(END - length < time <= END for time in times) >= enough * 4
        ),
        reach,
    )
    found = stretch_us(raw, shortest_us=shortest, longest_us=longest, enough=enough)
    assert found == expected
