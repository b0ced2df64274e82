"""Another process that keeps a core busy, as on a robot that has more to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import subprocess
import sys

_WORK = 'print("busy", flush=True)\nwhile True:\n    sum(range(1000))\n'


@contextmanager
def busy_core(wanted: bool = True) -> Iterator[None]:
    """While this lasts, a process computes without end; it is ended in any case.

    :param wanted: false: do nothing.
    """
    if not wanted:
        yield
        return
    with subprocess.Popen([sys.executable, '-c', _WORK], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # it has begun
            yield
        finally:
            process.kill()
