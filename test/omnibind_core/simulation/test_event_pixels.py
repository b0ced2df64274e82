"""Event pixels against closed forms and a pixel simulated alone, step by step."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.simulation.event_pixels import EventPixels
from omnibind_core.simulation.event_pixels import packed


def even(value: float, shape: tuple[int, int] = (1, 1)) -> np.ndarray:
    return np.full(shape, value)


def one_pixel(
    values: list[float],
    times: list[float],
    level: float,
    up: float,
    down: float,
    refractory: float,
) -> list[tuple[float, int]]:
    """The same model, one pixel, one event at a time, in plain Python."""
    events = []
    blind = -math.inf
    for i in range(len(times) - 1):
        now = times[i]
        slope = (values[i + 1] - values[i]) / (times[i + 1] - times[i])

        def seen(t: float, i: int = i, slope: float = slope) -> float:
            return values[i] + slope * (t - times[i])

        if blind > times[i + 1]:
            continue
        if blind > now:
            now = blind
            level = seen(now)
        while slope != 0.0:
            wanted = level + up if slope > 0 else level - down
            at = times[i] + (wanted - values[i]) / slope
            if at > times[i + 1] or at < times[i]:
                break
            events.append((at, int(slope > 0)))
            level = wanted
            blind = at + refractory
            if blind > times[i + 1]:
                break
            if refractory > 0.0:
                level = seen(blind)
    return events


@given(
    change=st.floats(-3.0, 3.0),
    threshold=st.floats(0.05, 0.7),
)
def test_a_ramp_gives_the_whole_thresholds_in_it(change: float, threshold: float) -> None:
    """floor(|change of log light| / threshold), evenly spaced, of the ramp's sign."""
    pixels = EventPixels(even(threshold), even(threshold))
    logarithms = np.array([0.4, 0.4 + change]).reshape(2, 1, 1)
    events = pixels.events(logarithms, np.array([0.0, 50_000.0]), even(0.4))
    exact = abs(change) / threshold
    if abs(exact - round(exact)) > 1e-6:
        assert len(events) == math.floor(exact)
    assert (events['p'] == int(change > 0)).all()
    if len(events):
        wanted = np.arange(1, len(events) + 1) * threshold / abs(change) * 50_000.0
        assert (np.abs(events['t'] - wanted) <= 1.0).all()


def test_thresholds_differ_between_polarities_and_pixels() -> None:
    rising, falling = np.array([[0.1, 0.2]]), np.array([[0.5, 0.25]])
    logarithms = np.array([0.0, 1.05, 0.02]).reshape(3, 1, 1).repeat(2, axis=2)
    level = np.zeros((1, 2))
    events = EventPixels(rising, falling).events(logarithms, np.array([0.0, 1e4, 2e4]), level)
    up = np.bincount(events['x'][events['p'] == 1], minlength=2)
    down = np.bincount(events['x'][events['p'] == 0], minlength=2)
    assert up.tolist() == [10, 5]
    # both remember 1.0 on the way up; down to 0.02 there is 0.5 once and 0.25 thrice
    assert down.tolist() == [1, 3]


def test_nothing_moves_nothing_fires() -> None:
    pixels = EventPixels(even(0.1, (3, 4)), even(0.1, (3, 4)))
    events = pixels.events(np.full((5, 3, 4), 0.7), np.arange(5.0), even(0.75, (3, 4)))
    assert events.dtype == EVENT_DTYPE
    assert len(events) == 0


def test_the_level_at_the_beginning_decides_the_first_event() -> None:
    pixels = EventPixels(even(0.2), even(0.2))
    ramp = np.array([0.0, 1.0]).reshape(2, 1, 1)
    for level in (-0.15, 0.0, 0.15):
        events = pixels.events(ramp, np.array([0.0, 1000.0]), even(level))
        assert events['t'][0] == pytest.approx((level + 0.2) * 1000.0, abs=1.0)


def test_a_blind_pixel_remembers_what_it_sees_when_it_wakes() -> None:
    """Ramp of 1 in 1000 us, threshold 0.1, blind for 150 us: an event each 250 us."""
    pixels = EventPixels(even(0.1), even(0.1), refractory=150.0)
    logarithms = np.linspace(0.0, 1.0, 7).reshape(7, 1, 1)
    events = pixels.events(logarithms, np.linspace(0.0, 1000.0, 7), even(0.0))
    assert np.abs(events['t'] - np.array([100, 350, 600, 850])).max() <= 1


@given(
    seed=st.integers(0, 10**6),
    refractory=st.sampled_from([0.0, 30.0, 400.0]),
    threshold=st.floats(0.05, 0.5),
)
def test_all_pixels_at_once_as_each_alone(seed: int, refractory: float, threshold: float) -> None:
    random = np.random.default_rng(seed)
    frames, height, width = 6, 3, 4
    logarithms = np.cumsum(random.normal(0.0, 0.5, (frames, height, width)), axis=0)
    times = np.cumsum(random.uniform(50.0, 500.0, frames))
    rising = threshold * random.uniform(0.7, 1.4, (height, width))
    falling = threshold * random.uniform(0.7, 1.4, (height, width))
    share = random.uniform(0.01, 0.99, (height, width))
    level = logarithms[0] - share * rising + (1 - share) * falling
    events = EventPixels(rising, falling, refractory).events(logarithms, times, level)
    assert (np.diff(events['t']) >= 0).all()
    for y in range(height):
        for x in range(width):
            wanted = one_pixel(
                logarithms[:, y, x].tolist(),
                times.tolist(),
                float(level[y, x]),
                float(rising[y, x]),
                float(falling[y, x]),
                refractory,
            )
            own = events[(events['x'] == x) & (events['y'] == y)]
            assert own['p'].tolist() == [polarity for _, polarity in wanted]
            found = np.array([time for time, _ in wanted])
            assert (np.abs(own['t'] - found) <= 1.0 + 1e-6).all()


def test_events_are_packed_in_order_of_time_then_place() -> None:
    pixel = np.array([7, 2, 11])
    events = packed(pixel, np.array([True, False, True]), np.array([5.2, 1.0, 5.9]), 5)
    assert events['t'].tolist() == [1, 6, 6]
    assert events['x'].tolist() == [2, 2, 1]
    assert events['y'].tolist() == [0, 1, 2]
    assert events['p'].tolist() == [0, 1, 1]


@pytest.mark.parametrize('kind', [np.float32, np.float64])
def test_pictures_of_either_precision(kind: type) -> None:
    pixels = EventPixels(even(0.1), even(0.1))
    logarithms = np.array([0.0, 0.95], kind).reshape(2, 1, 1)
    assert len(pixels.events(logarithms, np.array([0.0, 10.0]), even(0.0))) == 9
