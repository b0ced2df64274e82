"""Event preprocessing against plain Python, and its geometry."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.modalities.event import EventSensor
from omnibind_core.modalities.event import EventSpecification
from omnibind_core.modalities.event import preprocess
from omnibind_core.modalities.event import taken_us
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.registry import modality

ANY_MOTION = EventSensor(min_rate=0.0, min_events=0)
END = 1_000_000


def _random(
    number: int, width: int, height: int, *, seed: int = 0, first: int = END - 60_000
) -> NDArray[np.void]:
    rng = np.random.default_rng(seed)
    events = np.zeros(number, EVENT_DTYPE)
    events['x'] = np.clip(rng.normal(width / 2, width / 6, number), 0, width - 1)
    events['y'] = np.clip(rng.normal(height / 2, height / 6, number), 0, height - 1)
    events['p'] = rng.integers(0, 2, number)
    events['t'] = np.sort(rng.integers(first, END + 5_000, number))
    return events


def _by_hand(
    raw: EventSlice, specification: EventSpecification, roi: tuple[int, int, int, int]
) -> tuple[NDArray[np.float64], float]:
    """The whole preprocessing, event by event, without hot pixels and rotation."""
    left, top, width, height = roi
    side = min(width, height)
    left, top = left + (width - side) // 2, top + (height - side) // 2
    cells = min(side, specification.size)
    rows = [tuple(row) for row in raw.events.tolist() if row[3] <= raw.end_us]
    bins = specification.bins
    if specification.count:
        rows = rows[-specification.count :]
        begin = rows[0][3]
        slice_of = [
            max(b for b in range(bins) if i >= b * len(rows) // bins) for i in range(len(rows))
        ]
    else:
        length = specification.window_ms * 1000
        begin = raw.end_us - length
        rows = [row for row in rows if row[3] > begin]
        # windows are open at their begin and closed at their end
        slice_of = [math.ceil((row[3] - begin) / (length / bins)) - 1 for row in rows]
    counts = np.zeros((2 * bins, cells, cells))
    kept = 0
    for (x, y, p, _), part in zip(rows, slice_of, strict=True):
        if 0 <= x - left < side and 0 <= y - top < side:
            kept += 1
            counts[2 * part + p, (y - top) * cells // side, (x - left) * cells // side] += 1
    pixels = [sum(i * cells // side == cell for i in range(side)) for cell in range(cells)]
    area = np.outer(pixels, pixels) / (side / cells) ** 2
    even = counts / area
    occupied = np.sort(even[even > 0])
    reference = occupied[math.ceil(specification.percentile / 100 * len(occupied)) - 1]
    curve = np.log1p if specification.scaling == 'log' else np.asarray
    grid = np.minimum(curve(even) / curve(reference), 1.0)
    size = specification.size
    near = [i * cells // size for i in range(size)]
    rate = kept / (side * side * (raw.end_us - begin) * 1e-6)
    return grid[:, near][:, :, near], rate


@pytest.mark.parametrize(
    ('width', 'height', 'roi'),
    [
        (64, 48, (0, 0, 0, 0)),
        (48, 65, (0, 0, 0, 0)),
        (34, 34, (0, 0, 0, 0)),
        (20, 12, (0, 0, 0, 0)),
        (80, 60, (7, 11, 40, 31)),
        (80, 60, (40, 30, 40, 30)),
    ],
)
@pytest.mark.parametrize(
    'settings',
    [
        {'size': 32},
        {'size': 16, 'bins': 1, 'scaling': 'linear', 'percentile': 90.0},
        {'size': 24, 'bins': 5, 'window_ms': 20.0},
        {'size': 32, 'bins': 3, 'count': 700},
        {'size': 32, 'bins': 2, 'count': 100_000, 'percentile': 100.0},
    ],
)
def test_against_plain_python(
    width: int, height: int, roi: tuple[int, int, int, int], settings: dict[str, Any]
) -> None:
    raw = EventSlice(_random(2000, width, height), width, height, END)
    specification = EventSpecification(hot_pixel_deviations=0.0, **settings)
    prepared = preprocess(raw, specification, EventSensor(roi=roi))
    expected, rate = _by_hand(raw, specification, roi if any(roi) else (0, 0, width, height))
    assert prepared.array.shape == specification.shape
    assert prepared.array.dtype == np.float32
    assert prepared.array.flags.c_contiguous
    np.testing.assert_allclose(prepared.array, expected, rtol=1e-5, atol=1e-7)
    assert prepared.evidence == pytest.approx(rate)
    assert prepared.unit == 'events per pixel and second'
    assert 0.5 < prepared.array.max() <= 1.0


@pytest.mark.parametrize('rotation', [0, 90, 180, 270])
def test_rotation_turns_clockwise(rotation: int) -> None:
    events = np.zeros(200, EVENT_DTYPE)  # all at the upper left
    events['t'] = END
    raw = EventSlice(events, 32, 32, END)
    specification = EventSpecification(size=16, bins=1, hot_pixel_deviations=0.0)
    array = preprocess(raw, specification, EventSensor(rotation=rotation)).array
    corner = {0: (0, 0), 90: (0, 15), 180: (15, 15), 270: (15, 0)}[rotation]
    assert np.argwhere(array[0]).tolist() == [list(corner)]
    assert not array[1].any()
    assert array.flags.c_contiguous


def test_channels_are_in_order_of_time_and_darker_first() -> None:
    events = np.zeros(4, EVENT_DTYPE)
    events['x'] = [1, 3, 5, 7]
    events['p'] = [0, 1, 0, 1]
    # the window is (950000, 1000000]: its first and last microsecond, and the middle
    events['t'] = [950_001, 975_000, 975_001, 1_000_000]
    specification = EventSpecification(size=16)
    array = preprocess(EventSlice(events, 16, 16, END), specification, ANY_MOTION).array
    assert np.argwhere(array).tolist() == [[0, 0, 1], [1, 0, 3], [2, 0, 5], [3, 0, 7]]


def test_events_outside_the_window_are_left_out() -> None:
    events = np.zeros(4, EVENT_DTYPE)
    events['t'] = [-(1 << 63), 950_000, 1_000_001, (1 << 63) - 1]
    prepared = preprocess(EventSlice(events, 16, 16, END), EventSpecification(), ANY_MOTION)
    assert (prepared.informative, prepared.evidence) == (False, 0.0)
    np.testing.assert_array_equal(prepared.array, 0)


def test_a_few_damaged_events_are_dropped() -> None:
    good = _random(1000, 64, 48)
    bad = good.copy()
    bad['x'][[100, 600]] = 64
    bad['y'][[3, 999]] = 60_000
    whole = np.setdiff1d(np.arange(1000), [100, 600, 3, 999])
    first = preprocess(EventSlice(bad, 64, 48, END), EventSpecification(), ANY_MOTION)
    second = preprocess(EventSlice(good[whole], 64, 48, END), EventSpecification(), ANY_MOTION)
    np.testing.assert_array_equal(first.array, second.array)
    assert first.evidence == second.evidence


def test_hot_pixels_do_not_count() -> None:
    good = _random(3000, 64, 48)
    stuck = np.zeros(800, EVENT_DTYPE)
    stuck['x'], stuck['y'], stuck['t'] = 9, 3, np.linspace(END - 50_000, END, 800)
    both = np.sort(np.concatenate([good, stuck]), order='t', kind='stable')
    first = preprocess(EventSlice(both, 64, 48, END), EventSpecification(), EventSensor())
    without = good[(good['x'] != 9) | (good['y'] != 3)]
    second = preprocess(EventSlice(without, 64, 48, END), EventSpecification(), EventSensor())
    np.testing.assert_array_equal(first.array, second.array)
    assert first.evidence == second.evidence


def test_no_motion_is_nothing_to_sense() -> None:
    specification = EventSpecification()
    rng = np.random.default_rng(0)

    def noise(rate: float) -> EventSlice:
        events = np.zeros(round(rate * 240 * 180 * 0.05), EVENT_DTYPE)
        events['x'] = rng.integers(0, 240, len(events))
        events['y'] = rng.integers(0, 180, len(events))
        events['t'] = END
        return EventSlice(events, 240, 180, END)

    quiet = preprocess(noise(0.1), specification, EventSensor())
    assert not quiet.informative
    assert quiet.evidence == pytest.approx(0.1, rel=0.2)
    assert quiet.array.max() > 0
    moving = preprocess(noise(5.0), specification, EventSensor())
    assert moving.informative
    assert moving.evidence == pytest.approx(5.0, rel=0.05)
    assert not preprocess(noise(5.0), specification, EventSensor(min_rate=6.0)).informative
    assert not preprocess(noise(0.0), specification, ANY_MOTION).informative


def test_few_events_are_no_motion_however_small_the_sensor() -> None:
    for number, informative in ((99, False), (100, True)):
        events = np.zeros(number, EVENT_DTYPE)
        events['t'] = END
        prepared = preprocess(EventSlice(events, 4, 4, END), EventSpecification(), EventSensor())
        assert prepared.informative is informative


def test_a_fixed_count_that_took_long_is_no_motion() -> None:
    events = _random(1000, 64, 64, first=END - 1_000_000)
    specification = EventSpecification(count=500)
    fast = events.copy()
    fast['t'] = np.sort(np.random.default_rng(0).integers(END - 20_000, END, 1000))
    assert preprocess(EventSlice(fast, 64, 64, END), specification, EventSensor()).informative
    slow = preprocess(EventSlice(events, 64, 64, END), specification, EventSensor())
    assert slow.evidence == pytest.approx(500 / (64 * 64 * 0.5), rel=0.1)
    assert not slow.informative


def _slow() -> NDArray[np.void]:
    """200 events in 200 ms, evenly, of 20 x 16 pixels."""
    events = _random(200, 20, 16)
    events['t'] = END - 199_500 + 1000 * np.arange(200)
    return events


@pytest.mark.parametrize(
    ('enough', 'longest_ms', 'length_ms'),
    [
        (0.25, 200.0, 80.0),  # 80 of 320 pixels
        (0.25, 60.0, 60.0),
        (0.0, 200.0, 50.0),
        (0.1, 200.0, 50.0),  # 50 ms hold 50 of the 32 wanted
        (5.0, 150.0, 150.0),
        (5.0, 10.0, 50.0),  # never less than the model's window
    ],
)
def test_where_events_are_few_a_longer_time_is_taken(
    enough: float, longest_ms: float, length_ms: float
) -> None:
    """Just as by a model whose window is so long."""
    raw = EventSlice(_slow(), 20, 16, END, END - 200_000)
    sensor = EventSensor(enough=enough, longest_ms=longest_ms, min_events=0)
    # The newest 80 events reach back 79.5 ms; the stretch begins just before the oldest of them.
    length_us = {80.0: 79_501}.get(length_ms, length_ms * 1000)
    found = preprocess(raw, EventSpecification(size=16, hot_pixel_deviations=0.0), sensor)
    specification = EventSpecification(
        size=16, hot_pixel_deviations=0.0, window_ms=length_us / 1000
    )
    expected, rate = _by_hand(raw, specification, (0, 0, 20, 16))
    np.testing.assert_allclose(found.array, expected, rtol=1e-5, atol=1e-7)
    assert found.evidence == pytest.approx(rate)


def test_no_more_is_taken_than_a_slice_reaches_back() -> None:
    """Nor anything beyond the window of one that does not say how far that is."""
    specification, sensor = EventSpecification(size=16), EventSensor(enough=5.0, min_events=0)
    events = _slow()
    silent = preprocess(EventSlice(events, 20, 16, END), specification, sensor)
    never = preprocess(
        EventSlice(events, 20, 16, END, END - 200_000), specification, EventSensor(enough=0.0)
    )
    np.testing.assert_array_equal(silent.array, never.array)
    for reach, length in ((70_000, 70_000), (20_000, 50_000)):
        raw = EventSlice(events[events['t'] > END - reach], 20, 16, END, END - reach)
        assert taken_us(raw, specification, sensor) == length


def test_a_camera_at_rest_stays_at_rest_however_long_it_is_looked_at() -> None:
    """What decides is the rate."""
    random = np.random.default_rng(1)
    events = _random(int(0.1 * 0.2 * 128 * 128), 128, 128, first=END - 200_000)
    events['x'], events['y'] = random.integers(0, 128, (2, len(events)))
    events['t'] = np.minimum(events['t'], END)
    raw = EventSlice(events, 128, 128, END, END - 200_000)
    found = preprocess(raw, EventSpecification(), EventSensor())
    assert found.evidence == pytest.approx(0.1, rel=0.1)
    assert not found.informative


def test_a_roi_outside_the_sensor_is_refused() -> None:
    raw = EventSlice(_random(10, 64, 48), 64, 48, END)
    for roi in ((0, 0, 65, 48), (60, 0, 5, 5), (0, 44, 5, 5)):
        with pytest.raises(InputError, match='64 x 48'):
            preprocess(raw, EventSpecification(), EventSensor(roi=roi))
    with pytest.raises(ConfigError, match='roi'):
        EventSensor(roi=(1, 2, 0, 5))


@given(st.integers(0, 1 << 32))
def test_order_within_a_microsecond_makes_no_difference(seed: int) -> None:
    events = _random(300, 20, 16, seed=seed)
    events['t'] -= events['t'] % 10_000
    shuffled = np.random.default_rng(seed).permutation(events)
    shuffled = shuffled[np.argsort(shuffled['t'], kind='stable')]
    first, second = (
        preprocess(EventSlice(one, 20, 16, END), EventSpecification(size=16), EventSensor())
        for one in (events, shuffled)
    )
    np.testing.assert_array_equal(first.array, second.array)
    assert first.evidence == second.evidence


def test_the_raw_events_stay_as_they_are() -> None:
    events = _random(1000, 64, 48)
    before = events.copy()
    raw = EventSlice(events, 64, 48, END)
    arrays = [preprocess(raw, EventSpecification(), EventSensor()).array for _ in range(2)]
    np.testing.assert_array_equal(arrays[0], arrays[1])
    np.testing.assert_array_equal(events, before)


def test_the_registry_knows_it() -> None:
    found = modality('event')
    assert (found.name, found.role) == ('event', 'student')
    assert found.default_specification().shape == (4, 96, 96)
    assert found.span == found.specification().window_ms / 1000
    assert found.preprocess is preprocess


_WRONG = [
    ('x', 12),
    ('x', 65_535),
    ('y', 12),
    ('y', 300),
    ('p', -1),
    ('p', 2),
    ('t', 3),
    ('t', 1 << 62),
]


def _nearly_sound(seed: int, number: int) -> NDArray[np.void]:
    """Events of 12 x 10 pixels; in half of the cases something in one of them is wrong."""
    events = _random(number, 12, 10, seed=seed)
    if number and seed % 2:
        name, value = _WRONG[seed // 2 % len(_WRONG)]
        events[name][seed // 16 % number] = value
    return events


_SOUND = st.builds(_nearly_sound, st.integers(0, 999), st.integers(0, 300))
_ANY_BITS = st.binary(max_size=13 * 12).map(
    lambda data: np.frombuffer(data[: len(data) // 13 * 13], EVENT_DTYPE)
)
_IN_ORDER = _ANY_BITS.map(lambda events: np.sort(events, order='t'))
_SIDES = st.sampled_from([12, 13, np.uint16(12), 40, 0, -1, 300, 2049, 1 << 70, None, True, 12.0])
_ENDS = st.one_of(
    st.sampled_from([END, np.int64(END), 0, 1 << 62, (1 << 62) + 1, -1, None, 1.5]),
    st.integers(-(1 << 64), 1 << 64),
)
_ALMOST_GOOD = st.builds(
    EventSlice,
    st.one_of(_SOUND, _IN_ORDER),
    st.sampled_from([12, 13, 40, np.uint16(12)]),
    st.sampled_from([12, 30]),
    st.sampled_from([END, END + 5_000, np.int64(END), 0]),
    st.sampled_from([None, 0, END, np.int64(END - 300_000), -(1 << 62)]),
)
_ANYTHING = st.builds(
    EventSlice,
    st.one_of(
        _SOUND,
        _ANY_BITS,
        st.sampled_from(
            [None, np.zeros(3), np.zeros((2, 2), EVENT_DTYPE), np.full(3, None), [(0, 0, 0, 0)]]
        ),
        st.just(np.broadcast_to(np.zeros((), EVENT_DTYPE), (1 << 40,))),
    ),
    _SIDES,
    _SIDES,
    _ENDS,
    _ENDS,
)


@pytest.mark.malformed
@given(
    st.one_of(_ALMOST_GOOD, _ANYTHING),
    st.sampled_from([{}, {'count': 7, 'bins': 3}, {'window_ms': 1.0, 'bins': 16}]),
    st.sampled_from([(0, 0, 0, 0), (0, 0, 1, 1), (3, 2, 9, 8), (292, 1, 8, 8)]),
)
@pytest.mark.filterwarnings('error')
def test_anything_at_all(raw: Any, settings: dict[str, Any], roi: tuple[int, ...]) -> None:
    specification = EventSpecification(size=16, **settings)
    try:
        prepared = preprocess(raw, specification, EventSensor(roi=roi))  # type: ignore[arg-type]
    except InputError:
        return
    assert prepared.array.shape == specification.shape
    assert np.isfinite(prepared.array).all()
    assert np.isfinite(prepared.evidence)
