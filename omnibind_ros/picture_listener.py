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
_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)


class PictureListener:
    """Pictures are large, and taking one off the wire costs milliseconds in which nothing else on
    the same executor runs. So they get another one.

    Its node is made when it is first needed, and then kept: rclpy does not give back all of a node
    that is destroyed.

    :param node: in whose name, context and namespace it listens.
    :param kind: the message class.
    :param topic: full name.
    """

    def __init__(self, node: Node, kind: type[Any], topic: str) -> None:
        #: The newest message; ``None``: none came yet.
        self.newest: Any = None
        self._owner = node
        self._kind = kind
        self._topic = topic
        self._node: Node | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen from now on, until :meth:`stop`; waits for nothing."""
        self.stop()
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._listen, args=(self._stopping, self._thread), name='pictures', daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; waits for nothing."""
        self._stopping.set()
        self.newest = None

    def destroy(self) -> None:
        """Stop, and withdraw the node."""
        self.stop()
        if self._thread is not None:
            self._thread.join(5.0)
            if self._thread.is_alive():
                return  # it still uses the node
        if self._node is not None:
            self._node.destroy_node()
            self._node = None

    def _listen(self, stopping: threading.Event, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()
        try:
            if not stopping.is_set():
                self._spin(stopping)
        except Exception as error:  # noqa: BLE001  without pictures the overlay is still of use
            if self._owner.context.ok():
                self._owner.get_logger().error(f'no pictures for the overlay: {error}')

    def _spin(self, stopping: threading.Event) -> None:
        context = self._owner.context
        if self._node is None:
            self._node = rclpy.create_node(
                f'{self._owner.get_name()}_pictures',
                namespace=self._owner.get_namespace(),
                context=context,
                # A node name on the command line is meant for the other node.
                use_global_arguments=False,
                start_parameter_services=False,
            )

        def take(message: Any) -> None:
            if not stopping.is_set():
                self.newest = message

        subscription = self._node.create_subscription(self._kind, self._topic, take, _QOS)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(self._node)
        try:
            while not stopping.is_set() and context.ok():
                executor.spin_once(timeout_sec=_LOOK)
        finally:
            executor.remove_node(self._node)
            executor.shutdown(timeout_sec=1.0)
            self._node.destroy_subscription(subscription)
