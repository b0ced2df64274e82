"""TensorRT's messages: into Python's log, and its errors into the errors that are raised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import logging
import threading
from typing import Any

from omnibind_core.inference.tensorrt.trt_api import TrtModule

_LOG = logging.getLogger(__name__)
# By TensorRT's names; what it calls information is much, and of no use on a robot.
_LEVELS = {
    'INTERNAL_ERROR': logging.ERROR,
    'ERROR': logging.ERROR,
    'WARNING': logging.WARNING,
    'INFO': logging.DEBUG,
    'VERBOSE': logging.DEBUG,
}
_MOST = 8  # messages kept of one action
_MEMORY = ('out of memory', 'outofmemory', 'cudaerrormemoryallocation', 'std::bad_alloc')


class TrtLog:
    """Takes TensorRT's messages.

    TensorRT takes one logger a process: a second one is ignored, and the first has to live as long
    as anything made with it.

    :param trt: the module.
    """

    def __init__(self, trt: TrtModule) -> None:
        # Its own thread enters it again when a session that nobody has any more is freed meanwhile.
        self._lock = threading.RLock()
        self._collecting: list[list[str]] = []
        base = trt.ILogger
        take = self._take

        class Logger(base):  # type: ignore[misc, valid-type]
            def __init__(self) -> None:
                base.__init__(self)

            def log(self, severity: Any, msg: str) -> None:
                take(severity, msg)

        #: What TensorRT is given.
        self.logger: Any = Logger()

    @contextmanager
    def errors(self) -> Iterator[list[str]]:
        """The errors that TensorRT reports while the block runs, each once, the first ones."""
        found: list[str] = []
        with self._lock:
            self._collecting.append(found)
        try:
            yield found
        finally:
            with self._lock:
                self._collecting = [one for one in self._collecting if one is not found]

    def _take(self, severity: Any, message: str) -> None:
        level = _LEVELS.get(getattr(severity, 'name', ''), logging.ERROR)
        if level < logging.ERROR:
            _LOG.log(level, '%s', message)
            return
        # An error becomes part of the exception; whoever catches that one decides how loud it is.
        _LOG.debug('%s', message)
        with self._lock:
            for found in self._collecting:
                if len(found) < _MOST and message not in found:
                    found.append(message)


def of_memory(messages: list[str]) -> bool:
    """Whether they say that memory is exhausted."""
    text = ' '.join(messages).lower()
    return any(word in text for word in _MEMORY)


def told(messages: list[str]) -> str:
    """Messages as the end of a sentence."""
    return '; '.join(' '.join(text.split()) for text in messages) or 'it gave no reason'
