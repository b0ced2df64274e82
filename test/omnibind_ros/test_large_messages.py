"""Large best-effort messages arrive through the Fast DDS profile that the package ships."""

from __future__ import annotations

from array import array
import subprocess
import sys

from probe import Probe
import pytest
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

pytestmark = [pytest.mark.usefixtures('ros_domain'), pytest.mark.slow]

COUNT = 150
PUBLISHER = """
from array import array
import sys
import rclpy
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

rclpy.init()
node = rclpy.create_node('big')
publisher = node.create_publisher(Image, 'big', qos_profile_sensor_data)
message = Image(height=720, width=1280, encoding='rgb8', step=3840)
message.data = array('B', bytes(720 * 3840))
sent = 0

def publish():
    global sent
    if publisher.get_subscription_count() and sent < int(sys.argv[1]):
        message.header.stamp.sec = sent
        publisher.publish(message)
        sent += 1

node.create_timer(1 / 30, publish)
try:
    rclpy.spin(node)
except (KeyboardInterrupt, rclpy.executors.ExternalShutdownException):
    node.destroy_node()
"""


def test_720p_best_effort_at_30_hz_arrives() -> None:
    """At least 95 % of 150 pictures of 2.76 MB, published by another process at 30 Hz."""
    with Probe() as probe:
        received = probe.listen(Image, '/big', qos_profile_sensor_data)
        publisher = subprocess.Popen([sys.executable, '-c', PUBLISHER, str(COUNT)])
        try:
            probe.wait(
                lambda: len(received) >= 0.95 * COUNT, timeout=60, what='95 % of the pictures'
            )
        finally:
            publisher.terminate()
            publisher.wait(20)
        assert len(received[0].data) == 720 * 3840
        assert isinstance(received[0].data, array)
        # Each number once and in order: nothing was counted twice.
        numbers = [message.header.stamp.sec for message in received]
        assert numbers == sorted(set(numbers))
