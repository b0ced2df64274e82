"""The nodes' entry points; on a machine without ROS each says so in one sentence."""

from __future__ import annotations

from importlib import import_module
import sys


def encoder() -> int:
    """Run one encoder node."""
    return _run('encoder', 'omnibind_ros.encoder_node')


def fusion() -> int:
    """Run the fusion node."""
    return _run('fusion', 'omnibind_ros.fusion_node')


def perception() -> int:
    """Run all nodes of one parameter file in this process."""
    return _run('perception', 'omnibind_ros.perception')


def bag_player() -> int:
    """Play a bag into the graph."""
    return _run('bag_player', 'omnibind_ros.bag_player')


def _run(name: str, module: str) -> int:
    try:
        import rclpy  # noqa: F401
    except ImportError as error:
        print(
            f'error: `{name}` is a ROS 2 node and rclpy cannot be imported ({error}): '
            "source a ROS installation, or enter `make shell` in OmniBind's checkout",
            file=sys.stderr,
        )
        return 1
    try:
        code: int = import_module(module).main()
    except KeyboardInterrupt:  # before rclpy's own handler was there
        return 0
    return code
