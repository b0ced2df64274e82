"""The encoder's worker in bag time."""

from __future__ import annotations

import pytest

from omnibind_core.evaluation.bag.encode_slot import EncodeSlot


def played(delay: int, times: list[int]) -> tuple[list[tuple[int, int]], int]:
    """Which readings (by the time they came) are ready when, and how many were replaced."""
    slot: EncodeSlot[int] = EncodeSlot(delay)
    found = [taken for time in times for taken in slot.put(time, time)]
    found += slot.drain()
    return [(one.item, one.ready) for one in found], slot.replaced


def test_a_fast_encoder_takes_everything_at_once() -> None:
    """Each is ready one delay after it came; also one that comes just when it is free."""
    assert played(10, [0, 10, 25]) == ([(0, 10), (10, 20), (25, 35)], 0)
    assert played(0, [3, 3]) == ([(3, 3), (3, 3)], 0)


def test_a_slow_encoder_takes_the_newest() -> None:
    """By hand: 0 runs until 30; 10 waits, gives way to 20, which runs from 30 to 60; 45 waits."""
    assert played(30, [0, 10, 20, 45]) == ([(0, 30), (20, 60), (45, 90)], 1)


def test_what_waits_at_the_end_is_still_encoded() -> None:
    """Nothing gets lost without a count."""
    taken, replaced = played(100, [0, 1, 2, 3])
    assert taken == [(0, 100), (3, 200)]
    assert len(taken) + replaced == 4


def test_a_delay_is_not_negative() -> None:
    """It would be an encoder that knows the future."""
    with pytest.raises(ValueError, match='at least 0'):
        EncodeSlot(-1)
