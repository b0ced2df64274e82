"""The window's figures, recomputed by hand on small traffic, and the scenarios themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
import json
import math
import sys

import pytest

from omnibind_core.evaluation import window_benchmark
from omnibind_core.evaluation.approximate_time import SynchronizedSet
from omnibind_core.evaluation.window_benchmark import ADAPTIVE
from omnibind_core.evaluation.window_benchmark import APPROXIMATE
from omnibind_core.evaluation.window_benchmark import Cost
from omnibind_core.evaluation.window_benchmark import Figures
from omnibind_core.evaluation.window_scenarios import Scenario
from omnibind_core.evaluation.window_scenarios import SCENARIOS
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_core.streaming.arrival_trace import Source
from omnibind_core.streaming.config import WindowConfig

PAIR = Scenario(
    'pair',
    lambda _: (
        Source(name='camera', rate=10.0, phase=0.0, latency=0.030, arrival_jitter=0.0),
        Source(name='lidar', rate=5.0, phase=0.0, latency=0.050, arrival_jitter=0.0),
    ),
)


@pytest.fixture
def without_ros(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'message_filters', None)


@pytest.mark.usefixtures('without_ros')
def test_figures_worked_out_by_hand() -> None:
    """The lidar warms up for three vectors; then every other window waits 20 ms for it."""
    (figures,) = window_benchmark.measure([PAIR], WindowConfig(), duration=10.0, seed=0)
    assert figures.window == ADAPTIVE
    # The lidar's stamps 0, 0.2 and 0.4 come when the camera's window of that stamp has closed.
    assert figures.recognitions == 100
    assert figures.rate == pytest.approx(100 / 9.93, abs=0.01)
    assert figures.delay_p50 == 0.0
    assert figures.delay_max == pytest.approx(20.0, abs=0.001)
    assert figures.fresh == pytest.approx(1 + 47 / 100)
    # held in every window without a fresh one but the first, when none had come
    assert figures.held == pytest.approx(52 / 100)
    assert figures.closed_by == {'complete': 1.0}
    assert figures.longest_gap == pytest.approx(0.12, abs=1e-6)


def test_the_delay_of_a_set_counts_from_its_first_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    def pairs(
        arrivals: Sequence[Arrival], sensors: Sequence[str], *, slop: float, queue_size: int
    ) -> list[SynchronizedSet]:
        assert sensors == ('camera', 'lidar')
        assert (slop, queue_size) == (0.08, 10)
        camera = [one for one in arrivals if one.vector.sensor == 'camera'][::2]
        lidar = [one for one in arrivals if one.vector.sensor == 'lidar']
        return [
            SynchronizedSet(right.time, (left, right))
            for left, right in zip(camera, lidar, strict=True)
        ]

    monkeypatch.setattr(window_benchmark, 'synchronize', pairs)
    _, figures = window_benchmark.measure([PAIR], WindowConfig(), duration=10.0, seed=0)
    assert figures.window == APPROXIMATE
    assert (figures.recognitions, figures.fresh, figures.held) == (50, 2.0, 0.0)
    assert figures.delay_p50 == figures.delay_max == pytest.approx(20.0, abs=0.001)
    assert figures.longest_gap == pytest.approx(0.2, abs=1e-6)


def test_nothing_recognised_is_a_gap_all_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_benchmark, 'synchronize', lambda *_, **__: [])
    _, figures = window_benchmark.measure([PAIR], WindowConfig(), duration=10.0, seed=0)
    assert (figures.recognitions, figures.rate, figures.fresh) == (0, 0.0, 0.0)
    assert math.isnan(figures.delay_p50)
    assert figures.longest_gap == pytest.approx(9.9, abs=0.01)
    spent = Cost(sensors=10, median=1.0, p99=2.0)
    document = window_benchmark.document([figures], spent, WindowConfig(), duration=10.0, seed=0)
    row = json.loads(json.dumps(document, allow_nan=False))['rows'][0]
    assert row['delay_p50'] is None
    assert row['recognitions'] == 0


@pytest.mark.usefixtures('without_ros')
@pytest.mark.parametrize('scenario', SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_scenario_recognises_all_the_time(scenario: Scenario) -> None:
    (figures,) = window_benchmark.measure([scenario], WindowConfig(), duration=20.0, seed=1)
    assert figures.rate > 9.5
    # the longest stall and what it takes to notice a bag that started over
    assert figures.longest_gap < 0.6
    assert figures.delay_max <= 150.0
    assert sum(figures.closed_by.values()) == pytest.approx(1.0)
    assert figures.fresh + figures.held <= len(scenario.sensors(20.0)) + 1e-9


def test_lines_stand_under_the_header() -> None:
    figures = Figures(
        'a scenario', ADAPTIVE, 10, 1.0, 2.0, 3.0, 4.0, 1.5, 0.5, {'timeout': 0.25}, 9
    )
    line = window_benchmark.line(figures)
    assert len(line) == len(window_benchmark.HEADER.splitlines()[0])
    assert line.split()[-2:] == ['25.0', '9.00']


def test_remarks_say_whether_the_synchronizer_was_there() -> None:
    figures = Figures('a scenario', ADAPTIVE, 10, 1.0, 2.0, 3.0, 4.0, 1.5, 0.5, {}, 9.0)
    assert 'not installed' in window_benchmark.remarks([figures])
    other = Figures(**{**asdict(figures), 'window': APPROXIMATE})
    assert 'not installed' not in window_benchmark.remarks([figures, other])


def test_cost_is_the_time_between_two_looks_at_the_clock() -> None:
    """A clock that goes on by 5 us with each look, and once by a second: an outlier of 600."""
    looks = iter(range(10**6))

    def clock() -> int:
        look = next(looks)
        return look * 5000 + (10**9 if look > 100 else 0)

    spent = window_benchmark.cost(sensors=1, seed=0, clock=clock)
    assert spent == Cost(sensors=1, median=5.0, p99=5.0)
