"""A window whose every call is written down, so that what happened live can be played again."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from contextlib import suppress
import os
from pathlib import Path
from typing import Any
from typing import IO

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.vector import Vector
from omnibind_core.streaming.window_trace import Call
from omnibind_core.streaming.window_trace import call_line
from omnibind_core.streaming.window_trace import closed_line
from omnibind_core.streaming.window_trace import end_line
from omnibind_core.streaming.window_trace import head_line

MOST_BYTES = 256 * 1024 * 1024
"""Largest size of a trace: six sensors fill it in about an hour."""


class TraceFile:
    """A new file that lines are written to until it is full; it never disturbs who writes.

    A file that is there already is kept, and the new one gets a number: ``trace.2.jsonl``.

    :param path: where; its folder must exist.
    :param warn: takes the sentence why nothing more is written, at most once.
    :param most: bytes.
    :raises ConfigError: no such file can be made.
    """

    def __init__(self, path: Path, warn: Callable[[str], None], most: int = MOST_BYTES) -> None:
        given = path.expanduser()
        folder = given.parent.resolve()
        if not given.name or not folder.is_dir() or given.is_dir():
            problem = Problem('arrival_trace', str(path), 'a file in a folder that exists')
            raise ConfigError('fusion', [problem])
        self._warn = warn
        self._left = most
        self._stream: IO[bytes] | None
        self.path, self._stream = _new_file(folder / given.name)

    def write(self, text: str) -> None:
        """Write a line, if there is room."""
        if self._stream is None:
            return
        content = text.encode()
        if len(content) > self._left:
            self._stop(f'{self.path} is full: the rest is not recorded', end_line('full'))
            return
        self._left -= len(content)
        try:
            self._stream.write(content)
        except OSError as error:
            self._stop(f'{self.path} cannot be written any more: {error}')

    def close(self) -> None:
        """Write what is buffered, and close; may be called again."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            stream.close()
        except OSError as error:
            self._warn(f'{self.path} cannot be written any more: {error}')

    def _stop(self, reason: str, last: str = '') -> None:
        self._warn(reason)
        if last and self._stream is not None:
            with suppress(OSError):  # why is said already
                self._stream.write(last.encode())
        self.close()


class RecordedWindow:
    """Used as the window that it wraps; what is not a call that changes it is passed through.

    :param window: an adaptive window, or a synchronizer in its place.
    :param file: gets the lines.
    """

    def __init__(self, window: Any, file: TraceFile, *, space: str, sync: str) -> None:
        self._window = window
        self._file = file
        file.write(head_line(space, window.config, sync))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._window, name)

    def receive(self, vector: Vector, now: int) -> Sequence[ClosedWindow]:
        """See :meth:`AdaptiveWindow.receive`; the others likewise."""
        return self._closing('receive', vector, now)

    def poll(self, now: int) -> Sequence[ClosedWindow]:
        """The window's."""
        return self._closing('poll', now)

    def flush(self, now: int) -> Sequence[ClosedWindow]:
        """The window's."""
        return self._closing('flush', now)

    def clock_jumped(self, now: int) -> Sequence[ClosedWindow]:
        """The window's."""
        return self._closing('clock_jumped', now)

    def publisher_gone(self, sensor: str) -> None:
        """The window's."""
        self._called('publisher_gone', sensor)

    def publisher_back(self, sensor: str) -> None:
        """The window's."""
        self._called('publisher_back', sensor)

    def set_enabled(self, sensor: str, enabled: bool) -> bool:
        """The window's."""
        return bool(self._called('set_enabled', sensor, enabled))

    def set_config(self, config: WindowConfig) -> None:
        """The window's."""
        self._called('set_config', config)

    def _closing(self, name: str, *arguments: Any) -> Sequence[ClosedWindow]:
        closed: Sequence[ClosedWindow] = self._called(name, *arguments)
        for window in closed:
            self._file.write(closed_line(window))
        return closed

    def _called(self, name: str, *arguments: Any) -> Any:
        self._file.write(call_line(Call(name, arguments)))
        return getattr(self._window, name)(*arguments)


def _new_file(path: Path) -> tuple[Path, IO[bytes]]:
    """The first name that is free. What a trace holds is what a camera saw: for its owner only."""
    for number in range(1, 1000):
        found = path if number == 1 else path.with_name(f'{path.stem}.{number}{path.suffix}')
        try:
            descriptor = os.open(found, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        except OSError as error:
            problem = Problem('arrival_trace', f'{found}: {error.strerror}', 'a file to write')
            raise ConfigError('fusion', [problem]) from error
        return found, os.fdopen(descriptor, 'wb')
    raise ConfigError('fusion', [Problem('arrival_trace', f'{path}, 999 times', 'another name')])
