"""Whether stamps obey a rate, by hand and against the grid itself."""

from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.evaluation.live.decimation import Decimation
from omnibind_core.evaluation.live.decimation import decimation
from omnibind_core.evaluation.live.decimation import usual_rate
from omnibind_core.streaming.stamp_grid import StampGrid

MS = 1_000_000


def test_by_hand() -> None:
    """Cells of 100 ms: 0, 1, 1 (crowded), 3 (one left out)."""
    found = decimation([50 * MS, 110 * MS, 190 * MS, 350 * MS], 10.0)
    assert found == Decimation(crowded=1, filled=2 / 3, rate=pytest.approx(2 / 0.3))


def test_pauses_are_the_sensors() -> None:
    """Five seconds of nothing leave no cell unfilled."""
    stamps = [0, 100 * MS, 5_100 * MS, 5_200 * MS]
    assert decimation(stamps, 10.0) == Decimation(0, 1.0, pytest.approx(10.0))


def test_the_grid_obeys_it_and_a_naive_rule_does_not() -> None:
    """30 Hz with jitter to 10 Hz: `last + 1 / rate` gives 7.5 Hz, and shows."""
    random = np.random.default_rng(2)
    stamps = (np.arange(3000) * 1e9 / 30 + random.uniform(-2e6, 2e6, 3000) + 1e9).astype(int)
    grid = StampGrid(10.0)
    found = decimation([int(stamp) for stamp in stamps if grid.accepts(int(stamp))], 10.0)
    assert found.crowded == 0
    assert found.filled > 0.99
    kept = [int(stamps[0])]
    for stamp in stamps[1:]:
        if stamp - kept[-1] >= 100 * MS:
            kept.append(int(stamp))
    assert decimation(kept, 10.0).filled < 0.95


def test_nothing_to_look_at() -> None:
    assert decimation([], 10.0) == Decimation(0, 0.0, 0.0)
    assert usual_rate([5]) == 0.0


def test_the_usual_rate_knows_no_pauses() -> None:
    assert usual_rate([0, 40 * MS, 80 * MS, 9_000 * MS, 9_040 * MS]) == pytest.approx(25.0)
