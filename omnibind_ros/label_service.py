"""The service that replaces the labels: open vocabulary at run time."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
import threading
import traceback

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from rclpy.task import Future

from omnibind.srv import SetLabels
from omnibind_core.errors import OmniBindError


class LabelService:
    """``set_labels``. Recognitions go on while a text encoder works: it has a thread of its own.

    :param node: whose service it is.
    :param apply: labels and prompt into a sentence that says what was set; called on that thread.
        An error of ours is the refusal, in one sentence.
    """

    def __init__(self, node: Node, apply: Callable[[Sequence[str], str], str]) -> None:
        self._node = node
        self._apply = apply
        # A group of its own: one that awaits keeps the others of its group from running.
        node.create_service(
            SetLabels,
            'set_labels',
            self._answer,
            callback_group=MutuallyExclusiveCallbackGroup(),
        )

    async def _answer(
        self, request: SetLabels.Request, response: SetLabels.Response
    ) -> SetLabels.Response:
        done = Future()
        work = threading.Thread(target=self._work, args=(request, done), daemon=True)
        work.start()
        response.success, response.message = await done
        return response

    def _work(self, request: SetLabels.Request, done: Future) -> None:
        try:
            done.set_result((True, self._apply(list(request.labels), request.prompt)))
        except OmniBindError as error:
            done.set_result((False, str(error)))
        except Exception as error:  # noqa: BLE001  the caller must get an answer
            self._node.get_logger().error(f'set_labels failed:\n{traceback.format_exc()}')
            done.set_result((False, f'failed: {type(error).__name__}: {error}'))
        # The executor looks at what awaits only when something wakes it.
        if self._node.executor is not None:
            self._node.executor.wake()
