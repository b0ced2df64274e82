"""A process that is tied to its parent ends with it, also by `kill -9`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from omnibind_core.parent_death import tied

pytestmark = pytest.mark.skipif(not sys.platform.startswith('linux'), reason='Linux alone tells')
PARENT = """
import subprocess, sys
from omnibind_core.parent_death import tied
child = subprocess.Popen(tied(['/bin/sleep', '600']), start_new_session=True)
print(child.pid, flush=True)
child.wait()
"""


def test_the_command_is_run_as_it_is() -> None:
    """With its arguments, output and exit code."""
    words = tied(['/bin/sh', '-c', 'echo "$1"; exit 7', 'sh', 'a b'])
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (7, 'a b\n')


def test_it_ends_when_its_parent_is_killed() -> None:
    """Though it is in a session of its own."""
    parent = subprocess.Popen([sys.executable, '-c', PARENT], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.send_signal(signal.SIGKILL)
        parent.wait(30.0)
        gone, _ = psutil.wait_procs([child], timeout=30.0)
        assert gone or child.status() == psutil.STATUS_ZOMBIE
    finally:
        parent.kill()
        parent.wait()


def test_a_parent_that_has_ended_already() -> None:
    """The child of another one is told so at once."""
    words = tied(['/bin/sleep', '600'])
    words[4] = str(os.getppid())
    assert subprocess.run(words, timeout=30.0).returncode == -signal.SIGTERM
