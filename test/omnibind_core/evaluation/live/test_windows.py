"""Moments of sensing and their recognitions, by hand."""

from __future__ import annotations

import pytest

from omnibind_core.evaluation.live.windows import Heard
from omnibind_core.evaluation.live.windows import Windows

MS = 1_000_000


def _heard(stamp: int, at: int, closed_by: str = 'complete') -> Heard:
    return Heard(stamp * MS, at * MS, frozenset({'camera'}), closed_by)


@pytest.fixture
def windows() -> Windows:
    """Moments 0, 100 (waited in vain) and 200; of 300 an embedding only."""
    recognitions = [_heard(0, 25), _heard(100, 190, 'timeout'), _heard(200, 221)]
    embeddings = [(0, 20), (0, 12), (100, 130), (200, 220), (300, 320)]
    return Windows(recognitions, [(stamp * MS, at * MS) for stamp, at in embeddings])


def test_share_and_delays(windows: Windows) -> None:
    """From the last embedding of a moment, whatever order they came in."""
    moments = [0, 100 * MS, 200 * MS, 300 * MS]
    assert windows.share(moments) == 0.75
    assert [windows.delay(moment) for moment in moments] == [5.0, 60.0, 1.0, None]
    assert windows.delays(moments) == [5.0, 60.0, 1.0]


def test_a_window_waits_in_vain_when_only_the_gone_sensor_is_not_there(windows: Windows) -> None:
    """The one that lacks the lidar too waited for the lidar."""
    moments = [0, 100 * MS, 200 * MS, 300 * MS]
    assert windows.in_vain(moments, ['camera']) == 1
    assert windows.in_vain(moments, ['camera', 'lidar']) == 0
    assert windows.in_vain(moments[:1], ['camera']) == 0


def test_no_moment_has_no_share(windows: Windows) -> None:
    with pytest.raises(ValueError, match='no moments'):
        windows.share([])
