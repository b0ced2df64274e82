"""The overlay: drawn for whoever looks, with the newest picture of a topic under it."""

from __future__ import annotations

from fake_sensors import BUNDLE
from fake_sensors import Vectors
from fusion_process import Fusion
import numpy as np
from probe import Probe
from rclpy.qos import qos_profile_sensor_data
from ros_process import ros_arguments
from ros_process import RosProcess
from sensor_msgs.msg import Image

from omnibind_ros.conversions.image_writer import encode_image

GREEN = np.full((48, 64, 3), (20, 180, 40), np.uint8)


def test_it_is_drawn_with_the_picture_for_whoever_looks(ros_domain: int) -> None:
    """Nobody listens to pictures before somebody subscribes; a broken one leaves a gap, no more."""
    arguments = ros_arguments(bundle=BUNDLE, overlay_topic='front/image', overlay_rate=20.0)
    with Probe() as probe, RosProcess('fusion', *arguments) as process:
        fusion = Fusion(probe, process, Vectors())
        pictures = probe.publisher(Image, 'front/image', qos_profile_sensor_data)
        fusion.sensor('camera', class_id='bottle').start(20)
        fusion.wait(lambda: len(fusion.recognitions) > 10)
        assert pictures.get_subscription_count() == 0
        overlays = probe.listen(Image, 'overlay')
        picture = encode_image(Image, GREEN)
        fusion.every(0.05, lambda: pictures.publish(picture))
        fusion.wait(lambda: overlays and pixel(overlays[-1]) == (20, 180, 40), 'the green picture')
        one = overlays[-1]
        assert (one.encoding, one.width, one.height) == ('rgb8', 960, 540)
        fusion.wait(lambda: fusion.recognitions[-1].class_ids[0] == 'bottle')
        picture.data = picture.data[:-1]
        process.wait_for_line('front/image refused: data')
        picture.data.append(40)
        overlays.clear()
        fusion.wait(lambda: overlays and pixel(overlays[-1]) == (20, 180, 40))
        assert process.stop() == 0, process.output
        assert 'Traceback' not in process.output, process.output


def test_it_ends_when_nobody_looks_any_more(ros_domain: int) -> None:
    """Pictures are no longer received then."""
    arguments = ros_arguments(bundle=BUNDLE, overlay_topic='front/image')
    with Probe() as probe, RosProcess('fusion', *arguments) as process:
        fusion = Fusion(probe, process, Vectors())
        pictures = probe.publisher(Image, 'front/image', qos_profile_sensor_data)
        with Probe() as viewer:
            overlays = viewer.listen(Image, 'overlay')
            viewer.wait(lambda: overlays, what='an overlay before any sensor is there')
            fusion.wait(pictures.get_subscription_count)
        fusion.wait(lambda: pictures.get_subscription_count() == 0)
        assert process.stop() == 0, process.output


def pixel(message: Image) -> tuple[int, ...]:
    """The colour in the middle of the picture."""
    view = np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)
    return tuple(int(value) for value in view[200, 300])
