"""Refusals in words: sensor, field, value, and what to do."""

from __future__ import annotations

import pytest
from window_driver import Driver
from window_driver import MS
from window_driver import SPACE
from window_driver import vector

from omnibind_core.streaming.refusal import refusal_text
from omnibind_core.streaming.refusal import refused


@pytest.mark.parametrize(
    ('stamp', 'space', 'words'),
    [
        (1000, 'other', ("space 'other'", "'space'", 'the same bundle')),
        (0, SPACE, ('stamp: not set', 'stamp_source')),
        (4000, SPACE, ('3.000 s ahead', 'max_ahead (1 s)')),
    ],
)
def test_a_refused_vector_says_why(stamp: int, space: str, words: tuple[str, ...]) -> None:
    driver = Driver()
    before = driver.window.outcomes
    bad = vector('camera', stamp, space=space)
    driver.window.receive(bad, 1000 * MS)
    outcome = refused(before, driver.window.outcomes)
    assert outcome is not None
    text = refusal_text(outcome, bad, 1000 * MS, driver.window.config, SPACE)
    assert text.startswith("vector of 'camera' refused: ")
    assert all(word in text for word in words)


def test_what_was_taken_is_no_refusal() -> None:
    driver = Driver(max_sensors=1)
    before = driver.window.outcomes
    driver.send('camera', 1000, at=1000)
    between = driver.window.outcomes
    assert refused(before, between) is None
    stranger = vector('lidar', 1001)
    driver.window.receive(stranger, 1002 * MS)
    outcome = refused(between, driver.window.outcomes)
    assert outcome is not None
    text = refusal_text(outcome, stranger, 1002 * MS, driver.window.config, SPACE)
    assert "'lidar'" in text and 'sensor' in text
