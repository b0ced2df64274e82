"""Which message a modality arrives in."""

from __future__ import annotations

from array import array
import sys

import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from omnibind_core.errors import UnavailableError
from omnibind_ros.sensor_input import sensor_input

pytestmark = pytest.mark.usefixtures('ros_domain')


def test_an_image_becomes_the_modalitys_raw_data() -> None:
    """Colour for a camera, one channel for a thermal camera, whatever the encoding."""
    message = Image(height=1, width=2, encoding='bgr8', step=6)
    message.data = array('B', [1, 2, 3, 4, 5, 6])
    colour = sensor_input('image', 'raw')
    assert colour.message is Image
    np.testing.assert_array_equal(colour.convert(message), [[[3, 2, 1], [6, 5, 4]]])
    counts = Image(height=1, width=2, encoding='mono16', step=4)
    counts.data = array('B', [1, 0, 0, 1])
    np.testing.assert_array_equal(sensor_input('thermal', 'raw').convert(counts), [[1, 256]])


def test_compressed_pictures_have_their_own_message() -> None:
    """By the parameter `transport`."""
    assert sensor_input('image', 'compressed').message is CompressedImage


def test_what_there_is_no_input_for_is_named() -> None:
    """With what there is."""
    with pytest.raises(UnavailableError, match=r'sonar \(raw\).*image \(raw\)'):
        sensor_input('sonar', 'raw')


def test_a_missing_message_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It disables its own modality only; the message says what to install."""
    monkeypatch.setitem(sys.modules, 'sensor_msgs.msg', None)
    with pytest.raises(UnavailableError, match=r'apt install ros-\$ROS_DISTRO-sensor-msgs'):
        sensor_input('image', 'raw')
