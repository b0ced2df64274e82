"""The fusion node as a part of a larger process, which a test starts: `python FILE CASE`."""

from __future__ import annotations

import sys
import threading
from typing import Any

from fake_sensors import BUNDLE
from fake_sensors import FakeSensor
from fake_sensors import Vectors
from probe import Probe
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter

from omnibind.msg import Recognition
from omnibind_core.errors import BackendError
from omnibind_ros import recognition_step
from omnibind_ros.fusion_node import FusionNode

NAMESPACE = '/in_process'


def make(context: Context, name: str, **parameters: Any) -> FusionNode:
    """A node by hand."""
    values = {'bundle': str(BUNDLE), 'autostart': False, **parameters}
    return FusionNode(
        node_name=name,
        namespace=NAMESPACE,
        context=context,
        parameter_overrides=[Parameter(key, value=value) for key, value in values.items()],
        use_global_arguments=False,
    )


def two_nodes_and_an_error_inside(context: Context) -> None:
    """Both recognise; while the model of both fails nothing is said, and then it goes on."""
    nodes = [make(context, 'first'), make(context, 'second', top_k=2)]
    executor = SingleThreadedExecutor(context=context)
    for node in nodes:
        executor.add_node(node)
        assert node.start()
    thread = threading.Thread(target=executor.spin, daemon=True)
    thread.start()
    real = recognition_step.recognize_window
    failing = threading.Event()

    def sometimes(*args: Any, **options: Any) -> Any:
        if failing.is_set():
            raise BackendError('the model fails')
        return real(*args, **options)

    recognition_step.recognize_window = sometimes
    with Probe(NAMESPACE) as probe:
        heard = probe.listen(Recognition, 'recognition', 100)
        camera = FakeSensor(probe, Vectors(), 'camera', namespace=NAMESPACE)
        probe.wait(lambda: camera.publisher.get_subscription_count() == 2)
        camera.start(20)
        probe.wait(lambda: {len(item.class_ids) for item in heard} == {2, 5}, what='both nodes')
        failing.set()
        sent = camera.sent
        probe.wait(lambda: camera.sent > sent + 20)
        heard.clear()
        failing.clear()
        probe.wait(lambda: {len(item.class_ids) for item in heard} == {2, 5}, what='both again')
    executor.shutdown()
    thread.join(10.0)
    for node in nodes:
        node.end()


def overridden_qualities_of_service(context: Context) -> None:
    """As any ROS node's: best effort in, another depth out; a second round uses them again."""
    node = make(
        context,
        'fusion',
        **{
            'qos_overrides./in_process/embeddings.subscription.reliability': 'best_effort',
            'qos_overrides./in_process/recognition.publisher.depth': 3,
        },
    )
    for _ in range(2):
        assert node.start()
        (offer,) = node.get_subscriptions_info_by_topic('/in_process/embeddings')
        assert offer.qos_profile.reliability.name == 'BEST_EFFORT'
        depth = 'qos_overrides./in_process/recognition.publisher.depth'
        assert node.get_parameter(depth).value == 3
        assert node.describe_parameter(depth).read_only
        node.trigger_deactivate()
        node.trigger_cleanup()
    node.end()


def never_configured(context: Context) -> None:
    """Its state machine was never used."""
    make(context, 'fusion').end()


CASES = {
    case.__name__: case
    for case in (two_nodes_and_an_error_inside, overridden_qualities_of_service, never_configured)
}


def main() -> None:
    """Run one case; a failed assertion is the exit code."""
    context = Context()
    rclpy.init(context=context)
    CASES[sys.argv[1]](context)
    rclpy.try_shutdown(context=context)


if __name__ == '__main__':
    main()
