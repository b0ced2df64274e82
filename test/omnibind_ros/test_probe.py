"""What the tests observe nodes with leaves nothing behind that later tests could observe."""

from __future__ import annotations

from probe import Probe
import pytest
import rclpy

pytestmark = pytest.mark.usefixtures('ros_domain')


def test_nodes_that_it_spins_leave_the_graph_with_it() -> None:
    """Also one that somebody still holds, with a timer that is running."""
    with Probe() as other:

        def there() -> bool:
            return 'left_behind' in other.node.get_node_names()

        other.every(0.05, lambda: None)  # wakes the waiting below
        with Probe() as probe:
            node = rclpy.create_node('left_behind', context=probe.context)
            probe.add_node(node)
            node.create_timer(0.01, lambda: None)
            other.wait(there)
        other.wait(lambda: not there())
