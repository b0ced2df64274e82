"""Runs a node until SIGINT or SIGTERM, and ends it cleanly."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import TYPE_CHECKING

import rclpy
from rclpy.exceptions import NotInitializedException
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation

from omnibind_core.errors import OmniBindError
from omnibind_ros.clean_end import clean_end

if TYPE_CHECKING:
    from omnibind_ros.managed_node import ManagedNode

RCLError = rclpy_implementation.RCLError
#: What the use of a context raises that a signal has shut down.
CONTEXT_GONE = (
    RCLError,
    rclpy_implementation.InvalidHandle,
    NotInitializedException,
    ExternalShutdownException,
)


def run(make: Callable[[], ManagedNode], argv: Sequence[str] | None = None) -> int:
    """Run one node until SIGINT or SIGTERM.

    :param argv: the command line; ``None``: that of the process.
    :returns: 0 after a signal; 1 when the node could not be made.
    """
    rclpy.init(args=None if argv is None else list(argv))
    node: ManagedNode | None = None
    executor: SingleThreadedExecutor | None = None
    code = 0
    try:
        node = make()
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        if node.get_parameter('autostart').value:
            node.start()
        executor.spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        code = 0
    except CONTEXT_GONE:
        # A signal while the node is being made takes the context away under its feet.
        if rclpy.ok():
            raise
    except (OmniBindError, ParameterException) as error:
        rclpy.logging.get_logger('omnibind').fatal(str(error))
        code = 1
    finally:
        with clean_end():
            if node is not None:
                node.end()
            if executor is not None:
                executor.shutdown(timeout_sec=1.0)
            rclpy.try_shutdown()
    return code
