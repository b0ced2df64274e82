"""A worker thread that always takes the newest input, so that slow work never queues up."""

from __future__ import annotations

from collections.abc import Callable
import threading
from typing import Generic
from typing import TypeVar

T = TypeVar('T')


class LatestWorker(Generic[T]):
    """Hands each newest item to ``work`` on a thread of its own; older ones are replaced.

    An exception in ``work`` goes to ``failed`` and the thread lives on: one bad item must not
    silence a sensor.

    :param work: called on the worker thread with each item taken.
    :param failed: called on the worker thread with the exception.
    :param name: thread name, for debuggers.
    """

    def __init__(
        self,
        work: Callable[[T], None],
        *,
        failed: Callable[[Exception], None],
        name: str,
    ) -> None:
        self._work = work
        self._failed = failed
        self._condition = threading.Condition()
        self._item: T | None = None
        self._stopping = False
        self._busy = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, item: T) -> bool:
        """Offer an item; true when it replaced one that was not taken yet."""
        with self._condition:
            replaced = self._item is not None
            self._item = item
            self._condition.notify_all()
        return replaced

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is pending or under way; false when ``timeout`` seconds passed."""
        with self._condition:
            return self._condition.wait_for(
                lambda: self._item is None and not self._busy, timeout=timeout
            )

    def stop(self, timeout: float = 5.0) -> bool:
        """End the thread after the item under way; false when it did not end in time."""
        with self._condition:
            self._stopping = True
            self._item = None
            self._condition.notify_all()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._condition:
                self._busy = False
                self._condition.notify_all()
                self._condition.wait_for(lambda: self._item is not None or self._stopping)
                if self._stopping:
                    return
                item, self._item = self._item, None
                self._busy = True
            assert item is not None
            try:
                self._work(item)
            except Exception as error:  # noqa: BLE001  whatever it is, it is reported
                self._failed(error)
