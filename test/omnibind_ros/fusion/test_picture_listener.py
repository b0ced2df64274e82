"""Pictures are heard as long as they are wanted, again and again, by one node."""

from __future__ import annotations

from probe import Probe
import pytest
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

from omnibind_ros.picture_listener import PictureListener

pytestmark = pytest.mark.usefixtures('ros_domain')


def test_viewers_that_come_and_go(capfd: pytest.CaptureFixture[str]) -> None:
    """Also faster than the thread ends: it is one node all along, and rcl has nothing to say."""
    with Probe() as probe:
        publisher = probe.publisher(Image, 'picture', qos_profile_sensor_data)
        listener = PictureListener(probe.node, Image, '/omnibind/picture')

        def nodes() -> int:
            return probe.node.get_node_names().count('probe_pictures')

        picture = Image(width=1)
        probe.every(0.02, lambda: publisher.publish(picture))
        for width in (1, 2, 3):
            picture.width = width
            for _ in range(5):
                listener.start()
                listener.stop()
            assert listener.newest is None
            listener.start()
            probe.every(0.01, lambda: probe.notice(None))
            probe.wait(lambda width=width: listener.newest and listener.newest.width == width)
            assert nodes() == 1
        listener.stop()
        probe.wait(lambda: publisher.get_subscription_count() == 0)
        listener.destroy()
        probe.wait(lambda: nodes() == 0)
    assert 'already registered' not in capfd.readouterr().err
