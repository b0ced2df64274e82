"""What is made of a run over a looped bag: made-up runs, by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip('rclpy')

from omnibind_core.configuration.robot import read_robot
from omnibind_core.errors import UnavailableError
from omnibind_core.evaluation.live.process_usage import Usage
from omnibind_ros.live_benchmark import load
from omnibind_ros.live_benchmark.bench import Bench
from omnibind_ros.live_benchmark.looped_bag import Run
from omnibind_ros.stage.probe import Heard
from omnibind_ros.stage.probe import InVainError

ROOT = Path(__file__).resolve().parents[3]
BAG = ROOT / 'samples' / 'bag_lite'
PARAMETERS = ROOT / 'config' / 'replay.yaml'


@pytest.fixture
def bench() -> Bench:
    """Five minutes of the shipped bag."""
    return Bench(
        bundle=ROOT / 'bundles' / 'omnihome',
        bag=BAG,
        full_bag=BAG,
        messages=1,
        minutes=5.0,
        modalities=(),
        rounds=1,
        parameters=PARAMETERS,
        robot=read_robot(PARAMETERS, bundle='bundles/omnihome'),
    )


def _run(
    latency: Callable[[float], float] = lambda at: 80.0,
    megabytes: Callable[[float], float] = lambda at: 100.0,
    **changes: Any,
) -> Run:
    """300 s of a 73 s bag, ten recognitions a second; a node that takes a quarter of a core."""
    times = [number / 10.0 for number in range(3000)]
    usages = [Usage(500.0 + at, at / 4.0, megabytes(at)) for at in range(301)]
    run = Run(
        begin=0,
        seconds=300.0,
        period=73.0,
        recognitions=times,
        latencies=[latency(at) for at in times],
        embeddings=[],
        usages={'camera': usages},
        before={
            'camera': {'count encoded': '50'},
            'fusion': {'vectors received': '40', 'vectors late': '7', 'state': 'active'},
        },
        statuses={
            'camera': {'count encoded': '3050', 'count replaced': '2'},
            'fusion': {'vectors received': '3040', 'vectors late': '10', 'state': 'active'},
        },
        held_back='0.0 s',
    )
    return replace(run, **changes)


def _played(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setattr(load, 'play', lambda *_, **__: run)


def test_a_quiet_run_meets_everything(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _played(monkeypatch, _run())
    outcome = load.lite(bench)
    assert outcome.met, outcome.lines()
    figures = outcome.figures
    assert (figures['replaced'], figures['late'], figures['encoded']) == (2, 3, 3000)
    assert figures['recognitions_per_second'] == 10.0
    assert figures['longest_gap_s'] == 0.1
    assert figures['slope_ms_per_minute'] == pytest.approx(0.0, abs=1e-9)
    assert figures['cpu_seconds_per_second'] == {'camera': 0.25}
    assert figures['memory']['camera'] == {
        'first_minute_mb': 100.0,
        'last_minute_mb': 100.0,
        'growth_mb': 0.0,
    }
    assert 'camera 0.25 CPU, 100 MB' in outcome.lines()[-1]


def test_what_depends_on_the_place_in_the_bag_is_no_growth(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Latency that doubles in each round's second half, the same in all rounds."""
    _played(monkeypatch, _run(lambda at: 160.0 if at % 73.0 > 36.5 else 80.0))
    figures = load.lite(bench).figures
    assert figures['first_minute_ms_p50'] == figures['last_minute_ms_p50']


def test_growth_is_missed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """20 ms a minute, 2 MB a minute: from 21 s to 240 s that is 73 ms and 7.3 MB."""
    _played(monkeypatch, _run(lambda at: 80.0 + at / 3.0, lambda at: 100.0 + at / 30.0))
    outcome = load.lite(bench)
    figures = outcome.figures
    assert figures['slope_ms_per_minute'] == pytest.approx(20.0)
    grown = figures['last_minute_ms_p50'] - figures['first_minute_ms_p50']
    assert grown == pytest.approx(73.0, abs=0.1)
    assert figures['rounds_ms_p50'] == pytest.approx([92.2, 116.5, 140.8, 165.2], abs=0.1)
    assert figures['memory']['camera']['growth_mb'] == pytest.approx(7.3, abs=0.1)
    assert [target.met for target in outcome.targets] == [True, True, False, False]


def test_backlog_is_missed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = {
        'camera': {'count encoded': '900', 'count replaced': '100'},
        'fusion': {'vectors received': '900', 'vectors late': '90'},
    }
    _played(monkeypatch, _run(before={}, statuses=statuses))
    targets = load.lite(bench).targets
    assert [target.found for target in targets[:2]] == [0.1, 0.1]
    assert [target.met for target in targets[:2]] == [False, False]


def test_a_short_run_says_nothing_of_growth(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute of a 73 s bag: no part of it comes twice."""
    run = _run(lambda at: 80.0 + at)
    times = [at for at in run.recognitions if at < 60.0]
    short = replace(run, seconds=60.0, recognitions=times, latencies=run.latencies[: len(times)])
    _played(monkeypatch, short)
    outcome = load.lite(bench)
    assert len(outcome.targets) == 2
    assert '--minutes 1.9' in outcome.lines()[-1]


def test_a_silent_last_minute_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    times = [number / 10.0 for number in range(2000)]
    run = _run(recognitions=times, latencies=[80.0] * 2000)
    _played(monkeypatch, run)
    with pytest.raises(InVainError, match='last minute'):
        load.lite(bench)


def test_composed_wants_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _played(monkeypatch, _run())
    outcome = load.composed(bench)
    assert outcome.met
    assert outcome.targets == []
    assert outcome.figures['replaced'] == 2


def _embedding(sensor: str, stamp: int) -> Heard[Any]:
    seconds, nanoseconds = divmod(stamp, 1_000_000_000)
    time = SimpleNamespace(sec=seconds, nanosec=nanoseconds)
    return Heard(SimpleNamespace(sensor=sensor, header=SimpleNamespace(stamp=time)), stamp)


@pytest.mark.parametrize(('gap', 'met'), [(100, True), (50, False), (133, False)])
def test_full_holds_each_sensor_against_its_rate(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, gap: int, met: bool
) -> None:
    """Events come at 50 Hz and may be encoded at 10: at 20 it is too many, at 7.5 too few."""
    stamps = [10_000_000_000 + number * gap * 1_000_000 for number in range(300)]
    _played(monkeypatch, _run(embeddings=[_embedding('event_camera', one) for one in stamps]))
    outcome = load.full(bench)
    sensor = outcome.figures['sensors']['event_camera']
    assert sensor['input_hz'] == pytest.approx(50.0, rel=0.1)
    assert sensor['output_hz'] == pytest.approx(1000.0 / max(gap, 100), rel=0.02)
    assert (sensor['crowded'] > 0) is (gap == 50)
    assert outcome.met is met
    assert outcome.figures['sensors']['camera'] == {'embeddings': 0, 'input_hz': 10.0}


def test_full_without_its_bag_says_how_to_make_one(bench: Bench) -> None:
    with pytest.raises(UnavailableError, match='simulate bag --profile full'):
        load.full(replace(bench, full_bag=None))
