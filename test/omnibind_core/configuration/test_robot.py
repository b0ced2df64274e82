"""A robot's parameter file: the shipped one is valid, and mistakes are named by sensor and key."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from omnibind_core.configuration.parameters import EncoderParameters
from omnibind_core.configuration.robot import node_names
from omnibind_core.configuration.robot import read_robot
from omnibind_core.configuration.robot import topics_of
from omnibind_core.errors import ConfigError
from omnibind_core.modalities.registry import SENSOR_NAMES

ROOT = Path(__file__).resolve().parents[3]


def write(folder: Path, text: str) -> Path:
    """A robot file with this text."""
    path = folder / 'robot.yaml'
    path.write_text(text)
    return path


GOOD = """
/**:
  ros__parameters: {bundle: /models/home, use_sim_time: true}
/**/camera:
  ros__parameters:
    modality: image
    topic: /front/image
    settings.roi: [0, 0, 320, 240]
    qos_overrides: {/front/image: {subscription: {depth: 2}}}
/**/heat:
  ros__parameters: {modality: thermal, settings: {mode: percentile}}
/**/fusion:
  ros__parameters: {window: 0.1}
"""


def test_the_shipped_file_is_valid() -> None:
    """`config/robot.yaml` is the documentation; it must hold."""
    robot = read_robot(ROOT / 'config' / 'robot.yaml')
    assert robot.encoders
    assert robot.fusion is not None


def test_blocks_become_encoders_and_fusion(tmp_path: Path) -> None:
    """Shared values reach all nodes, dotted and nested names are the same, ROS's own are left."""
    robot = read_robot(write(tmp_path, GOOD))
    assert [encoder.name for encoder in robot.encoders] == ['camera', 'heat']
    camera, heat = robot.encoders
    assert camera.parameters.bundle == heat.parameters.bundle == '/models/home'
    assert camera.settings.roi == (0, 0, 320, 240)
    assert heat.settings.mode == 'percentile'
    assert robot.fusion is not None
    assert robot.fusion.window == pytest.approx(0.1)
    assert robot.fusion.bundle == '/models/home'


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('', r'\(file\)'),
        ('[1, 2]', r'\(file\)'),
        ('/**/camera: {modality: image}', 'ros__parameters'),
        ('/**/camera: {ros__parameters: {topic: a, bundle: b}}', 'camera.modality: missing'),
        (
            '/**/camera: {ros__parameters: {modality: sonar, bundle: b}}',
            r"camera.modality: got 'sonar'; allowed: 'image'",
        ),
        (
            '/**/camera: {ros__parameters: {modality: image, bundle: b, max_rte: 3}}',
            r'camera.max_rte: got an unknown key; allowed: max_rate \(nearest\)',
        ),
        (
            '/**/camera: {ros__parameters: {modality: image, bundle: b, settings: {mode: 1}}}',
            'camera.settings.mode: got an unknown key',
        ),
        ('/**/camera: {ros__parameters: {modality: image}}', 'camera.bundle: missing'),
        ('/**/fusion: {ros__parameters: {bundle: b, window: -1.0}}', 'fusion.window: got -1.0'),
        ('/**/9cam: {ros__parameters: {modality: image, bundle: b}}', 'node name'),
        (
            '/a/cam: {ros__parameters: {modality: image, bundle: b}}\n'
            '/b/cam: {ros__parameters: {modality: image, bundle: b}}',
            'second block named cam',
        ),
        (
            '/**: {ros__parameters: {bundel: b}}\n'
            '/**/cam: {ros__parameters: {modality: image, bundle: b}}',
            r'/\*\*.bundel: got an unknown key',
        ),
        (
            '/**/cam: {ros__parameters: {modality: image, bundle: b, a.b: 1, a: 2}}',
            'given twice|unknown key',
        ),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, expected: str) -> None:
    """Each with the sensor's name and the key."""
    with pytest.raises(ConfigError, match=expected):
        read_robot(write(tmp_path, text))


def test_all_mistakes_of_all_blocks_come_at_once(tmp_path: Path) -> None:
    """Three nodes with one mistake each: three problems."""
    text = """
/**/a: {ros__parameters: {modality: image, bundle: b, max_rate: -1.0}}
/**/b: {ros__parameters: {modality: thermal, bundle: b, settings: {mode: psychic}}}
/**/fusion: {ros__parameters: {bundle: b, top_k: 0}}
"""
    with pytest.raises(ConfigError) as caught:
        read_robot(write(tmp_path, text))
    assert {problem.key for problem in caught.value.problems} == {
        'a.max_rate',
        'b.settings.mode',
        'fusion.top_k',
    }


def test_a_bundle_given_from_outside_takes_precedence(tmp_path: Path) -> None:
    """Over the shared one and a node's own; then the file need not name any."""
    text = """
/**/a: {ros__parameters: {modality: image, topic: x}}
/**/b: {ros__parameters: {modality: image, topic: y, bundle: own}}
/**/fusion: {ros__parameters: {top_k: 2}}
"""
    robot = read_robot(write(tmp_path, text), bundle='/given')
    assert robot.fusion is not None
    found = [encoder.parameters.bundle for encoder in robot.encoders]
    assert [*found, robot.fusion.bundle] == ['/given'] * 3


@pytest.mark.parametrize(
    ('key', 'namespace', 'reached'),
    [
        ('/**/cam', 'omnibind', True),
        ('/**/cam', '/a/b', True),
        ('/omnibind/cam', 'omnibind', True),
        ('/omnibind/cam', '/omnibind/', True),
        ('/*/cam', 'omnibind', True),
        ('/*/cam', '/a/b', False),
        ('/omnibind/cam', 'robot', False),
        ('cam', 'omnibind', False),
        ('cam', '', True),
        ('/cam', '/', True),
        ('/**/cam', '', True),
    ],
)
def test_a_block_must_mean_a_node_of_the_namespace(
    tmp_path: Path, key: str, namespace: str, reached: bool
) -> None:
    """ROS would start the node without its parameters and say nothing."""
    path = write(tmp_path, f'{key}: {{ros__parameters: {{modality: image, bundle: b}}}}')
    assert read_robot(path).encoders[0].name == 'cam'
    if reached:
        read_robot(path, namespace=namespace)
    else:
        with pytest.raises(ConfigError, match=r'does not mean .*; allowed: /\*\*/cam'):
            read_robot(path, namespace=namespace)


def test_two_sensors_on_one_topic(tmp_path: Path) -> None:
    """A slip, unless they look at different parts of it."""
    text = """
/**: {ros__parameters: {bundle: b}}
/**/left: {ros__parameters: {modality: image, topic: /stereo, settings: {roi: [0, 0, 9, 9]}}}
/**/right: {ros__parameters: {modality: image, topic: /stereo, settings: {roi: [9, 0, 9, 9]}}}
"""
    assert len(read_robot(write(tmp_path, text)).encoders) == 2
    with pytest.raises(ConfigError, match=r"right.topic: got '/stereo', which left reads already"):
        read_robot(write(tmp_path, text.replace('[9, 0, 9, 9]', '[0, 0, 9, 9]')))


def test_node_names_of_several_files(tmp_path: Path) -> None:
    """In order, each once; what is in the blocks does not matter."""
    first, second = tmp_path / 'a.yaml', tmp_path / 'b.yaml'
    first.write_text('/**: {}\n/**/camera: {ros__parameters: {modality: 7}}\n/**/fusion: {}\n')
    second.write_text('/**: {}\n/omnibind/camera: {}\n/**/heat: {}\n')
    assert node_names([first, second]) == ('camera', 'fusion', 'heat')
    second.write_text('/**: {ros__parameters: {bundle: b}}\n')
    with pytest.raises(ConfigError, match='no block that names a node'):
        node_names([second])
    second.write_text('/**/9: {}\n')
    with pytest.raises(ConfigError, match='got 9'):
        node_names([second])


def test_sensors_into_topics(tmp_path: Path) -> None:
    """Names, topics, and what is neither."""
    robot = read_robot(write(tmp_path, GOOD))
    assert topics_of(robot, ['camera', '/other']) == ('/front/image', '/other')
    with pytest.raises(ConfigError, match='lidar: got no sensor of this name; allowed: a topic'):
        topics_of(robot, ['lidar'])


def test_the_replays_file_fits_the_shipped_bag() -> None:
    """Every sensor of the bag, with its type of message."""
    bag = yaml.safe_load((ROOT / 'samples' / 'bag_lite' / 'metadata.yaml').read_text())
    topics = {
        item['topic_metadata']['name']: item['topic_metadata']['type']
        for item in bag['rosbag2_bagfile_information']['topics_with_message_count']
    }
    robot = read_robot(ROOT / 'config' / 'replay.yaml')
    assert len(robot.encoders) == 6
    for encoder in robot.encoders:
        parameters = encoder.parameters
        kind = topics.pop(parameters.topic)
        assert kind.endswith('CompressedImage') == (parameters.transport == 'compressed')
        if parameters.info_topic:
            assert topics.pop(parameters.info_topic) == 'audio_common_msgs/msg/AudioInfo'
    assert set(topics) == {'/truth'}


def test_the_examples_are_complete() -> None:
    """All six kinds of sensors, each parameter's comment beside it."""
    robot = read_robot(ROOT / 'config' / 'robot.yaml')
    assert {encoder.parameters.modality for encoder in robot.encoders} == set(SENSOR_NAMES)
    lines = (ROOT / 'config' / 'robot.yaml').read_text().splitlines()
    seen: set[str] = set()
    for above, line in pairwise(lines):
        name = line.strip().partition(':')[0]
        if line.strip().startswith(('#', '/')) or not name or name in seen:
            continue
        if name in ('ros__parameters', 'settings'):
            continue
        seen.add(name)
        commented = above.strip().startswith('#')
        assert commented or name in ('modality', 'topic', 'max_rate'), line
    defaults = read_robot(ROOT / 'config' / 'robot.yaml').encoders[0].parameters
    assert defaults.max_rate == EncoderParameters(modality='image', bundle='b').max_rate
