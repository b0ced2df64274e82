"""What lives is left out of collections; what an earlier call left out can still be garbage."""

from __future__ import annotations

from collections.abc import Iterator
import gc
import weakref

import pytest

from omnibind_ros.settled_memory import settle


class Cycle:
    """Only a collection frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _unfreeze() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_lives_is_left_out() -> None:
    kept = Cycle()
    settle()
    assert gc.get_freeze_count() > 1000
    assert not any(one is kept for one in gc.get_objects())
    later = Cycle()
    assert any(one is later for one in gc.get_objects())


def test_garbage_of_an_earlier_activation_is_freed_by_the_next() -> None:
    """A node that is configured again and again does not grow."""
    old = Cycle()
    gone = weakref.ref(old)
    settle()
    del old
    gc.collect()
    assert gone() is not None
    settle()
    assert gone() is None
