"""Shared memory of a killed process: removed when nobody uses it any more."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

from omnibind_ros.live_benchmark import leftovers


def test_what_is_mapped_stays_and_the_rest_goes() -> None:
    """A file like the middleware's, which this process uses, and then no longer."""
    name = f'fastdds_0123456789abcdef_{os.getpid()}'
    path = Path('/dev/shm') / name
    path.write_bytes(bytes(mmap.PAGESIZE))
    try:
        with path.open('r+b') as file, mmap.mmap(file.fileno(), 0):
            assert name in leftovers.mapped(os.getpid())
            assert leftovers.remove({name}) == 0
            assert path.exists()
        assert name not in leftovers.mapped(os.getpid())
        assert leftovers.remove({name}) == 1
        assert not path.exists()
    finally:
        path.unlink(missing_ok=True)


def test_a_process_that_has_ended_uses_nothing() -> None:
    """Process ids do not grow that large."""
    assert leftovers.mapped(2**30) == set()
    assert leftovers.remove(set()) == 0
