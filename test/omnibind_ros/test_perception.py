"""All nodes in one process, and the robot's bag played to them: the shipped bundle over DDS."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
import signal
from types import SimpleNamespace

from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState
from probe import Probe
import pytest
from ros_process import ros_arguments
from ros_process import RosProcess
import yaml

from omnibind.msg import Recognition
from omnibind_ros.perception import _prepared

pytestmark = pytest.mark.usefixtures('ros_domain')

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / 'bundles' / 'omnihome'
BAG = ROOT / 'samples' / 'bag_lite'
REPLAY = ROOT / 'config' / 'replay.yaml'


def perception(file: Path, *more: str) -> RosProcess:
    """The process, in the default namespace."""
    given = ('--ros-args', '--params-file', str(file), '-r', '__ns:=/omnibind')
    return RosProcess('perception', *given, *more)


def sensors_of(recognitions: list[Recognition]) -> set[str]:
    """Who took part in any of them."""
    return {part.sensor for item in recognitions for part in item.contributions}


def robot_file(folder: Path, **blocks: dict[str, object]) -> Path:
    """A parameter file with these blocks."""
    path = folder / 'robot.yaml'
    content = {f'/**/{name}': {'ros__parameters': block} for name, block in blocks.items()}
    path.write_text(yaml.safe_dump(content))
    return path


def test_the_robots_bag_in_one_process() -> None:
    """Several sensors take part, in simulated time; the bag begins again and they still do."""
    with Probe() as probe, perception(REPLAY, '-p', f'bundle:={BUNDLE}') as process:
        recognitions = probe.listen(Recognition, 'recognition')
        process.wait_for_line('[omnibind.fusion]: bundle', timeout=120.0)
        # Seconds 17 to 24 of the bag: five sensors are there, and something to be seen.
        options = ('--rate', '2', '--start', '17', '--duration', '7', '--loop', '--wait', '60')
        with RosProcess('bag_player', str(BAG), *options, '--mute', '/lidar/points') as player:
            probe.wait(
                lambda: sensors_of(recognitions) >= {'camera', 'thermal', 'event_camera'},
                timeout=120.0,
                what='recognitions from several sensors',
            )
            assert 'lidar' not in sensors_of(recognitions)
            stamps = [item.header.stamp.sec for item in recognitions]
            begin = 1_767_225_600
            assert {begin + 15 <= stamp <= begin + 26 for stamp in stamps} == {True}
            before = len(recognitions)
            probe.wait(
                lambda: any(
                    later.header.stamp.sec + 3 < earlier.header.stamp.sec
                    for earlier, later in pairwise(recognitions[before - 1 :])
                ),
                timeout=120.0,
                what='a recognition after the clock jumped back',
            )
            assert player.stop() == 0
        assert process.stop() == 0


def test_a_node_that_fails_stops_no_other(tmp_path: Path) -> None:
    """One cannot be made, one not configured; the third is active, and SIGTERM ends it all."""
    file = robot_file(
        tmp_path,
        unmade={'modality': 'image', 'bundle': str(BUNDLE), 'max_rate': 'fast'},
        unconfigured={'modality': 'image', 'bundle': str(tmp_path / 'nowhere')},
        camera={'modality': 'image', 'bundle': str(BUNDLE), 'topic': '/camera', 'tpic': 1},
    )
    with Probe() as probe, perception(file) as process:
        process.wait_for_line('camera.tpic: got an unknown key', timeout=60.0)
        process.wait_for_line('[unmade]: not started', timeout=60.0)
        process.wait_for_line('configure refused', timeout=60.0)
        process.wait_for_line('image from /camera', timeout=60.0)
        expected = {'camera': State.PRIMARY_STATE_ACTIVE}
        expected['unconfigured'] = State.PRIMARY_STATE_UNCONFIGURED
        for name, state in expected.items():
            answer = probe.call(GetState, f'{name}/get_state', GetState.Request(), timeout=60.0)
            assert answer.current_state.id == state
        assert process.stop(signal.SIGTERM) == 0


def test_an_encoder_killed_and_started_again() -> None:
    """kill -9 of one process: recognitions go on without it, and with it again when it is back."""

    def encoder(name: str, modality: str, topic: str, **more: object) -> RosProcess:
        return RosProcess(
            'encoder',
            *ros_arguments(
                node=name, bundle=BUNDLE, modality=modality, topic=topic, use_sim_time=True, **more
            ),
        )

    def thermal() -> RosProcess:
        return encoder('thermal', 'thermal', '/thermal/image', stamp_offset=-0.025)

    def later(found: list[Recognition], since: int, with_it: bool, many: int) -> Callable[[], bool]:
        def count() -> bool:
            names = [{part.sensor for part in item.contributions} for item in found[since:]]
            return sum(('thermal' in one) == with_it for one in names) >= many

        return count

    options = ('--start', '18', '--duration', '14', '--loop', '--wait', '60')
    chosen = ('--topics', '/camera/image/compressed', '/thermal/image')
    with (
        Probe() as probe,
        encoder('camera', 'image', '/camera/image/compressed', transport='compressed'),
        RosProcess('fusion', *ros_arguments(bundle=BUNDLE, use_sim_time=True)),
        thermal() as first,
        RosProcess('bag_player', str(BAG), *options, *chosen),
    ):
        recognitions = probe.listen(Recognition, 'recognition')
        probe.wait(later(recognitions, 0, True, 3), timeout=120.0, what='both sensors')
        since = len(recognitions)
        assert first.stop(signal.SIGKILL) == -signal.SIGKILL
        probe.wait(later(recognitions, since, False, 10), timeout=120.0, what='one without it')
        since = len(recognitions)
        with thermal() as second:
            probe.wait(later(recognitions, since, True, 3), timeout=120.0, what='both again')
            assert second.stop() == 0


@pytest.mark.parametrize(
    ('arguments', 'code', 'sentence'),
    [
        ((), 1, '--params-file'),
        (('--ros-args', '--params-file', 'nowhere.yaml'), 1, 'nowhere.yaml'),
        (('--ros-args', '--params-file', 'EMPTY'), 1, 'no block that names a node'),
        (('--ros-args', '--params-file', str(REPLAY), '-r', '__node:=a'), 1, 'named by the blocks'),
        (('--ros-args', '--params-file', 'MIXED'), 1, 'Sequence should be of same type'),
        (('--no-such-option',), 2, 'unrecognized arguments'),
    ],
)
def test_bad_command_lines(
    tmp_path: Path, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    """Each ends at once with what is wrong."""
    empty = tmp_path / 'empty.yaml'
    empty.write_text('/**: {ros__parameters: {bundle: b}}\n')
    mixed = tmp_path / 'mixed.yaml'
    mixed.write_text('/**/a: {ros__parameters: {settings: {roi: [1, a]}}}\n')
    files = {'EMPTY': str(empty), 'MIXED': str(mixed)}
    with RosProcess('perception', *(files.get(word, word) for word in arguments)) as process:
        assert process.process.wait(60) == code
        process.wait_for_line(sentence)
        assert 'Traceback' not in process.output


@pytest.mark.parametrize('name', ['encoder', 'fusion', 'bag_player'])
def test_a_wrong_ros_command_line_is_one_sentence(name: str) -> None:
    """Of every executable; rcl may log the same before."""
    with RosProcess(
        name, *(['bag'] if name == 'bag_player' else []), '--ros-args', '-p'
    ) as process:
        assert process.process.wait(60) == 1
        process.wait_for_line('error: ')
        assert 'trailing -p flag' in process.output
        assert 'Traceback' not in process.output


def test_build_only_has_nothing_to_build(tmp_path: Path) -> None:
    """ONNX Runtime runs the model as it is; a bundle that is not there is an error."""
    file = robot_file(tmp_path, camera={'modality': 'image'}, fusion={'top_k': 3})
    given = ('--ros-args', '--params-file', str(file), '-p', 'backend:=onnxruntime', '-p')
    with RosProcess('perception', '--build-only', *given, f'bundle:={BUNDLE}') as process:
        process.wait_for_line('camera: ONNX Runtime (asked for) runs the model as it is')
        assert process.process.wait(60) == 0
    with RosProcess('perception', '--build-only', *given, f'bundle:={tmp_path}') as process:
        process.wait_for_line('camera: ')
        assert process.process.wait(60) == 1


@pytest.mark.parametrize(
    ('backend', 'problems', 'fine', 'said'),
    [
        ('tensorrt', (), True, 'camera: ready for tensorrt (why)'),
        ('tensorrt', ('image: not kept: disk full',), False, 'not prepared: image: not kept'),
        ('onnxruntime', ('image runs on ONNX Runtime: no kernel',), False, 'no kernel'),
        ('onnxruntime', (), True, 'it needs no preparation'),
    ],
)
def test_build_only_fails_where_the_next_start_finds_no_engine(
    backend: str,
    problems: tuple[str, ...],
    fine: bool,
    said: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Though `auto` would run the model."""
    loaded = SimpleNamespace(backend=backend, backend_reason='why', backend_problems=problems)
    assert _prepared('camera', loaded) is fine  # type: ignore[arg-type]
    assert said in ''.join(capfd.readouterr())
