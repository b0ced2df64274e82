"""The example policy allows what the nodes do, and nothing that they do not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray
from probe import Probe
import pytest
from rclpy.node import Node
from ros_process import RosProcess
from sensor_msgs.msg import Image
from sros2_policy import read_policy
from sros2_policy import rights

pytestmark = pytest.mark.usefixtures('ros_domain')

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = rights(read_policy(ROOT / 'config' / 'sros2' / 'policy.xml'), '/omnibind/perception')


def done_by(node: Node, name: str) -> Mapping[str, set[str]]:
    """What a node publishes, subscribes to, answers and asks, as the graph has it."""
    of = (name, '/omnibind')
    return {
        'publish': {topic for topic, _ in node.get_publisher_names_and_types_by_node(*of)},
        'subscribe': {topic for topic, _ in node.get_subscriber_names_and_types_by_node(*of)},
        'reply': {service for service, _ in node.get_service_names_and_types_by_node(*of)},
        'request': {service for service, _ in node.get_client_names_and_types_by_node(*of)},
    }


def test_every_node_does_just_what_it_may() -> None:
    """With the example robot, in simulated time, and somebody who looks at the overlay."""
    given = ('--params-file', str(ROOT / 'config' / 'robot.yaml'), '-r', '__ns:=/omnibind')
    parameters = ('-p', f'bundle:={ROOT / "bundles" / "omnihome"}', '-p', 'use_sim_time:=true')
    with Probe() as probe, RosProcess('perception', '--ros-args', *given, *parameters) as process:
        probe.listen(DiagnosticArray, '/diagnostics')  # wakes the waiting below once in a while
        probe.listen(Image, 'overlay')
        process.wait_for_line('[omnibind.fusion]: bundle', timeout=120.0)

        def as_allowed(name: str) -> bool:
            if (name, '/omnibind') not in probe.node.get_node_names_and_namespaces():
                return False
            return done_by(probe.node, name) == ALLOWED[name]

        for name in ALLOWED:
            if not probe.happens(lambda name=name: as_allowed(name), timeout=60.0):
                there = probe.node.get_node_names_and_namespaces()
                assert done_by(probe.node, name) == ALLOWED[name], f'{there}\n{process.output}'
