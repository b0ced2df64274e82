"""Event slices: what is refused and what is let through."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import InputError
from omnibind_core.modalities.event_slice import check_event_slice
from omnibind_core.modalities.event_slice import coordinates
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.event_slice import LONGEST_SIDE
from omnibind_core.modalities.event_slice import MOST_EVENTS
from omnibind_core.modalities.event_slice import polarities


def _events(*rows: tuple[int, int, int, int]) -> NDArray[np.void]:
    return np.array(list(rows), dtype=EVENT_DTYPE)


GOOD = _events((1, 2, 0, 10), (3, 4, 1, 10), (5, 6, 1, 11))

ALIGNED = np.dtype(EVENT_DTYPE.descr, align=True)  # as a C compiler would lay it out


def test_the_layout_is_packed() -> None:
    assert EVENT_DTYPE.itemsize == 2 + 2 + 1 + 8
    assert np.frombuffer(GOOD.tobytes(), dtype=EVENT_DTYPE).tolist() == GOOD.tolist()


@pytest.mark.parametrize('events', [GOOD, GOOD[:0], GOOD[::2]])
def test_good_slices_pass(events: NDArray[np.void]) -> None:
    for given in (EventSlice(events, 640, 480, 11), EventSlice(events, 640, 480, 11, -5)):
        assert check_event_slice(given) is given


def test_numpy_whole_numbers_pass() -> None:
    check_event_slice(EventSlice(GOOD, np.uint16(640), np.int32(480), np.int64(11)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ('raw', 'field'),
    [
        (None, 'events'),
        (GOOD, 'events'),
        (EventSlice(GOOD, 0, 480, 11), 'width'),
        (EventSlice(GOOD, LONGEST_SIDE + 1, 480, 11), 'width'),
        (EventSlice(GOOD, 640.0, 480, 11), 'width'),  # type: ignore[arg-type]
        (EventSlice(GOOD, True, 480, 11), 'width'),
        (EventSlice(GOOD, 640, -1, 11), 'height'),
        (EventSlice(GOOD, 640, None, 11), 'height'),  # type: ignore[arg-type]
        (EventSlice(GOOD, 640, 480, -1), 'end_us'),
        (EventSlice(GOOD, 640, 480, 1 << 63), 'end_us'),
        (EventSlice(GOOD, 640, 480, 0.5), 'end_us'),  # type: ignore[arg-type]
        (EventSlice(GOOD, 640, 480, 11, 12), 'begin_us'),
        (EventSlice(GOOD, 640, 480, 11, -(1 << 63)), 'begin_us'),
        (EventSlice(GOOD, 640, 480, 11, 0.5), 'begin_us'),  # type: ignore[arg-type]
        (EventSlice(GOOD.tolist(), 640, 480, 11), 'events'),
        (EventSlice(GOOD['t'], 640, 480, 11), 'events.dtype'),
        (EventSlice(GOOD.astype(ALIGNED), 640, 480, 11), 'events.dtype'),
        (EventSlice(GOOD[None], 640, 480, 11), 'events.shape'),
        (EventSlice(GOOD[:1].reshape(()), 640, 480, 11), 'events.shape'),
        (EventSlice(GOOD[[2, 0]], 640, 480, 11), 'events.t'),
    ],
)
def test_what_is_refused(raw: Any, field: str) -> None:
    with pytest.raises(InputError) as caught:
        check_event_slice(raw)
    assert caught.value.field == field


def test_too_many_events_are_refused_before_they_are_read() -> None:
    many = np.broadcast_to(GOOD[:1], (MOST_EVENTS + 1,))
    with pytest.raises(InputError, match='5000001'):
        check_event_slice(EventSlice(many, 640, 480, 11))


def test_a_step_back_is_named() -> None:
    with pytest.raises(InputError, match='11 us and after it 9 us'):
        check_event_slice(EventSlice(_events((0, 0, 0, 11), (0, 0, 0, 9)), 640, 480, 11))


def test_coordinates_are_copies() -> None:
    events = GOOD.copy()
    x, y = coordinates(events, 6, 7)
    assert (x.tolist(), y.tolist()) == ([1, 3, 5], [2, 4, 6])
    x[:] = 0
    assert events['x'].tolist() == [1, 3, 5]


@pytest.mark.parametrize(('x', 'y'), [(64, 0), (0, 48), (65535, 65535)])
def test_one_percent_outside_is_marked_and_more_refused(x: int, y: int) -> None:
    events = np.zeros(200, dtype=EVENT_DTYPE)
    events[[7, 9]] = (x, y, 0, 0)
    marked, _ = coordinates(events, 64, 48)
    assert np.flatnonzero(marked == 65535).tolist() == [7, 9]
    events[11] = (x, y, 0, 0)
    with pytest.raises(InputError) as caught:
        coordinates(events, 64, 48)
    assert caught.value.field == 'events.xy'
    assert '1.5%' in str(caught.value)
    assert '64 x 48' in str(caught.value)


@pytest.mark.parametrize('wrong', [-1, 2, 127, -128])
def test_polarity_is_0_or_1(wrong: int) -> None:
    assert polarities(GOOD).tolist() == [0, 1, 1]
    with pytest.raises(InputError, match=f'events.p: got {wrong};'):
        polarities(_events((0, 0, 0, 0), (0, 0, wrong, 1)))


def test_no_events_have_no_coordinates() -> None:
    assert [len(column) for column in coordinates(GOOD[:0], 1, 1)] == [0, 0]
    assert len(polarities(GOOD[:0])) == 0
