"""The scenarios over real DDS, short: what they measure is there, and no process is left."""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path
import signal
import subprocess
import sys
import time
from typing import Any

import psutil
import pytest

from omnibind_core.evaluation.live.outcome import Outcome
from omnibind_ros.live_benchmark import scenarios
from omnibind_ros.live_benchmark.bench import Bench
from omnibind_ros.stage.probe import InVainError
from omnibind_ros.stage.ros_process import executable
from omnibind_ros.stage.stage import Stage

pytestmark = pytest.mark.usefixtures('ros_domain')

ROOT = Path(__file__).resolve().parents[3]
BUNDLE = ROOT / 'bundles' / 'omnihome'
BAG = ROOT / 'samples' / 'bag_lite'


def _measure(name: str, **given: Any) -> dict[str, Any]:
    """One scenario; it must have been measured, whatever this machine's figures are."""
    choices = {
        'bundle': BUNDLE,
        'bag': BAG,
        'full_bag': None,
        'messages': 20,
        'minutes': 0.2,
        'modalities': ('thermal',),
        'rounds': 1,
    }
    lines: list[str] = []
    document = scenarios.measure((name,), **{**choices, **given}, show=lines.append)
    found: dict[str, Any] = document['scenarios'][name]
    assert 'failure' not in found, found['failure']
    assert lines[0].startswith('bundle omnihome-')
    assert len(lines) > 1 and all(line.startswith(f'{name}: ') for line in lines[1:])
    return found


def _ours() -> list[psutil.Process]:
    """Processes that this one has started and that still run."""
    return psutil.Process().children(recursive=True)


def _environment() -> dict[str, str]:
    """But for pytest's own note of where it is."""
    return {name: value for name, value in os.environ.items() if name != 'PYTEST_CURRENT_TEST'}


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    """Neither a process nor a changed environment; what earlier tests left is not counted."""
    before, running = _environment(), set(_ours())
    yield
    assert set(_ours()) - running == set()
    assert _environment() == before


@pytest.mark.slow
def test_latency_and_its_parts() -> None:
    """Live is more than the model's run that it contains; all three were timed for each message."""
    found = _measure('latency')
    one = found['thermal']
    assert one['messages'] == 20
    assert one['lost'] == 0
    assert one['live_ms_p50'] > one['local_parts_ms_p50']['encode'] > 0.0
    assert one['local_ms_p50'] >= one['local_parts_ms_p50']['preprocess'] > 0.0
    assert one['dds_ms_p50'] > 0.0
    expected = one['live_ms_p50'] / (1.25 * one['local_ms_p50'] + one['dds_ms_p50'])
    assert one['ratio'] == pytest.approx(expected, rel=0.01)
    assert {'waiting', 'encode', 'in node'} <= set(one['live_parts'])


@pytest.mark.slow
def test_latency_of_a_sensor_whose_messages_are_parts() -> None:
    """Audio: a second of messages gives nothing, here as there."""
    one = _measure('latency', modalities=('audio',), messages=10)['audio']
    assert one['messages'] == 10
    assert one['live_ms_p50'] > one['local_parts_ms_p50']['encode'] > 0.0


@pytest.mark.slow
def test_window() -> None:
    """Inside and outside agree: what is seen from outside contains the other."""
    found = _measure('window', messages=30)
    assert found['windows'] == 30
    assert 0.0 < found['inside_fuse_ms_p50'] <= found['inside_closing_ms_p50']
    assert found['outside_ms_p50'] > found['inside_fuse_ms_p50']
    assert found['dds_ms_p50'] > 0.0


@pytest.mark.slow
def test_lite_bag() -> None:
    """Every node is there with its memory and CPU time, and the latency has a slope."""
    found = _measure('lite', minutes=0.2)
    nodes = {'camera', 'thermal', 'event_camera', 'lidar', 'microphone', 'touch', 'fusion'}
    assert set(found['cpu_seconds_per_second']) == {*nodes, 'bag_player'}
    assert all(one['last_minute_mb'] > 20.0 for one in found['memory'].values())
    assert found['recognitions'] > 10
    assert found['encoded'] > 10
    assert 0.0 < found['stamp_to_recognition_ms_p50'] < 60_000.0
    assert isinstance(found['slope_ms_per_minute'], float)


@pytest.mark.slow
def test_full_bag_obeys_the_rates() -> None:
    """The lite bag in its place: no two vectors in one cell of the grid."""
    found = _measure('full', full_bag=BAG, minutes=0.2)
    sensors = found['sensors']
    assert sensors['event_camera']['crowded'] == 0
    assert sensors['event_camera']['max_rate_hz'] == 10.0
    assert sensors['event_camera']['input_hz'] == pytest.approx(50.0, rel=0.05)
    assert sensors['microphone']['input_hz'] == pytest.approx(20.0, rel=0.05)
    assert found['wanted'][0]['what'].startswith('camera 10 -> 10 Hz')


@pytest.mark.slow
def test_silence() -> None:
    """Every moment gives a recognition; how many wait in vain depends on the machine."""
    found = _measure('silence')
    assert found['share_recognised'] == [1.0]
    assert 0 <= found['timeouts'][0] <= 5
    assert len(found['first_late_ms']) == len(found['second_late_ms']) == 1
    assert found['max_wait_ms'] == 150.0


@pytest.mark.slow
def test_plug() -> None:
    found = _measure('plug')
    (seconds,) = found['first_vector_to_contribution_s']
    assert 0.0 < seconds < 30.0
    assert 0.0 < found['reported_lost_s'][0] < 30.0
    assert found['timeouts_after_unplugging'][0] <= 2


@pytest.mark.slow
def test_kill() -> None:
    """The killed one is back, and others were recognised meanwhile."""
    found = _measure('kill')
    assert 0.0 < found['restart_to_contribution_s'][0] < 60.0
    assert found['longest_gap_s'][0] > 0.0


def test_a_scenario_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reason is told; what it had started is ended."""

    def broken(bench: Bench) -> Outcome:
        with Stage(bench) as stage:
            stage.fusion()
            assert _ours()
            raise InVainError('no reason')

    def fine(bench: Bench) -> Outcome:
        return Outcome('fine', {'rounds': bench.rounds})

    monkeypatch.setattr(scenarios, 'SCENARIOS', {'broken': broken, 'fine': fine})
    lines: list[str] = []
    document = scenarios.measure(
        ('broken', 'fine'),
        bundle=BUNDLE,
        bag=BAG,
        full_bag=None,
        messages=1,
        minutes=1.0,
        modalities=(),
        rounds=4,
        show=lines.append,
    )
    assert lines[1:] == ['broken: FAILED: no reason']
    found = document['scenarios']
    assert (found['broken']['met'], found['broken']['failure']) == (False, 'no reason')
    assert (found['fine']['met'], found['fine']['rounds']) == (True, 4)


@pytest.mark.slow
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything(number: int) -> None:
    """While the nodes start: the command ends, and its processes have ended before."""
    words = [str(executable('omnibind')), 'bench', 'live', '--only', 'silence']
    given = ['--bundle', str(BUNDLE), '--bag', str(BAG)]
    process = subprocess.Popen(
        [*words, *given], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith('bundle ')
        command = psutil.Process(process.pid)
        _until(lambda: len(command.children()) >= 3)
        children = command.children()
        process.send_signal(number)
        assert process.wait(60.0) == 130
        assert not any(child.is_running() for child in children)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _until(condition: Callable[[], bool]) -> None:
    """Looks again and again, for two minutes."""
    end = time.monotonic() + 120.0
    while not condition():
        assert time.monotonic() < end, 'it never came to pass'


def test_the_module_needs_no_ros_to_say_what_it_is() -> None:
    """The command's help does not import rclpy."""
    code = (
        'import sys; from omnibind_core.cli.main import main\n'
        'try: main(["bench", "live", "--help"])\n'
        'except SystemExit: pass\n'
        'assert "rclpy" not in sys.modules'
    )
    assert subprocess.run([sys.executable, '-c', code], capture_output=True).returncode == 0
