"""A node beside those that are looked at: publishes, listens, and waits for events."""

from __future__ import annotations

from collections.abc import Callable
import threading
import time
from types import TracebackType
from typing import Any
from typing import Generic
from typing import NamedTuple
from typing import TypeVar

import rclpy
from rclpy.context import Context
from rclpy.event_handler import PublisherEventCallbacks
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions

from omnibind_core.errors import OmniBindError

T = TypeVar('T')


class InVainError(OmniBindError, AssertionError):
    """Something that was waited for did not happen. In a test: an assertion that failed."""


class Heard(NamedTuple, Generic[T]):
    """A message, and when it came.

    :param message: the message.
    :param at: system time in the callback, nanoseconds.
    """

    message: T
    at: int


class Probe:
    """Spins in a thread of its own; every callback wakes whoever waits.

    Signals stay Python's: ctrl-C raises KeyboardInterrupt where the probe is used.
    """

    def __init__(self, namespace: str = '/omnibind') -> None:
        self.context = Context()
        rclpy.init(context=self.context, signal_handler_options=SignalHandlerOptions.NO)
        self.node = rclpy.create_node('probe', namespace=namespace, context=self.context)
        self._changed = threading.Condition()
        self._ended = False
        self._executor = SingleThreadedExecutor(context=self.context)
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def listen(self, kind: type[T], topic: str, qos: QoSProfile | int = 10) -> list[T]:
        """Subscribe; the returned list grows as messages arrive."""
        received: list[T] = []
        self._subscribe(kind, topic, qos, received.append)
        return received

    def hear(self, kind: type[T], topic: str, qos: QoSProfile | int = 10) -> list[Heard[T]]:
        """Subscribe; the returned list grows as messages arrive, each with its time."""
        received: list[Heard[T]] = []
        self._subscribe(
            kind, topic, qos, lambda message: received.append(Heard(message, time.time_ns()))
        )
        return received

    def publisher(self, kind: type[Any], topic: str, qos: QoSProfile | int = 10) -> Any:
        """A publisher whose matches wake :meth:`wait`."""
        events = PublisherEventCallbacks(matched=self.notice)
        return self.node.create_publisher(kind, topic, qos, event_callbacks=events)

    def every(self, period: float, action: Callable[[], None]) -> Any:
        """Call ``action`` every ``period`` seconds on the probe's thread."""
        return self.node.create_timer(period, action)

    def call(self, kind: type[Any], service: str, request: Any, timeout: float = 20.0) -> Any:
        """Call a service and return its response."""
        client = self.node.create_client(kind, service)
        if not client.wait_for_service(timeout):
            raise InVainError(f'no service {service}')
        future = client.call_async(request)
        future.add_done_callback(self.notice)
        self.wait(future.done, timeout, f'an answer of {service}')
        self.node.destroy_client(client)
        return future.result()

    def wait(self, condition: Callable[[], object], timeout: float = 30.0, what: str = '') -> None:
        """Wait until ``condition`` holds, looking again at every event.

        :raises InVainError: it does not within ``timeout`` seconds.
        """
        if not self.happens(condition, timeout):
            raise InVainError(f'waited {timeout} s in vain for {what or condition}')

    def happens(self, condition: Callable[[], object], timeout: float) -> bool:
        """Whether ``condition`` comes to hold within ``timeout`` seconds."""
        with self._changed:
            return bool(self._changed.wait_for(condition, timeout))

    def now(self) -> int:
        """The probe's ROS time, nanoseconds."""
        time: int = self.node.get_clock().now().nanoseconds
        return time

    def add_node(self, node: Any) -> None:
        """Spin another node too."""
        self._executor.add_node(node)

    def remove_node(self, node: Any) -> None:
        """Spin it no more."""
        self._executor.remove_node(node)

    def run(self, action: Callable[[], None]) -> None:
        """Do something on the probe's thread: rclpy bears no destruction from another one."""
        done = threading.Event()

        def act() -> None:
            try:
                action()
            finally:
                done.set()

        self._executor.create_task(act)
        if not done.wait(30.0):
            raise InVainError('the probe does not spin any more')

    def notice(self, _: object) -> None:
        """Wake whoever waits: a callback for events."""
        with self._changed:
            self._changed.notify_all()

    def _subscribe(
        self, kind: type[T], topic: str, qos: QoSProfile | int, keep: Callable[[T], None]
    ) -> None:
        def take(message: T) -> None:
            with self._changed:
                keep(message)
                self._changed.notify_all()

        events = SubscriptionEventCallbacks(matched=self.notice)
        self.node.create_subscription(kind, topic, take, qos, event_callbacks=events)

    def _end(self) -> None:
        self._ended = True

    def _spin(self) -> None:
        try:
            while not self._ended:
                self._executor.spin_once()
        except rclpy.executors.ExternalShutdownException:
            return

    def __enter__(self) -> Probe:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Executor.shutdown() frees what the spinning thread still waits with: that must end first.
        self._executor.create_task(self._end)
        self._thread.join(30.0)
        if self._thread.is_alive():
            raise InVainError('the probe still spins')
        self.node.destroy_node()
        self._executor.shutdown()
        rclpy.try_shutdown(context=self.context)
