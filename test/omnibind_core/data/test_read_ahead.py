"""Reading ahead: order, errors in their turn, and a thread that ends."""

from __future__ import annotations

from collections.abc import Iterator
import threading

import pytest

from omnibind_core.data.read_ahead import ReadAhead


def test_everything_in_order() -> None:
    """More items than fit into the queue."""
    with ReadAhead(range(1000), size=4) as ahead:
        assert list(ahead) == list(range(1000))


def test_it_reads_while_nobody_takes() -> None:
    """The third item is read although only the first was taken."""
    third = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        yield 2
        third.set()
        yield 3

    with ReadAhead(items(), size=8) as ahead:
        assert next(iter(ahead)) == 1
        assert third.wait(30.0)


def test_an_error_comes_in_its_turn() -> None:
    """What was read before it is not lost."""

    def items() -> Iterator[int]:
        yield 1
        raise OSError('damaged')

    taken = []
    with pytest.raises(OSError, match='damaged'), ReadAhead(items()) as ahead:
        taken.extend(ahead)
    assert taken == [1]


def test_leaving_early_ends_the_thread() -> None:
    """Also when it waits for room."""
    before = threading.active_count()
    with ReadAhead(iter(int, 1), size=2) as ahead:
        assert next(iter(ahead)) == 0
    assert threading.active_count() == before
