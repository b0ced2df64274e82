"""Percentiles by part, against numpy's nearest-rank ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from omnibind_core.diagnostics.latency_meter import LatencyMeter
from omnibind_core.diagnostics.latency_meter import milliseconds
from omnibind_core.diagnostics.latency_meter import Quantiles

SECOND = 1_000_000_000


def test_parts_are_reported_in_the_order_given_and_only_if_measured() -> None:
    """In milliseconds for people."""
    meter = LatencyMeter('decode', 'encode', 'publish')
    meter.add('encode', 4_000_000, 0)
    meter.add('extra', 1_000, 0)
    meter.add('decode', 1_500_000, 0)
    assert meter.texts(0) == {
        'latency decode': 'p50 1.50 ms, p99 1.50 ms',
        'latency encode': 'p50 4.00 ms, p99 4.00 ms',
        'latency extra': 'p50 0.00 ms, p99 0.00 ms',
    }
    meter.reset()
    assert meter.quantiles(0) == {}


def test_values_that_are_older_than_the_window_no_longer_count() -> None:
    """Nor those of before a step back in time."""
    meter = LatencyMeter(window=10 * SECOND)
    meter.add('all', 100, 0)
    meter.add('all', 1, 5 * SECOND)
    assert meter.quantiles(5 * SECOND)['all'] == Quantiles(1, 100, 2)
    assert meter.quantiles(12 * SECOND)['all'] == Quantiles(1, 1, 1)
    assert meter.quantiles(15 * SECOND) == {}
    meter.add('all', 3, 20 * SECOND)
    meter.add('all', 5, SECOND)
    assert meter.quantiles(SECOND)['all'] == Quantiles(5, 5, 1)


@given(values=st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=1500))
def test_percentiles_are_nearest_rank(values: list[int]) -> None:
    """Of the newest thousand."""
    meter = LatencyMeter()
    for value in values:
        meter.add('part', value, 0)
    kept = values[-1000:]
    wanted = np.percentile(kept, [50, 99], method='inverted_cdf')
    assert meter.quantiles(0)['part'] == Quantiles(int(wanted[0]), int(wanted[1]), len(kept))


@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=1, max_size=300),
    window=st.integers(1, 20),
)
def test_what_slides_out_is_no_longer_ranked(steps: list[tuple[int, int]], window: int) -> None:
    """At every moment the same as sorting what is still within the window."""
    meter = LatencyMeter(window=window)
    now, kept = 0, []
    for passed, value in steps:
        now += passed
        kept.append((now, value))
        meter.add('part', value, now)
        within = [one for at, one in kept if at > now - window]
        wanted = np.percentile(within, [50, 99], method='inverted_cdf')
        assert meter.quantiles(now)['part'] == Quantiles(*map(int, wanted), len(within))


def test_percentiles_of_a_status_as_numbers() -> None:
    assert milliseconds('p50 3.10 ms, p99 4.80 ms') == (3.1, 4.8)
    assert milliseconds(None) is None
