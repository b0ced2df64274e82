"""Sensors proposed from a bag's topics."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from omnibind_core.configuration.robot import read_robot
from omnibind_core.data.bag_source import BagTopic
from omnibind_core.errors import ConfigError
from omnibind_ros.bag_evaluation.suggestion import as_yaml
from omnibind_ros.bag_evaluation.suggestion import suggested
from omnibind_ros.bag_evaluation.suggestion import suggested_robot


def topic(name: str, message: str) -> BagTopic:
    """A topic with one message."""
    return BagTopic(name, message, 1, True, False, 1)


TOPICS = [
    topic('/front/camera/image_raw', 'sensor_msgs/msg/Image'),
    topic('/rear/camera/image_raw/compressed', 'sensor_msgs/msg/CompressedImage'),
    topic('/flir/image', 'sensor_msgs/msg/Image'),
    topic('/digit_left/image', 'sensor_msgs/msg/Image'),
    topic('/camera/depth/image', 'sensor_msgs/msg/Image'),
    topic('/ouster/points', 'sensor_msgs/msg/PointCloud2'),
    topic('/dvs/events', 'event_camera_msgs/msg/EventPacket'),
    topic('/mic/audio', 'audio_common_msgs/msg/AudioDataStamped'),
    topic('/mic/audio_info', 'audio_common_msgs/msg/AudioInfo'),
    topic('/tf', 'tf2_msgs/msg/TFMessage'),
]


def test_types_and_names_tell_the_modality() -> None:
    """Depth is none of ours; two cameras get two names."""
    found = suggested(TOPICS)
    assert {name: one['modality'] for name, one in found.items()} == {
        'camera': 'image',
        'camera_2': 'image',
        'flir': 'thermal',
        'digit_left': 'touch',
        'ouster': 'point_cloud',
        'dvs': 'event',
        'mic': 'audio',
    }
    assert found['camera_2']['transport'] == 'compressed'
    assert found['mic']['info_topic'] == '/mic/audio_info'


def test_the_proposal_is_a_parameter_file(tmp_path: Path) -> None:
    """The nodes' own reader takes it, and finds the same sensors."""
    path = tmp_path / 'robot.yaml'
    path.write_text(as_yaml(suggested(TOPICS), 'bundles/mine'))
    assert yaml.safe_load(path.read_text())['/**']['ros__parameters']['bundle'] == 'bundles/mine'
    assert read_robot(path).encoders == suggested_robot(TOPICS, 'bundles/mine').encoders


def test_nothing_to_propose() -> None:
    """One sentence."""
    with pytest.raises(ConfigError, match='none that a sensor sends'):
        suggested_robot([topic('/tf', 'tf2_msgs/msg/TFMessage')], 'bundle')


def test_strange_names() -> None:
    """They become names of nodes; `fusion` is taken."""
    found = suggested(
        [topic(name, 'sensor_msgs/msg/Image') for name in ('/3d', '/fusion/image', '/image')]
    )
    assert list(found) == ['sensor_3d', 'fusion_2', 'image']
