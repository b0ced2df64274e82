"""Which message a modality arrives in."""

from __future__ import annotations

from array import array
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image
from sensor_msgs.msg import PointCloud2

from omnibind_core.errors import UnavailableError
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import SENSOR_NAMES
from omnibind_ros.sensor_input import sensor_input
from omnibind_ros.sensor_input import type_advice
from omnibind_ros.sensor_input import type_name

pytestmark = pytest.mark.usefixtures('ros_domain')


def raw(kind: str, message: Any) -> Any:
    """What a message becomes, with default specification and settings."""
    one = modality(kind)
    source = sensor_input(kind, 'raw').source(one.specification(), one.sensor())
    source.enter(message, 1, arrival=False)
    assembled = source.assemble()
    assert assembled is not None
    return source.convert(assembled.content)


def test_an_image_becomes_the_modalitys_raw_data() -> None:
    """Colour for a camera, one channel for a thermal camera, whatever the encoding."""
    message = Image(height=1, width=2, encoding='bgr8', step=6)
    message.data = array('B', [1, 2, 3, 4, 5, 6])
    assert sensor_input('image', 'raw').message is Image
    np.testing.assert_array_equal(raw('image', message), [[[3, 2, 1], [6, 5, 4]]])
    counts = Image(height=1, width=2, encoding='mono16', step=4)
    counts.data = array('B', [1, 0, 0, 1])
    np.testing.assert_array_equal(raw('thermal', counts), [[1, 256]])


def test_compressed_pictures_have_their_own_message() -> None:
    """By the parameter `transport`."""
    assert sensor_input('image', 'compressed').message is CompressedImage
    assert sensor_input('touch', 'compressed').message is CompressedImage


@pytest.mark.parametrize('kind', SENSOR_NAMES)
def test_every_kind_of_sensor_has_an_input(kind: str) -> None:
    """Rings get a deep queue, all others the newest message only."""
    found = sensor_input(kind, 'raw')
    assert (found.depth > 1) == (kind in ('audio', 'event'))
    assert (found.info is not None) == (kind == 'audio')


def test_what_there_is_no_input_for_is_named() -> None:
    """With what there is."""
    with pytest.raises(UnavailableError, match=r'sonar \(raw\).*image \(raw\)'):
        sensor_input('sonar', 'raw')
    with pytest.raises(UnavailableError, match=r'event \(compressed\).*event \(raw\)'):
        sensor_input('event', 'compressed')


@pytest.mark.parametrize(
    ('kind', 'package', 'named'),
    [
        ('image', 'sensor_msgs', 'sensor-msgs'),
        ('event', 'event_camera_msgs', 'event-camera-msgs'),
        ('audio', 'audio_common_msgs', 'audio-common-msgs'),
    ],
)
def test_a_missing_message_package_is_named(
    monkeypatch: pytest.MonkeyPatch, kind: str, package: str, named: str
) -> None:
    """It disables its own modality only; the message says what to install."""
    monkeypatch.setitem(sys.modules, f'{package}.msg', None)
    with pytest.raises(UnavailableError, match=rf'apt install ros-\$ROS_DISTRO-{named}'):
        sensor_input(kind, 'raw')
    assert sensor_input('point_cloud' if kind != 'image' else 'event', 'raw').message


def test_the_other_audio_package_of_the_same_name_is_recognised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its messages are other ones: installing it helps nobody."""
    other = ModuleType('audio_common_msgs.msg')
    other.__dict__.update(AudioStamped=object, AudioData=object)
    monkeypatch.setitem(sys.modules, 'audio_common_msgs.msg', other)
    with pytest.raises(UnavailableError, match=r'mgonzs13/audio_common .*AudioDataStamped'):
        sensor_input('audio', 'raw')


def test_a_package_of_another_age_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there, but the message is not."""
    monkeypatch.setitem(sys.modules, 'event_camera_msgs.msg', ModuleType('event_camera_msgs.msg'))
    with pytest.raises(UnavailableError, match='event_camera_msgs has no EventPacket'):
        sensor_input('event', 'raw')


def test_types_are_called_as_in_the_graph() -> None:
    """And what to do about the wrong one is said where it is known."""
    assert type_name(PointCloud2) == 'sensor_msgs/msg/PointCloud2'
    assert 'compressed' in type_advice(type_name(Image), type_name(CompressedImage))
    assert 'mgonzs13' in type_advice(
        'audio_common_msgs/msg/AudioDataStamped', 'audio_common_msgs/msg/AudioStamped'
    )
    assert type_advice(type_name(Image), type_name(PointCloud2)) == ''
