"""Another process that keeps a core busy, as on a robot that has more to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import subprocess
import sys

from omnibind_core.errors import UnavailableError
from omnibind_core.parent_death import tied

_WORK = 'print("busy", flush=True)\nwhile True:\n    sum(range(1000))\n'


@contextmanager
def busy_core(wanted: bool = True) -> Iterator[None]:
    """While this lasts, a process computes without end; it is ended in any case.

    :param wanted: false: do nothing.
    :raises UnavailableError: when it did not compute all the time: what was measured meanwhile was
        measured with an idle core.
    """
    if not wanted:
        yield
        return
    command = tied([sys.executable, '-I', '-S', '-c', _WORK])
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            begun = process.stdout.readline() == b'busy\n'
            if begun:
                yield
            if not begun or process.poll() is not None:
                raise UnavailableError(
                    f'the process that keeps a core busy has ended (code {process.wait()})'
                )
        finally:
            process.kill()
