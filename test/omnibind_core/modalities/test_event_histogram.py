"""Histograms of events against loops in plain Python."""

from __future__ import annotations

import math
import statistics

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.modalities import event_histogram


def _columns(
    events: list[tuple[int, int, int]],
) -> tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.int32]]:
    x, y, channel = zip(*events, strict=True) if events else ((), (), ())
    return np.array(x, np.uint16), np.array(y, np.uint16), np.array(channel, np.int32)


@st.composite
def _squares(draw: st.DrawFn) -> tuple[int, int, list[tuple[int, int, int]]]:
    """A side, a number of cells, and events of 4 channels, some of them outside."""
    side = draw(st.integers(1, 40))
    cells = draw(st.integers(1, side))
    place = st.integers(0, side)
    events = draw(st.lists(st.tuples(place, place, st.integers(0, 3)), max_size=60))
    return side, cells, events


@given(_squares())
def test_histogram_against_a_loop(drawn: tuple[int, int, list[tuple[int, int, int]]]) -> None:
    side, cells, events = drawn
    expected = np.zeros((4, cells, cells), int)
    inside = 0
    for x, y, channel in events:
        if x < side and y < side:
            expected[channel, math.floor(y * cells / side), math.floor(x * cells / side)] += 1
            inside += 1
    x, y, channel = _columns(events)
    counts = event_histogram.histogram(x, y, channel, channels=4, side=side, cells=cells)
    np.testing.assert_array_equal(counts, expected)
    assert counts.sum() == inside


def _hot_by_loop(events: list[tuple[int, int]], side: int, deviations: float) -> set[int]:
    counts: dict[tuple[int, int], int] = {}
    for x, y in events:
        if x < side and y < side:
            counts[x, y] = counts.get((x, y), 0) + 1
    if not counts:
        return set()
    mean = statistics.fmean(counts.values())
    deviation = max(statistics.pstdev(counts.values()), math.sqrt(mean))
    hot = {place for place, number in counts.items() if number > mean + deviations * deviation}
    return {index for index, place in enumerate(events) if place in hot}


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=60),
    st.integers(0, 300),
    st.sampled_from([0.7, 1.3, 3.1, 10.0]),
)
def test_hot_events_against_a_loop(
    places: list[tuple[int, int]], repeats: int, deviations: float
) -> None:
    events = places + [(2, 3)] * repeats
    x, y, _ = _columns([(*place, 0) for place in events])
    found = event_histogram.hot_events(x, y, side=8, deviations=deviations)
    assert set(found.tolist()) == _hot_by_loop(events, 8, deviations)


def test_a_stuck_pixel_is_hot_and_a_small_object_is_not() -> None:
    rng = np.random.default_rng(0)
    # 12 x 12 pixels of 240 x 240 move: 0.25 %, which mean + 10 deviations of all pixels removes
    x = rng.integers(100, 112, 1000).astype(np.uint16)
    y = rng.integers(50, 62, 1000).astype(np.uint16)
    whole = np.bincount(x.astype(int) + 240 * y, minlength=240 * 240)
    assert (whole > whole.mean() + 10 * whole.std()).sum() > 20
    assert event_histogram.hot_events(x, y, side=240, deviations=10.0).size == 0
    x = np.append(x, np.full(500, 7, np.uint16))
    y = np.append(y, np.full(500, 9, np.uint16))
    hot = event_histogram.hot_events(x, y, side=240, deviations=10.0)
    assert hot.tolist() == list(range(1000, 1500))
    assert event_histogram.hot_events(x, y, side=240, deviations=0.0).size == 0


def test_pixels_that_fired_once_make_none_hot_that_fired_five_times() -> None:
    x = np.append(np.arange(150), np.full(4, 3)).astype(np.uint16)
    y = np.zeros(154, np.uint16)
    counts = np.bincount(x)
    assert counts.max() > counts.mean() + 10 * counts.std()
    assert event_histogram.hot_events(x, y, side=200, deviations=10.0).size == 0


@pytest.mark.parametrize(('side', 'cells'), [(480, 96), (260, 96), (97, 96), (34, 34), (5, 3)])
def test_an_even_scene_stays_even(side: int, cells: int) -> None:
    y, x = np.mgrid[0:side, 0:side].astype(np.uint16).reshape(2, -1)
    channel = np.zeros(side * side, np.int32)
    counts = event_histogram.histogram(x, y, channel, channels=2, side=side, cells=cells)
    even = event_histogram.evenly(counts, side)
    np.testing.assert_allclose(even[0], (side / cells) ** 2, rtol=1e-6)
    np.testing.assert_array_equal(even[1], 0)
    if side % cells == 0:
        np.testing.assert_array_equal(even, counts)


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=40),
    st.sampled_from([50.0, 90.0, 99.0, 100.0]),
    st.booleans(),
)
def test_scaling_against_a_loop(values: list[int], percentile: float, logarithmic: bool) -> None:
    counts = np.array(values, np.float32).reshape(1, 1, -1)
    scaled = event_histogram.scaled(counts, percentile=percentile, logarithmic=logarithmic)
    occupied = sorted(value for value in values if value)
    if not occupied:
        np.testing.assert_array_equal(scaled, 0)
        return
    reference = occupied[math.ceil(percentile / 100 * len(occupied)) - 1]
    curve = math.log1p if logarithmic else float
    expected = [min(curve(value) / curve(reference), 1.0) for value in values]
    np.testing.assert_allclose(scaled[0, 0], expected, rtol=1e-6)
    assert scaled.dtype == np.float32


def test_enlarging_repeats_cells() -> None:
    grid = np.arange(4, dtype=np.float32).reshape(1, 2, 2)
    expected = [[0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [2, 2, 2, 3, 3], [2, 2, 2, 3, 3]]
    assert event_histogram.enlarged(grid, 5)[0].tolist() == expected
    assert event_histogram.enlarged(grid, 2) is grid
