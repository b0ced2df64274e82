"""Shared memory of a killed process: removed when nobody uses it any more."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import pytest

from omnibind_ros.stage import leftovers
from omnibind_ros.stage.probe import Probe


@pytest.mark.parametrize('begin', ['fastrtps', 'fastdds', 'sem.fastrtps'])
def test_what_is_mapped_stays_and_the_rest_goes(begin: str) -> None:
    """A file like the middleware's, which this process uses, and then no longer."""
    name = f'{begin}_0123456789abcdef_{os.getpid()}'
    path, lock = Path('/dev/shm') / name, Path('/dev/shm') / f'{name}_el'
    path.write_bytes(bytes(mmap.PAGESIZE))
    lock.touch()
    try:
        with path.open('r+b') as file, mmap.mmap(file.fileno(), 0):
            assert name in leftovers.mapped(os.getpid())
            assert leftovers.remove({name}) == 0
            assert path.exists() and lock.exists()
            with lock.open():
                assert name in leftovers.owned(os.getpid())
        assert name not in leftovers.mapped(os.getpid())
        assert leftovers.remove({name}) == 1
        assert not path.exists() and not lock.exists()
    finally:
        path.unlink(missing_ok=True)
        lock.unlink(missing_ok=True)


@pytest.mark.usefixtures('ros_domain')
def test_the_middleware_names_its_files_so() -> None:
    """What this process has made, and uses, once it takes part in a graph."""
    with Probe():
        made = leftovers.owned(os.getpid())
        assert made & leftovers.mapped(os.getpid())
        assert all((Path('/dev/shm') / name).exists() for name in made)


def test_a_process_that_has_ended_uses_nothing() -> None:
    """Process ids do not grow that large."""
    assert leftovers.mapped(2**30) == set()
    assert leftovers.remove(set()) == 0
