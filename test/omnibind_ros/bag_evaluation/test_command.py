"""`omnibind evaluate bag` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path
import subprocess
import sys

import pytest
from scored_bag import robot_file
from scored_bag import scored_bag
import tiny_bundle

from omnibind_core.cli.main import main
from omnibind_core.evaluation.bag.document import without_timings

pytest.importorskip('rosbags')
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope='module')
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a bundle, a robot, a bag, and one that is broken."""
    folder = tmp_path_factory.mktemp('command')
    tiny_bundle.make(folder / 'bundle')
    robot_file(folder, folder / 'bundle')
    scored_bag(folder / 'bag', seconds=1.0)
    (folder / 'broken').mkdir()
    return folder


def test_figures_and_summary(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON with what was asked for, and lines for people; the bundle is the parameter file's."""
    out = made / 'one.json'
    words = ['evaluate', 'bag', str(made / 'bag'), '--robot', str(made / 'robot.yaml')]
    assert main([*words, '--json', str(out), '--workers', '1']) == 0
    document = json.loads(out.read_text())
    assert set(document) >= {'top1', 'per_subset', 'latency_ms', 'realtime_factor', 'bags'}
    assert set(document['per_subset']) == {'camera', 'thermal', 'camera+thermal'}
    assert document['bags'][0]['bag'] == 'bag'
    assert '3 subsets of the sensors' in capsys.readouterr().out


@pytest.mark.parametrize('count', [1, 2])
def test_processes_change_no_figure(made: Path, count: int) -> None:
    """One bag spread over two processes, and two bags on one each: as one after the other."""
    found = []
    for workers in (1, 2):
        out = made / f'{count}_bags_{workers}_workers.json'
        words = ['evaluate', 'bag', *[str(made / 'bag')] * count, '--json', str(out)]
        assert main([*words, '--bundle', str(made / 'bundle'), '--workers', str(workers)]) == 0
        found.append(without_timings(json.loads(out.read_text())))
    assert found[0] == found[1]
    assert len(found[0]['bags']) == count
    assert ('all_against_one' in found[0]) == (count == 2)


def test_a_small_summary(made: Path) -> None:
    """Of all bags the same figures, of each only a few, and none that another run would change."""
    words = ['evaluate', 'bag', str(made / 'bag'), str(made / 'bag'), '--workers', '1']
    words += ['--bundle', str(made / 'bundle'), '--json', str(made / 'whole.json')]
    assert main([*words, '--summary', str(made / 'small.json')]) == 0
    whole, small = (json.loads((made / f'{name}.json').read_text()) for name in ('whole', 'small'))
    assert small['per_subset'] == whole['per_subset']
    assert small['all_against_one'] == whole['all_against_one']
    assert 'timings' not in small and 'realtime_factor' not in small
    one = small['bags'][0]
    assert one['top1'] == whole['bags'][0]['top1']
    assert set(one['time_top1']) == {'camera', 'thermal', 'camera+thermal'}
    assert 'confusion' not in one


def test_a_bad_bag_does_not_spoil_a_good_one(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its sentence comes, the other one's figures too, and the exit code tells."""
    out = made / 'two.json'
    words = ['evaluate', 'bag', str(made / 'bag'), str(made / 'broken'), '--workers', '1']
    words += ['--bundle', str(made / 'bundle'), '--no-subsets', '--json', str(out)]
    assert main(words) == 1
    captured = capsys.readouterr()
    assert captured.err.count('warning: ') == 1
    assert 'warning: broken: ' in captured.err
    document = json.loads(out.read_text())
    assert [one['evaluated'] for one in document['bags']] == [True, False]
    assert document['bags_evaluated'] == 1


def test_a_proposal(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is evaluated."""
    assert main(['evaluate', 'bag', str(made / 'bag'), '--suggest']) == 0
    text = capsys.readouterr().out
    assert 'modality: thermal' in text
    path = made / 'proposed.yaml'
    path.write_text(text)
    assert main(['check-config', str(path)]) == 0


def test_a_wrong_command_line(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All problems at once."""
    (made / 'there.json').write_text('')
    words = ['evaluate', 'bag', str(made / 'bag'), '--bundle', str(made / 'bundle')]
    words += ['--encode-delay', 'camera=fast', '--workers', '-1']
    words += ['--json', str(made / 'there.json'), '--html', str(made / 'no' / 'such.html')]
    assert main(words) == 1
    text = capsys.readouterr().err
    for part in ('--encode-delay', '--workers', 'which exists', 'a folder that exists'):
        assert part in text
    assert main(words[:3]) == 1
    assert '--bundle: missing' in capsys.readouterr().err
    words = [*words[:3], '--robot', str(made / 'robot.yaml'), '--encode-delay', 'sonar=1']
    assert main(words) == 1
    assert 'no sensor sonar' in capsys.readouterr().err


def test_a_note_is_an_error_when_strict(made: Path) -> None:
    """Without a truth nothing is wrong with the bag, but something is missing."""
    bag = scored_bag(made / 'untold', seconds=0.5, truth=())
    words = ['evaluate', 'bag', str(bag), '--bundle', str(made / 'bundle'), '--workers', '1']
    assert main(words) == 0
    assert main([*words, '--strict']) == 1


def test_no_ros_is_imported() -> None:
    """Neither rclpy nor a message package nor torch, whatever of the evaluation is imported."""
    program = (
        'import sys\n'
        'import omnibind_ros.bag_evaluation.command, omnibind_ros.bag_evaluation.evaluate\n'
        "for kind in ('image', 'event', 'audio', 'touch', 'point_cloud'):\n"
        '    omnibind_ros.bag_evaluation.encoding.sensor_source(kind, "raw")\n'
        "roots = {name.split('.')[0] for name in sys.modules}\n"
        "print(*sorted(roots & {'rclpy', 'sensor_msgs', 'omnibind', 'torch', 'matplotlib'}))"
    )
    done = subprocess.run(
        [sys.executable, '-c', program], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.strip() == ''


@pytest.mark.slow
def test_the_shipped_bag_twice(tmp_path: Path) -> None:
    """Two runs are the same but for what was measured with a clock."""
    found = []
    for number in (1, 2):
        out = tmp_path / f'{number}.json'
        words = ['evaluate', 'bag', str(ROOT / 'samples' / 'bag_lite'), '--json', str(out)]
        words += ['--robot', str(ROOT / 'config' / 'replay.yaml')]
        assert main([*words, '--bundle', str(ROOT / 'bundles' / 'omnihome')]) == 0
        document = json.loads(out.read_text())
        assert document['realtime_factor'] > 0.0
        found.append(json.dumps(without_timings(document)))
    assert found[0] == found[1]


@pytest.mark.slow
def test_the_shipped_bag(tmp_path: Path) -> None:
    """In processes, with pictures: every subset is measured, and the report is there."""
    words = ['evaluate', 'bag', str(ROOT / 'samples' / 'bag_lite')]
    words += ['--robot', str(ROOT / 'config' / 'replay.yaml')]
    words += ['--bundle', str(ROOT / 'bundles' / 'omnihome')]
    for name in ('json', 'html', 'png'):
        words += [f'--{name}', str(tmp_path / f'report.{name}')]
    assert main(words) == 0
    document = json.loads((tmp_path / 'report.json').read_text())
    assert document['simulated']
    assert document['problems'] == []
    assert len(document['per_subset']) == 63
    bag = document['bags'][0]
    assert sum(map(sum, bag['confusion']['counts'])) == bag['recognitions'] > 500
    assert document['latency_ms']['total']['p99'] < 1000.0
    assert 'simulated' in (tmp_path / 'report.html').read_text()
    assert (tmp_path / 'report.png').stat().st_size > 10_000
