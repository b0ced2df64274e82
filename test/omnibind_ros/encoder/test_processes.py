"""Signals, crashes, and several nodes in one process."""

from __future__ import annotations

from pathlib import Path
import signal
from typing import Any

from encoder_rig import EncoderRig
from lite_bag import bag_messages
from lite_bag import BUNDLE
from lite_bag import stamped_from
from lite_bag import TOPICS
from noise_pictures import noise_picture
from probe import Probe
import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from ros_process import ros_arguments
from ros_process import RosProcess
from sensor_msgs.msg import Image

from omnibind.msg import Embedding
from omnibind_ros.encoder_node import EncoderNode
from omnibind_ros.qos import EMBEDDINGS_QOS

pytestmark = pytest.mark.usefixtures('ros_domain')


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_of_encoding_ends_with_0(number: int) -> None:
    """Messages come much faster than they are encoded: one is always under way."""
    clouds = bag_messages(TOPICS['point_cloud'][0], 5)
    with EncoderRig(BUNDLE, modality='point_cloud', max_rate=0.0) as rig:
        publisher = rig.publisher(type(clouds[0]))
        stamped_from(clouds, rig.probe.node.get_clock().now().nanoseconds)

        def publish() -> None:
            clouds.append(clouds.pop(0))
            publisher.publish(clouds[0])

        rig.probe.every(0.001, publish)
        rig.wait(lambda: rig.counts.get('encoded', 0) > 30, 'a worker that is always busy')
        assert rig.process.stop(number) == 0, rig.process.output
        assert 'Traceback' not in rig.process.output
        assert 'message lost' not in rig.process.output


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_node_is_being_configured_ends_with_0(number: int) -> None:
    """As soon as the graph shows it, that is before its model is loaded."""
    with EncoderRig(BUNDLE, modality='image') as rig:
        rig.probe.every(0.005, lambda: None)  # looks at the graph again and again
        rig.wait(lambda: 'sensor' in rig.probe.node.get_node_names(), 'the node in the graph')
        assert rig.process.stop(number) == 0, rig.process.output
        assert 'Traceback' not in rig.process.output


def test_killing_one_encoder_leaves_the_others_alone(random_bundle: Path) -> None:
    """kill -9 of one while both encode; started again, it takes part again."""

    def start(name: str) -> RosProcess:
        parameters: dict[str, Any] = {'modality': 'image', 'topic': 'rgb', 'max_rate': 0.0}
        return RosProcess('encoder', *ros_arguments(node=name, bundle=random_bundle, **parameters))

    with Probe() as probe, start('left') as left, start('right') as right:
        embeddings = probe.listen(Embedding, 'embeddings', EMBEDDINGS_QOS)
        publisher = probe.publisher(Image, 'rgb', qos_profile_sensor_data)
        clock = probe.node.get_clock()
        probe.every(0.03, lambda: publisher.publish(noise_picture(clock.now().nanoseconds)))

        def since(begin: int, name: str) -> int:
            return sum(one.sensor == name for one in embeddings[begin:])

        probe.wait(lambda: since(0, 'left') and since(0, 'right'), what='both')
        assert right.stop(signal.SIGKILL) == -signal.SIGKILL
        killed = len(embeddings)
        probe.wait(lambda: since(killed, 'left') > 20, what='the one that was not killed')
        begin = len(embeddings)
        with start('right') as again:
            probe.wait(lambda: since(begin, 'right') > 3, what='the one that was restarted')
            assert again.stop() == 0
        assert left.stop() == 0
        assert 'Traceback' not in left.output


def test_several_encoders_in_one_process_are_independent(random_bundle: Path) -> None:
    """Names, namespaces and parameters of their own; one ends, the other goes on."""
    context = Context()
    rclpy.init(context=context)
    executor = SingleThreadedExecutor(context=context)

    def make(name: str, **parameters: Any) -> EncoderNode:
        overrides = [
            Parameter(key.replace('__', '.'), value=value)
            for key, value in {'bundle': str(random_bundle), **parameters}.items()
        ]
        return EncoderNode(
            node_name=name,
            namespace=f'/robot_{name}',
            context=context,
            parameter_overrides=overrides,
            use_global_arguments=False,
        )

    colour = make('colour', modality='image', topic='/rgb', max_rate=0.0)
    heat = make('heat', modality='thermal', topic='/rgb', max_rate=0.0, settings__skip_rows=1)
    try:
        for node in (colour, heat):
            executor.add_node(node)
            assert node.start()
        with Probe() as probe:
            first = probe.listen(Embedding, '/robot_colour/embeddings', EMBEDDINGS_QOS)
            second = probe.listen(Embedding, '/robot_heat/embeddings', EMBEDDINGS_QOS)
            publisher = probe.publisher(Image, '/rgb', qos_profile_sensor_data)
            clock = probe.node.get_clock()
            probe.every(0.03, lambda: publisher.publish(noise_picture(clock.now().nanoseconds)))

            def spin_until(condition: Any) -> None:
                for _ in range(3000):
                    executor.spin_once(timeout_sec=0.02)
                    if condition():
                        return
                raise AssertionError(f'{colour.counts.snapshot()} {heat.counts.snapshot()}')

            spin_until(lambda: first and second)
            assert {one.sensor for one in first} == {'colour'}
            assert {one.modality for one in second} == {'thermal'}
            heat.end()
            begin = len(first)
            spin_until(lambda: len(first) > begin + 5)
    finally:
        colour.end()
        executor.shutdown()
        rclpy.shutdown(context=context)
