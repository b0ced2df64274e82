"""The sentence for commands that start nodes, where there is no ROS."""

from __future__ import annotations

from importlib import import_module

from omnibind_core.errors import UnavailableError


def need_ros(command: str) -> None:
    """Check that nodes can be started here.

    :param command: as typed, ``omnibind bench live``.
    :raises UnavailableError: they cannot.
    """
    try:
        for name in ('rclpy', 'omnibind.msg'):
            import_module(name)
    except ImportError as error:
        raise UnavailableError(
            f'`{command}` starts ROS 2 nodes and cannot ({error}): source a ROS '
            "installation with the package omnibind, or enter `make shell` in OmniBind's checkout"
        ) from error
