"""A worker thread that always takes the newest input, so that slow work never queues up."""

from __future__ import annotations

from collections.abc import Callable
import logging
import threading
import time
from typing import Generic
from typing import TypeVar

T = TypeVar('T')

HAND_OVER = 0.02  # seconds


class LatestWorker(Generic[T]):
    """Hands each newest item to ``work`` on a thread of its own; older ones are replaced.

    An exception in ``work`` goes to ``failed`` and the thread lives on: one bad item must not
    silence a sensor. Should the thread end all the same (``SystemExit`` in a library), the next
    item starts a new one.

    :param work: called on the worker thread with each item taken.
    :param failed: called on the worker thread with the exception.
    :param name: thread name, for debuggers.
    :param hand_over: seconds that :meth:`put` waits at most for a worker that had nothing to do.
    """

    def __init__(
        self,
        work: Callable[[T], None],
        *,
        failed: Callable[[Exception], None],
        name: str,
        hand_over: float = HAND_OVER,
    ) -> None:
        self._work = work
        self._failed = failed
        self._name = name
        self._hand_over = hand_over
        self._condition = threading.Condition()
        self._item: T | None = None
        self._stopping = False
        self._since: int | None = None
        #: How often the thread had to be started anew.
        self.restarts = 0
        self._thread = self._started()

    @property
    def busy_since(self) -> int | None:
        """When the item under way was taken, steady nanoseconds; ``None``: none is."""
        return self._since

    def put(self, item: T) -> bool:
        """Offer an item; true when it replaced one that was not taken yet.

        A worker that had nothing to do is waited for, but 20 ms at most (``hand_over``): quick work
        then has Python's lock for itself, and the two threads do not take it from each other all
        the time. What comes meanwhile waits with the caller: let its queue hold the newest only, or
        hand over 0 where the caller has better things to do.
        """
        with self._condition:
            replaced = self._item is not None
            idle = self._idle() and not self._stopping
            self._item = item
            if not self._stopping and not self._thread.is_alive():
                self.restarts += 1
                self._since = None
                self._thread = self._started()
            self._condition.notify_all()
            if idle and self._hand_over > 0:
                self._condition.wait_for(self._idle, self._hand_over)
        return replaced

    def withdraw(self) -> bool:
        """Take back the item that was not taken yet; true when there was one."""
        with self._condition:
            waiting, self._item = self._item is not None, None
            self._condition.notify_all()
        return waiting

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is pending or under way; false when ``timeout`` seconds passed."""
        with self._condition:
            return self._condition.wait_for(self._idle, timeout)

    def stop(self, timeout: float = 5.0) -> bool:
        """End the thread after the item under way; false when it did not end in time."""
        with self._condition:
            self._stopping = True
            self._item = None
            self._condition.notify_all()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _idle(self) -> bool:
        return self._item is None and self._since is None

    def _started(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        while True:
            with self._condition:
                self._since = None
                self._condition.notify_all()
                self._condition.wait_for(lambda: self._item is not None or self._stopping)
                if self._stopping:
                    return
                item, self._item = self._item, None
                self._since = time.monotonic_ns()
            assert item is not None
            try:
                self._work(item)
            except Exception as error:  # noqa: BLE001  whatever it is, it is reported
                self._report(error)

    def _report(self, error: Exception) -> None:
        try:
            self._failed(error)
        except Exception:
            # Whoever reports failures must not be the one who silences the sensor.
            logging.getLogger(__name__).exception('%s: a failure could not be reported', self._name)
