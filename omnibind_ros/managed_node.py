"""A lifecycle node that reports its failures, starts itself, and ends cleanly on signals."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
import faulthandler
import signal
import traceback

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode
from rclpy.lifecycle import LifecycleState
from rclpy.lifecycle import TransitionCallbackReturn

from omnibind_core.errors import OmniBindError

CLEANUP_LIMIT = 8.0  # seconds; a launch file waits 10 between SIGTERM and SIGKILL
RCLError = rclpy_implementation.RCLError


class ManagedNode(LifecycleNode):  # type: ignore[misc]
    """Lifecycle callbacks as plain methods: raise an error to refuse the transition.

    rclpy swallows an exception in an ``on_*`` callback without a log line; here it is logged: one
    sentence for our own errors, a traceback for the unforeseen.
    """

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
            self._guarded('cleanup', self.cleanup)
            return TransitionCallbackReturn.FAILURE
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See :meth:`activate`."""
        if not self._guarded('activate', self.activate):
            self._guarded('deactivate', self.deactivate)
            return TransitionCallbackReturn.FAILURE
        result: TransitionCallbackReturn = super().on_activate(state)
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See :meth:`deactivate`."""
        super().on_deactivate(state)
        done = self._guarded('deactivate', self.deactivate)
        return TransitionCallbackReturn.SUCCESS if done else TransitionCallbackReturn.ERROR

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See :meth:`cleanup`."""
        done = self._guarded('cleanup', self.cleanup)
        return TransitionCallbackReturn.SUCCESS if done else TransitionCallbackReturn.ERROR

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and free everything, whatever the state was."""
        self._guarded('deactivate', self.deactivate)
        self._guarded('cleanup', self.cleanup)
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Return to unconfigured, so that it can be configured again."""
        self._guarded('deactivate', self.deactivate)
        self._guarded('cleanup', self.cleanup)
        return TransitionCallbackReturn.SUCCESS

    def start(self) -> bool:
        """Configure and activate, as ``autostart`` asks for; false when either was refused."""
        return (
            self.trigger_configure() == TransitionCallbackReturn.SUCCESS
            and self.trigger_activate() == TransitionCallbackReturn.SUCCESS
        )

    def _guarded(self, name: str, action: Callable[[], None]) -> bool:
        try:
            action()
        except OmniBindError as error:
            self.get_logger().error(f'{name} refused: {error}')
        except Exception:  # noqa: BLE001  rclpy would swallow it
            self.get_logger().error(f'{name} failed:\n{traceback.format_exc()}')
        else:
            return True
        return False


def run(make: Callable[[], ManagedNode], argv: Sequence[str] | None = None) -> int:
    """Run one node until SIGINT or SIGTERM.

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
    except RCLError:
        # A signal while the node is being made takes the context away under its feet.
        if rclpy.ok():
            raise
    except (OmniBindError, ParameterException) as error:
        rclpy.logging.get_logger('omnibind').fatal(str(error))
        code = 1
    finally:
        # A second ctrl-C must not interrupt the clean-up half way; but should the middleware never
        # return from its own, say where, and end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        faulthandler.dump_traceback_later(CLEANUP_LIMIT, exit=True)
        if node is not None:
            node.deactivate()
            node.cleanup()
            node.destroy_node()
        if executor is not None:
            executor.shutdown(timeout_sec=1.0)
        rclpy.try_shutdown()
        faulthandler.cancel_dump_traceback_later()
    return code
