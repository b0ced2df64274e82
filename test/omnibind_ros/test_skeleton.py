"""From a sensor's message to a recognition, over DDS, each node a process of its own."""

from __future__ import annotations

from array import array
from pathlib import Path
import signal
from typing import Any

from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState
import numpy as np
from probe import Probe
import pytest
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from ros_process import ros_arguments
from ros_process import RosProcess
from sensor_msgs.msg import Image

from omnibind.msg import Embedding
from omnibind.msg import Labels
from omnibind.msg import Recognition
from omnibind_ros.qos import EMBEDDINGS_QOS
from omnibind_ros.qos import LATCHED_QOS

pytestmark = pytest.mark.usefixtures('ros_domain')


def picture(probe: Probe, encoding: str, *, seed: int) -> Image:
    """A 64 x 48 picture of noise, stamped now."""
    random = np.random.default_rng(seed)
    size = {'rgb8': 3, 'mono16': 2}[encoding]
    message = Image(height=48, width=64, encoding=encoding, step=64 * size)
    message.header.stamp = probe.node.get_clock().now().to_msg()
    message.header.frame_id = 'optical'
    message.data = array('B', random.integers(0, 256, 48 * 64 * size, dtype=np.uint8).tobytes())
    return message


def encoder(node: str, bundle: Path, **parameters: Any) -> RosProcess:
    """An encoder process under the default namespace."""
    return RosProcess('encoder', *ros_arguments(node=node, bundle=bundle, **parameters))


def test_picture_to_recognition_in_three_processes_that_end_cleanly(random_bundle: Path) -> None:
    """Two encoders and the fusion: both sensors take part, and SIGINT ends each with 0."""
    with (
        Probe() as probe,
        encoder('camera', random_bundle, modality='image', topic='rgb', max_rate=0.0) as camera,
        encoder('heat', random_bundle, modality='thermal', topic='ir', max_rate=0.0) as heat,
        RosProcess('fusion', *ros_arguments(bundle=random_bundle)) as fusion,
    ):
        embeddings = probe.listen(Embedding, 'embeddings', EMBEDDINGS_QOS)
        recognitions = probe.listen(Recognition, 'recognition')
        labels = probe.listen(Labels, 'labels', LATCHED_QOS)
        rgb = probe.publisher(Image, 'rgb', qos_profile_sensor_data)
        infrared = probe.publisher(Image, 'ir', qos_profile_sensor_data)
        probe.wait(lambda: rgb.get_subscription_count() and infrared.get_subscription_count())

        def publish() -> None:
            now = picture(probe, 'rgb8', seed=1)
            rgb.publish(now)
            warm = picture(probe, 'mono16', seed=2)
            warm.header.stamp = now.header.stamp
            infrared.publish(warm)

        probe.every(0.1, publish)
        probe.wait(
            lambda: any(len(item.contributions) == 2 for item in recognitions),
            what='a recognition from both sensors',
        )
        both = next(item for item in recognitions if len(item.contributions) == 2)
        assert {part.sensor for part in both.contributions} == {'camera', 'heat'}
        assert {part.modality for part in both.contributions} == {'image', 'thermal'}
        assert sum(part.weight for part in both.contributions) == pytest.approx(1.0, abs=1e-6)
        assert list(both.scores) == sorted(both.scores, reverse=True)
        assert sum(both.scores) == pytest.approx(1.0, abs=1e-5)
        probe.wait(lambda: labels, what='the latched labels')
        assert both.labels_id == labels[0].labels_id
        assert set(both.class_ids) == set(labels[0].class_ids)
        one = next(item for item in embeddings if item.sensor == 'camera')
        assert np.linalg.norm(one.vector) == pytest.approx(1.0, abs=1e-5)
        assert one.header.frame_id == 'optical'
        assert one.space == both.space
        for process in (camera, heat, fusion):
            assert process.stop(signal.SIGINT) == 0, process.output
            assert 'Traceback' not in process.output


def test_malformed_pictures_are_refused_and_the_next_goes_on(random_bundle: Path) -> None:
    """A truncated picture and an unknown encoding are refused by name; the good one is encoded."""
    with (
        Probe() as probe,
        encoder('camera', random_bundle, modality='image', topic='rgb', max_rate=0.0) as camera,
    ):
        embeddings = probe.listen(Embedding, 'embeddings', EMBEDDINGS_QOS)
        rgb = probe.publisher(Image, 'rgb', qos_profile_sensor_data)
        probe.wait(rgb.get_subscription_count)
        good = picture(probe, 'rgb8', seed=1)
        truncated = picture(probe, 'rgb8', seed=1)
        truncated.data = truncated.data[:-1]
        impossible = picture(probe, 'rgb8', seed=1)
        impossible.header.stamp.nanosec = 4_000_000_000
        for bad, field in ((truncated, 'data'), (impossible, 'stamp.nanosec')):
            timer = probe.every(0.05, lambda message=bad: rgb.publish(message))
            camera.wait_for_line(f'message refused: {field}')
            timer.cancel()
        probe.every(0.05, lambda: rgb.publish(good))
        probe.wait(lambda: embeddings, what='an embedding after the malformed ones')
        assert camera.stop() == 0


def test_encoding_the_same_picture_twice_gives_the_same_vector(random_bundle: Path) -> None:
    """Nothing of the graph's timing leaks into the embedding."""
    with (
        Probe() as probe,
        encoder('camera', random_bundle, modality='image', topic='rgb', max_rate=0.0),
    ):
        embeddings = probe.listen(Embedding, 'embeddings', EMBEDDINGS_QOS)
        rgb = probe.publisher(Image, 'rgb', qos_profile_sensor_data)
        probe.wait(rgb.get_subscription_count)
        probe.every(0.05, lambda: rgb.publish(picture(probe, 'rgb8', seed=3)))
        probe.wait(lambda: len(embeddings) >= 3, what='three embeddings')
        assert embeddings[0].vector == embeddings[1].vector == embeddings[2].vector
        assert [item.seq for item in embeddings[:3]] == [0, 1, 2]


def test_a_setting_changed_while_running_is_obeyed(random_bundle: Path) -> None:
    """A higher threshold turns the same picture into nothing to see; nonsense is refused."""

    def request(value: float) -> SetParameters.Request:
        parameter = Parameter('settings.minimum_contrast', value=value)
        return SetParameters.Request(parameters=[parameter.to_parameter_msg()])

    with (
        Probe() as probe,
        encoder('camera', random_bundle, modality='image', topic='rgb', max_rate=0.0) as camera,
    ):
        embeddings = probe.listen(Embedding, 'embeddings', EMBEDDINGS_QOS)
        rgb = probe.publisher(Image, 'rgb', qos_profile_sensor_data)
        probe.wait(rgb.get_subscription_count)
        probe.every(0.05, lambda: rgb.publish(picture(probe, 'rgb8', seed=3)))
        probe.wait(lambda: embeddings and embeddings[-1].informative)
        service = 'camera/set_parameters'
        assert not probe.call(SetParameters, service, request(999.0)).results[0].successful
        assert probe.call(SetParameters, service, request(250.0)).results[0].successful
        probe.wait(lambda: not embeddings[-1].informative, what='an uninformative embedding')
        assert camera.stop() == 0


def test_a_missing_bundle_refuses_to_configure_in_one_sentence(tmp_path: Path) -> None:
    """The node stays alive and unconfigured, and says which file it missed; SIGTERM ends it."""
    with Probe() as probe, encoder('camera', tmp_path / 'none', modality='image') as camera:
        line = camera.wait_for_line('configure refused')
        assert 'bundle.json' in line
        state = probe.call(GetState, 'camera/get_state', GetState.Request())
        assert state.current_state.id == State.PRIMARY_STATE_UNCONFIGURED
        assert camera.stop(signal.SIGTERM) == 0


def test_every_wrong_parameter_is_named_at_once(random_bundle: Path) -> None:
    """An unknown modality and a rate out of range are refused before anything is loaded."""
    with encoder('camera', random_bundle, modality='sonar') as camera:
        camera.wait_for_line('sonar')
        assert 'point_cloud' in camera.output
        assert camera.process.wait(20) == 1
    with encoder('camera', random_bundle, modality='image', max_rate=-1.0) as camera:
        camera.wait_for_line('max_rate')
        assert camera.process.wait(20) == 1
