"""A lifecycle node that reports its failures, and starts itself."""

from __future__ import annotations

from collections.abc import Callable
import traceback
from typing import Any

from rclpy.lifecycle import LifecycleNode
from rclpy.lifecycle import LifecycleState
from rclpy.lifecycle import TransitionCallbackReturn

from omnibind_core.errors import OmniBindError
from omnibind_ros.running import CONTEXT_GONE
from omnibind_ros.running import RCLError
from omnibind_ros.running import run
from omnibind_ros.settled_memory import settle

__all__ = ['ManagedNode', 'run']


class ManagedNode(LifecycleNode):  # type: ignore[misc]
    """Lifecycle callbacks as plain methods: raise an error to refuse the transition.

    rclpy swallows an exception in an ``on_*`` callback without a log line; here it is logged: one
    sentence for our own errors, a traceback for the unforeseen.

    :param name: of the node, unless it is given another.
    :param kwargs: passed on to the rclpy node.
    """

    def __init__(self, name: str, **kwargs: Any) -> None:
        #: Which transition failed last, and why; empty after one that succeeded.
        self.failure = ''
        #: ``unconfigured``, ``inactive``, ``active`` or ``finalized``.
        self.phase = 'unconfigured'
        super().__init__(name, **kwargs)
        service = getattr(self, '_service_change_state', None)
        if service is not None:  # not asked to do without
            self._change_state = service.callback
            service.callback = self._change_state_if_possible

    def configure(self) -> None:
        """Read parameters and load what is needed; nothing runs yet."""

    def activate(self) -> None:
        """Begin to work."""

    def deactivate(self) -> None:
        """Stop to work; must be safe to call at any time."""

    def cleanup(self) -> None:
        """Free what :meth:`configure` loaded; must be safe to call at any time."""

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See :meth:`configure`."""
        if not self._guarded('configure', self.configure):
            self._undo(self.cleanup)
            return TransitionCallbackReturn.FAILURE
        self.phase = 'inactive'
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See :meth:`activate`."""
        if not self._guarded('activate', self.activate):
            self._undo(self.deactivate)
            return TransitionCallbackReturn.FAILURE
        result: TransitionCallbackReturn = super().on_activate(state)
        self.phase = 'active'
        settle()
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See :meth:`deactivate`."""
        super().on_deactivate(state)
        if not self._guarded('deactivate', self.deactivate):
            return TransitionCallbackReturn.ERROR
        self.phase = 'inactive'
        return TransitionCallbackReturn.SUCCESS

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See :meth:`cleanup`."""
        if not self._guarded('cleanup', self.cleanup):
            return TransitionCallbackReturn.ERROR
        self.phase = 'unconfigured'
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and free everything, whatever the state was."""
        self._undo(self.deactivate)
        self._undo(self.cleanup)
        self.phase = 'finalized'
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Return to unconfigured, so that it can be configured again."""
        self._undo(self.deactivate)
        self._undo(self.cleanup)
        self.phase = 'unconfigured'
        return TransitionCallbackReturn.SUCCESS

    def start(self) -> bool:
        """Configure and activate, as ``autostart`` asks for; false when either was refused."""
        return (
            self.trigger_configure() == TransitionCallbackReturn.SUCCESS
            and self.trigger_activate() == TransitionCallbackReturn.SUCCESS
        )

    def end(self) -> None:
        """Stop and free everything, and destroy the node; nothing that fails keeps it alive."""
        self._undo(self.deactivate)
        self._undo(self.cleanup)
        self.destroy_node()

    def _change_state_if_possible(self, request: Any, response: Any) -> Any:
        """Where a transition is not possible rclpy raises, which would end the process."""
        try:
            return self._change_state(request, response)
        except RCLError:
            if not self.context.ok():
                raise
            wanted = request.transition.label or f'number {request.transition.id}'
            self.get_logger().warning(f'transition {wanted} is not possible: {self.phase}')
            response.success = False
            return response

    def _guarded(self, name: str, action: Callable[[], None]) -> bool:
        try:
            action()
        except OmniBindError as error:
            self.failure = f'{name} refused: {error}'
        except Exception as error:  # noqa: BLE001  rclpy would swallow it
            if isinstance(error, CONTEXT_GONE) and not self.context.ok():
                return False  # a signal took the context away under its feet: no failure
            self.get_logger().error(f'{name} failed:\n{traceback.format_exc()}')
            self.failure = f'{name} failed: {type(error).__name__}: {error}'
            return False
        else:
            self.failure = ''
            return True
        self.get_logger().error(self.failure)
        return False

    def _undo(self, action: Callable[[], None]) -> None:
        """Clean up after a failure, which remains the one to be told."""
        failure = self.failure
        self._guarded(action.__name__, action)
        self.failure = failure or self.failure
