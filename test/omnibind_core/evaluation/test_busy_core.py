"""A process that keeps a core busy, and never longer than it is wanted."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from omnibind_core.errors import UnavailableError
from omnibind_core.evaluation.busy_core import busy_core

KILLED = """
import os, psutil
from omnibind_core.evaluation.busy_core import busy_core
with busy_core():
    (child,) = psutil.Process().children()
    print(child.pid, flush=True)
    input()
"""


def started() -> set[psutil.Process]:
    """Processes of this one."""
    return set(psutil.Process().children())


def test_it_computes_and_ends() -> None:
    """Its processor time grows; afterwards it is gone."""
    before = started()
    with busy_core():
        (child,) = started() - before
        first = child.cpu_times().user
        while child.cpu_times().user <= first:
            pass
    assert not child.is_running()
    with busy_core(False):
        assert started() == before


def test_it_ends_with_a_process_that_is_killed() -> None:
    """By SIGKILL, after which nothing of that process runs."""
    with subprocess.Popen(
        [sys.executable, '-c', KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        assert child.is_running()
        process.kill()
    _, alive = psutil.wait_procs([child], timeout=30)
    assert not alive


def test_when_it_ends_early_the_figures_are_not_taken() -> None:
    """They would be called those of a busy machine."""
    before = started()
    said = r'keeps a core busy has ended \(code -9\)'
    with pytest.raises(UnavailableError, match=said), busy_core():
        (child,) = started() - before
        child.kill()
        while child.status() != psutil.STATUS_ZOMBIE:
            pass
