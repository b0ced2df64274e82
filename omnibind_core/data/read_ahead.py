"""Reading ahead of the consumer in a thread, so that a slow read delays nothing."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import suppress
import queue
import threading
from types import TracebackType
from typing import Generic
from typing import TypeVar

T = TypeVar('T')


class ReadAhead(Generic[T]):
    """Reads up to ``size`` items ahead; use it in a ``with`` statement, which ends the thread.

    :param source: read in a thread of its own; an error in it reaches the consumer in its turn.
    :param size: how many items wait at most.
    """

    def __init__(self, source: Iterable[T], size: int = 64) -> None:
        self._source = source
        self._queue: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(size)
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._read, name='read_ahead', daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        while True:
            found = self._queue.get()
            if isinstance(found, tuple):
                yield found[0]
            elif found is None:
                return
            else:
                raise found

    def __enter__(self) -> ReadAhead[T]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._unwanted.set()
        while self._thread.is_alive():  # it may wait for room
            with suppress(queue.Empty):
                self._queue.get(timeout=0.05)
        self._thread.join()

    def _read(self) -> None:
        try:
            for item in self._source:
                self._queue.put((item,))
                if self._unwanted.is_set():
                    return
        except BaseException as error:  # noqa: BLE001  belongs to the consumer
            self._queue.put(error)
        else:
            self._queue.put(None)
