"""Node processes: started from the installed package, observed by their output."""

from __future__ import annotations

from collections.abc import Sequence
import os
from pathlib import Path
import signal
import subprocess
import sys
import threading
from types import TracebackType

from omnibind_core.parent_death import tied
from omnibind_ros.stage.probe import InVainError

ANSWER = 'answer: '  # before what a module says when asked
STOP_TIMEOUT = 20.0  # seconds; a loaded machine of two cores


def executable(name: str) -> Path:
    """An executable as `ros2 run omnibind NAME` would find it."""
    from ament_index_python.packages import get_package_prefix

    return Path(get_package_prefix('omnibind')) / 'lib' / 'omnibind' / name


class RosProcess:
    """One process; its output is collected line by line, so that one can wait for a line.

    It is ended when the thread that made it ends, also by `kill -9`.

    :param name: of an executable of the package, or a module that can be run (``package.module``).
    :param arguments: of its command line.
    :param env: added to this process's environment.
    """

    def __init__(self, name: str, *arguments: str, env: dict[str, str] | None = None) -> None:
        environment = {**os.environ, 'PYTHONUNBUFFERED': '1', **(env or {})}
        self.name = name
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self.process = subprocess.Popen(
            tied([*_command(name), *arguments]),
            stdin=subprocess.PIPE if '.' in name else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """Everything it has printed."""
        with self._changed:
            return ''.join(self._lines)

    @property
    def lines(self) -> int:
        """How many lines it has printed."""
        with self._changed:
            return len(self._lines)

    def wait_for_line(self, text: str, timeout: float = 30.0, *, after: int = 0) -> str:
        """Wait until a line contains ``text``; fails when the process ends or time is up.

        :param after: so many lines are not looked at.
        """

        def found() -> str | None:
            return next((line for line in self._lines[after:] if text in line), None)

        with self._changed:
            self._changed.wait_for(lambda: found() is not None or self._ended, timeout)
            line = found()
        if line is None:
            raise InVainError(f'{self.name} never printed {text!r}:\n{self.output}')
        return line

    def ask(self, text: str, timeout: float = 30.0) -> str:
        """Write a line to a module's input; what it answers: what follows ``ANSWER`` in a line."""
        assert self.process.stdin is not None
        before = self.lines
        self.process.stdin.write(f'{text}\n')
        self.process.stdin.flush()
        return self.wait_for_line(ANSWER, timeout, after=before).partition(ANSWER)[2]

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send a signal and return the exit code (negative: died of that signal)."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise InVainError(f'{self.name} ignored signal {number}:\n{self.output}') from None

    def __enter__(self) -> RosProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(5.0)
        if self.process.stdin is not None:
            self.process.stdin.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def _command(name: str) -> list[str]:
    if '.' in name:
        return [sys.executable, '-m', name]
    return [str(executable(name))]


def ros_arguments(
    *, node: str | None = None, namespace: str = '/omnibind', **parameters: object
) -> Sequence[str]:
    """`--ros-args` for a node name, namespace and parameters (`settings__x` for `settings.x`)."""
    arguments = ['--ros-args', '-r', f'__ns:={namespace}']
    if node is not None:
        arguments += ['-r', f'__node:={node}']
    for name, value in parameters.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        arguments += ['-p', f'{name.replace("__", ".")}:={text}']
    return arguments
