"""Clocks that cannot be the same."""

from __future__ import annotations

import pytest

from omnibind_core.evaluation.bag.clock_check import clock_problem


@pytest.mark.parametrize('delays', [[], [0.03] * 9, [0.9, 0.2, 0.4], [-0.005, 0.0, -0.003]])
def test_what_messages_may_take(delays: list[float]) -> None:
    """A network is slow, and a stamp a little wrong."""
    assert clock_problem('camera', delays) == ''


def test_one_message_that_is_late_is_no_clock() -> None:
    """The median counts."""
    assert clock_problem('camera', [0.03, 0.04, 500.0]) == ''


@pytest.mark.parametrize(
    ('delay', 'said'),
    [
        (-0.05, r'50 ms ahead of .* -0\.050 s'),
        (4.0, r'4000 ms behind'),
        (-3600.0, '3600 s ahead of'),
        (90_000.0, '25.0 h behind'),
        (-4e8, '4630 days ahead of'),
    ],
)
def test_a_clock_that_is_off(delay: float, said: str) -> None:
    """By how much, in which direction, and what to do."""
    found = clock_problem('camera', [delay] * 5)
    assert found.startswith('camera: ')
    import re

    assert re.search(said, found)
    assert 'stamp_offset' in found
