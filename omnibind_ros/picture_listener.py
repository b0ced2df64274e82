"""Keeps the newest message of a topic, on a thread and a node of its own."""

from __future__ import annotations

import threading
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy

_LOOK = 0.2  # seconds after which a request to stop is noticed


class PictureListener:
    """Pictures are large, and taking one off the wire costs milliseconds in which nothing else on
    the same executor runs. So they get another one.

    :param node: in whose name, context and namespace it listens.
    :param kind: the message class.
    :param topic: full name.
    """

    def __init__(self, node: Node, kind: type[Any], topic: str) -> None:
        #: The newest message; ``None``: none came yet.
        self.newest: Any = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._listen, args=(node, kind, topic), name='pictures', daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop to listen, and wait for it."""
        self._stopping.set()
        self._thread.join(5.0)

    def _listen(self, node: Node, kind: type[Any], topic: str) -> None:
        try:
            listener = rclpy.create_node(
                f'{node.get_name()}_pictures',
                namespace=node.get_namespace(),
                context=node.context,
                # A node name on the command line is meant for the other node.
                use_global_arguments=False,
                start_parameter_services=False,
            )
        except Exception as error:  # noqa: BLE001  without pictures the overlay is still of use
            if node.context.ok():
                node.get_logger().error(f'no pictures for the overlay: {error}')
            return
        qos = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
        listener.create_subscription(kind, topic, self._take, qos)
        executor = SingleThreadedExecutor(context=node.context)
        executor.add_node(listener)
        try:
            while not self._stopping.is_set() and node.context.ok():
                executor.spin_once(timeout_sec=_LOOK)
        except Exception as error:  # noqa: BLE001  a signal takes the context away
            if node.context.ok():
                node.get_logger().error(f'no more pictures for the overlay: {error}')
        finally:
            executor.shutdown(timeout_sec=1.0)
            listener.destroy_node()

    def _take(self, message: Any) -> None:
        self.newest = message
