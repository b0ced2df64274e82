"""`omnibind evaluate agreement`: a few seconds over real DDS, and what is refused before."""

from __future__ import annotations

import json
from pathlib import Path
import sys

import pytest
from scored_bag import robot_file
from scored_bag import scored_bag
import tiny_bundle

from omnibind_core.cli.main import main
from omnibind_core.evaluation.bag.window_causes import CAUSES

pytest.importorskip('rosbags')
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.usefixtures('ros_domain')
def test_live_is_what_its_trace_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every window and every recognition; the comparison with the offline run adds up."""
    tiny_bundle.make(tmp_path / 'bundle')
    robot = robot_file(tmp_path, tmp_path / 'bundle')
    bag = scored_bag(tmp_path / 'bag', seconds=2.5)
    out = tmp_path / 'agreement.json'
    words = ['evaluate', 'agreement', str(bag), '--robot', str(robot), '--json', str(out)]
    # Random encoders are undecided, so that a window that closes differently changes the answer.
    assert main([*words, '--least', '0', '--encode-delay', 'thermal=0.002']) == 0
    found = json.loads(out.read_text())
    exact, alone, again = (
        found['trace']['call_by_call'],
        found['trace']['arrivals_alone'],
        found['recognitions'],
    )
    assert exact['all'] and alone['all'] and again['all']
    assert exact['live'] == exact['identical'] == alone['identical'] == again['heard'] > 12
    assert again['largest_difference_of_scores'] <= 1e-5
    windows = found['windows']
    assert windows['live'] == exact['live']
    assert windows['with_another_embedding'] == 0
    assert set(windows['different']) <= set(CAUSES)
    total = windows['identical'] + sum(windows['different'].values())
    assert total == windows['live'] + windows['offline'] - windows['of_one_stamp']
    assert windows['vectors']['camera']['offline'] == 25
    assert 0 < windows['vectors']['thermal']['both'] <= 13
    assert found['encode_delay_s']['thermal'] == 0.002
    assert 0.0 < found['encode_delay_s']['camera'] < 1.0
    top1 = found['top1']
    assert top1['samples'] >= 24
    same = round(top1['agreement'] * top1['samples'])
    assert top1['samples'] - same == sum(top1['differences'].values())
    printed = capsys.readouterr().out
    assert f'{exact["live"]} of {exact["live"]} windows identical call by call' in printed
    assert 'camera: ' in printed


def test_a_wrong_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All problems at once, and nothing is started."""
    words = ['evaluate', 'agreement', 'bag', '--robot', 'robot.yaml', '--rate', '0']
    words += [
        '--clock-rate',
        '0',
        '--least',
        '2',
        '--encode-delay',
        'camera=slow',
        '--json',
        str(tmp_path / 'a' / 'b'),
    ]
    assert main(words) == 1
    said = capsys.readouterr().err
    for name in ('--rate', '--clock-rate', '--least', '--encode-delay', '--json'):
        assert name in said


def test_what_is_known_before_is_said_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No bag, no truth, no such sensor, no bundle, a synchronizer: nothing is started."""
    pytest.importorskip('rclpy')
    from omnibind_ros.agreement import compare

    monkeypatch.setattr(compare, 'play_once', None)
    tiny_bundle.make(tmp_path / 'bundle')
    robot = robot_file(tmp_path, tmp_path / 'bundle')
    bag = scored_bag(tmp_path / 'bag', seconds=0.5)
    untold = scored_bag(tmp_path / 'untold', seconds=0.5, truth=())
    (tmp_path / 'exact').mkdir()
    exact = robot_file(
        tmp_path / 'exact', tmp_path / 'bundle', sync='exact', sync_sensors=['camera', 'thermal']
    )
    for words, said in (
        ([tmp_path / 'none', '--robot', robot], 'none'),
        ([untold, '--robot', robot], 'no truth'),
        ([bag, '--robot', robot, '--encode-delay', 'sonar=1'], 'no sensor sonar'),
        ([bag, '--robot', robot, '--bundle', tmp_path], 'bundle.json'),
        ([bag, '--robot', exact], 'sync'),
    ):
        assert main(['evaluate', 'agreement', *map(str, words)]) == 1
        error = capsys.readouterr().err
        assert error.startswith('error: ')
        assert said in error


def test_without_ros(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence."""
    monkeypatch.setitem(sys.modules, 'rclpy', None)
    assert main(['evaluate', 'agreement', 'bag', '--robot', 'robot.yaml']) == 1
    said = capsys.readouterr().err
    assert said.startswith('error: `omnibind evaluate agreement` starts ROS 2 nodes and cannot')
    assert said.count('\n') == 1


@pytest.mark.slow
@pytest.mark.usefixtures('ros_domain')
def test_the_shipped_bag(tmp_path: Path) -> None:
    """Nineteen of twenty moments at least; the trace is the run."""
    words = ['evaluate', 'agreement', str(ROOT / 'samples' / 'bag_lite')]
    words += ['--robot', str(ROOT / 'config' / 'replay.yaml')]
    words += ['--bundle', str(ROOT / 'bundles' / 'omnihome'), '--json', str(tmp_path / 'x.json')]
    assert main(words) == 0
    found = json.loads((tmp_path / 'x.json').read_text())
    assert found['met']
    assert found['top1']['agreement'] >= 0.95
    assert found['recognitions']['heard'] > 500
