"""Period, jitter and latency against numpy; predictions against counting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from omnibind_core.streaming.rhythm import measure
from omnibind_core.streaming.rhythm import Rhythm

MS = 1_000_000

histories = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(-500, 3000)),
    min_size=3,
    max_size=16,
    unique_by=lambda one: one[0],
)


@given(histories)
def test_as_numpy(history: list[tuple[int, int]]) -> None:
    stamps = [stamp * MS for stamp, _ in history]
    latencies = [latency * MS for _, latency in history]
    rhythm = measure(stamps, latencies)
    assert rhythm is not None
    gaps = np.diff(np.sort(stamps)).astype(float)
    assert rhythm.period == np.median(gaps)
    assert rhythm.jitter == int(1.4826 * np.median(np.abs(gaps - np.median(gaps))) + 1e-6)
    assert rhythm.latency == np.percentile(latencies, 95, method='inverted_cdf')
    assert rhythm.recent == max(latencies[-4:])
    off = np.abs(np.array(latencies) - np.median(latencies))
    assert abs(rhythm.wobble - 1.4826 * np.median(off)) < 1
    low, high = np.percentile(gaps, [25, 75])
    assert rhythm.irregular == (high - low > 0.5 * np.median(gaps))


def test_too_few() -> None:
    assert measure([], []) is None
    assert measure([100, 200], [10, 10]) is None
    assert measure([100, 200, 300], [10, 10, 10]) is not None


def test_dropped_vectors_and_outliers_move_neither_period_nor_jitter() -> None:
    stamps = [index * 100 * MS for index in range(20) if index not in (5, 9, 12, 13)]
    latencies = [30 * MS] * 15 + [900 * MS]
    rhythm = measure(stamps, latencies)
    assert rhythm == Rhythm(100 * MS, 0, 900 * MS, 900 * MS, 0, irregular=False)


def test_a_stall_is_forgotten_after_four_prompt_vectors_but_not_by_the_slowest() -> None:
    stamps = [index * 100 * MS for index in range(16)]
    latencies = [30 * MS] * 9 + [300 * MS, 200 * MS, 100 * MS] + [30 * MS] * 4
    rhythm = measure(stamps, latencies)
    assert rhythm is not None
    assert rhythm.recent == 30 * MS
    assert rhythm.latency == 300 * MS


def milliseconds(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high).map(lambda count: count * MS)


@given(
    rhythm=st.builds(
        Rhythm,
        period=milliseconds(1, 300),
        jitter=milliseconds(0, 50),
        latency=milliseconds(-100, 400),
        recent=milliseconds(-100, 400),
        wobble=milliseconds(0, 50),
        irregular=st.just(False),
    ),
    last=milliseconds(0, 1000),
    after=milliseconds(-500, 3000),
    arriving=milliseconds(0, 3000),
)
def test_prediction_is_the_first_that_fits(
    rhythm: Rhythm, last: int, after: int, arriving: int
) -> None:
    slow = rhythm.latency + max(rhythm.wobble + rhythm.jitter, 1 * MS)
    stamp = last + rhythm.period
    while not (stamp > after - rhythm.jitter and stamp + slow >= arriving):
        stamp += rhythm.period
    predicted = rhythm.predict(last, after=after, arriving=arriving)
    assert predicted.stamp == stamp
    assert predicted.overdue == stamp + slow
    assert predicted.arrival == stamp + rhythm.recent + rhythm.jitter
