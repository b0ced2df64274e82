"""The recipe of docs/new_modality.md, from end to end, in a copy of the project.

The files that the page shows are added, the two lines are applied, and nothing else is touched:
plain data, teacher, student, fusion, bundle, recogniser, and live nodes over DDS.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
import re
import subprocess
import sys
from types import SimpleNamespace

import modality_tree
from noise_pictures import noise_picture
import numpy as np
import own_data
from probe import Probe
import pytest
from rclpy.qos import qos_profile_sensor_data
from ros_process import ros_arguments
from ros_process import RosProcess
from sensor_msgs.msg import Image
from sensor_msgs.msg import LaserScan

from omnibind.msg import Contribution
from omnibind.msg import Recognition

SUPPORT = modality_tree.ROOT / 'test' / 'support'
PAGE = modality_tree.ROOT / 'docs' / 'new_modality.md'


@pytest.fixture(scope='module')
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the modality added."""
    return modality_tree.make(tmp_path_factory.mktemp('project'))


@pytest.fixture(scope='module')
def quick(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student that has hardly learnt anything, and a bundle of it."""
    for package in ('torch', 'lightning'):
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp('quick')
    python(tree, str(SUPPORT / 'own_data_steps.py'), str(folder), 'quick')
    return folder


@pytest.fixture(scope='module')
def trained(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs and bundle of a thermal camera and a laser scanner, from plain files."""
    for package in ('torch', 'lightning', 'transformers'):
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp('trained')
    program = str(SUPPORT / 'own_data_steps.py')
    python(tree, program, str(folder), 'thermal', 'laser_scan')
    return folder


def python(tree: Path, *words: str) -> str:
    """What a Python program says that sees the copy; fails with its errors."""
    environment = {**os.environ, **modality_tree.environment(tree)}
    environment['PYTHONPATH'] += f'{os.pathsep}{SUPPORT}'
    done = subprocess.run(
        [sys.executable, *words],
        cwd=tree,  # the first place where Python looks, with -m
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def blocks(language: str) -> list[str]:
    """The page's blocks of a language."""
    return re.findall(rf'```{language}\n(.*?)```', PAGE.read_text(), re.DOTALL)


def test_the_page_shows_the_very_files() -> None:
    """All of them, in order, and the two lines."""
    added = modality_tree.ADDED
    assert blocks('python') == [(added / name).read_text() for name in modality_tree.FILES]
    assert blocks('diff') == [(added / modality_tree.REGISTRATION).read_text()]
    assert blocks('yaml') == [(added / modality_tree.ROBOT).read_text()]
    assert [name for name in modality_tree.FILES if f'`{name}`' not in PAGE.read_text()] == []
    shown = {path.relative_to(added).as_posix() for path in added.rglob('*') if path.is_file()}
    shown = {name for name in shown if '__pycache__' not in name}
    assert shown == {*modality_tree.FILES, modality_tree.REGISTRATION, modality_tree.ROBOT}


def test_the_robots_file_is_checked_and_explained(tree: Path, tmp_path: Path) -> None:
    """Its settings are known, and wrong ones are named; nothing heavy is imported for it."""
    robot = tmp_path / 'robot.yaml'
    text = (modality_tree.ADDED / modality_tree.ROBOT).read_text()
    common = '/**:\n  ros__parameters:\n    bundle: /opt/bundle\n'
    robot.write_text(common + text)
    command = ('-m', 'omnibind_core.cli.main', 'check-config')
    assert 'scanner' in python(tree, *command, str(robot))
    explained = python(tree, *command, '--explain')
    assert 'Nearer returns are left out' in explained
    assert "'laser_scan'" in explained
    robot.write_text(common + text.replace('range_min', 'rnge_min'))
    with pytest.raises(AssertionError, match=r'scanner\.settings\.rnge_min.*range_min'):
        python(tree, *command, str(robot))


def test_bags_data_and_arrays_need_no_more(tree: Path) -> None:
    """Its topic is proposed for bags; a raw reading becomes a file and is read back."""
    python(
        tree,
        '-c',
        """
from types import SimpleNamespace

import numpy as np

from omnibind_core.data.codec import decode
from omnibind_core.data.codec import encode
from omnibind_core.data.codec import SUFFIXES
from omnibind_core.data.simple_features import simple_features
from omnibind_core.evaluation.corruption.registry import corruptions
from omnibind_core.simulation.sensor_table import settings_classes
from omnibind_ros.bag_evaluation.suggestion import suggested

topic = SimpleNamespace(name='/front/scan', message='sensor_msgs/msg/LaserScan')
assert suggested([topic]) == {'scan': {'modality': 'laser_scan', 'topic': '/front/scan'}}
scan = np.array([1.5, np.inf, 2.0], np.float32)
(content,) = encode('laser_scan', scan)
assert np.array_equal(decode('laser_scan', [content]), scan)
assert SUFFIXES['laser_scan'] == ('laser_scan.npz',)
prepared = np.arange(128, dtype=np.float32)[None]
assert simple_features('laser_scan', prepared).shape == (96,)
assert corruptions('laser_scan') == {}
assert 'laser_scan' not in settings_classes()
""",
    )


def test_a_student_is_trained_and_exported(quick: Path) -> None:
    """Not for long: the encoder is there, and the recogniser of its bundle takes a scan."""
    bundle = json.loads((quick / 'bundle' / 'bundle.json').read_text())
    assert set(bundle['modalities']) == {'laser_scan'}
    found = json.loads((quick / 'recognised.json').read_text())
    assert [one['weights'] for one in found] == [{'laser_scan': 1.0}] * len(own_data.CLASSES)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_from_plain_files_to_a_recognition(trained: Path) -> None:
    """The student has learnt where things stand; the bundle's recogniser tells by scans alone."""
    student = json.loads((trained / 'cad' / 'laser_scan' / 'encoder.json').read_text())
    assert student['training']['val_top1'] > 0.9  # by chance 0.25
    bundle = json.loads((trained / 'bundle' / 'bundle.json').read_text())
    assert set(bundle['modalities']) == {'thermal', 'laser_scan'}
    found = json.loads((trained / 'recognised.json').read_text())
    assert [one['label'] for one in found] == list(own_data.CLASSES)
    assert sum(one['found'] == one['label'] for one in found) >= 3
    assert all(one['weights'] == {'laser_scan': 1.0} for one in found)
    assert json.loads((trained / 'subsets.json').read_text())
    assert 'Laser scan' in (trained / 'subsets.html').read_text()


def laser_scan(number: int, stamp: int) -> LaserScan:
    """A scan of a class as a driver sends it."""
    scan = own_data.scan(number, np.random.default_rng(stamp % 2**32))
    message = LaserScan(angle_increment=0.017, range_min=0.1, range_max=30.0)
    message.ranges = scan.tolist()
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp, 10**9)
    return message


@pytest.mark.usefixtures('ros_domain')
def test_a_live_encoder_contributes(tree: Path, quick: Path) -> None:
    """Encoder and fusion as processes of their own, over DDS; a scan without returns is nothing."""
    environment = dict(modality_tree.environment(tree))
    bundle = quick / 'bundle'
    words = ros_arguments(node='scanner', bundle=bundle, modality='laser_scan', topic='/scan')
    fusing = ros_arguments(node='fusion', bundle=bundle)
    with (
        Probe() as probe,
        RosProcess('encoder', *words, env=environment) as scanner,
        RosProcess('fusion', *fusing, env=environment) as fusion,
    ):
        recognitions = probe.listen(Recognition, 'recognition')
        publisher = probe.publisher(LaserScan, '/scan', qos_profile_sensor_data)
        clock = probe.node.get_clock()
        empty = False

        def publish() -> None:
            message = laser_scan(0, clock.now().nanoseconds)
            if empty:
                message.ranges = [float('inf')] * len(message.ranges)
            publisher.publish(message)

        def parts() -> list[Contribution]:
            return [part for one in recognitions for part in one.contributions]

        probe.every(0.1, publish)
        try:
            probe.wait(lambda: any(part.weight == 1.0 for part in parts()), 60.0, 'a contribution')
            assert {(part.sensor, part.modality) for part in parts()} == {('scanner', 'laser_scan')}
            empty = True
            probe.wait(lambda: any(not part.informative for part in parts()), 60.0, 'nothing seen')
        except AssertionError as error:
            raise AssertionError(f'{error}\n{scanner.output}\n{fusion.output}') from None
        for process in (scanner, fusion):
            assert process.stop() == 0, process.output


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures('ros_domain')
def test_live_nodes_recognise_with_it(tree: Path, trained: Path) -> None:
    """Encoders and fusion as processes of their own; both sensors take part, and the scan tells."""
    environment = dict(modality_tree.environment(tree))
    bundle = trained / 'bundle'

    def start(name: str, **parameters: object) -> RosProcess:
        executable = 'fusion' if name == 'fusion' else 'encoder'
        words = ros_arguments(node=name, bundle=bundle, **parameters)
        return RosProcess(executable, *words, env=environment)

    seen = SimpleNamespace(recognitions=[])
    with (
        Probe() as probe,
        start('scanner', modality='laser_scan', topic='/scan', settings__range_min=0.1) as scanner,
        start('thermal', modality='thermal', topic='/thermal') as thermal,
        start('fusion', top_k=4) as fusion,
    ):
        seen.recognitions = probe.listen(Recognition, 'recognition')
        scans = probe.publisher(LaserScan, '/scan', qos_profile_sensor_data)
        pictures = probe.publisher(Image, '/thermal', qos_profile_sensor_data)
        clock = probe.node.get_clock()
        door = own_data.CLASSES.index('door')

        def publish() -> None:
            now = clock.now().nanoseconds
            scans.publish(laser_scan(door, now))
            pictures.publish(noise_picture(now))

        probe.every(0.1, publish)

        def fused() -> bool:
            return any(len(one.contributions) == 2 for one in seen.recognitions)

        try:
            probe.wait(fused, 90.0, 'a recognition that both sensors took part in')
        except AssertionError as error:
            said = '\n'.join(one.output for one in (scanner, thermal, fusion))
            raise AssertionError(f'{error}\n{said}') from None
        found = next(one for one in seen.recognitions if len(one.contributions) == 2)
        shares = {part.modality: part for part in found.contributions}
        assert set(shares) == {'laser_scan', 'thermal'}
        assert shares['laser_scan'].sensor == 'scanner'
        assert shares['laser_scan'].informative
        assert shares['laser_scan'].weight > 0.0
        assert shares['laser_scan'].class_id == 'door'
        assert sum(part.weight for part in found.contributions) == pytest.approx(1.0, abs=1e-3)
        for process in (scanner, thermal, fusion):
            assert process.stop() == 0, process.output
