"""A trace that is right, and one that was meddled with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from omnibind_core.evaluation.bag.trace_check import check_trace
from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.arrival_trace import replay
from omnibind_core.streaming.arrival_trace import simulate
from omnibind_core.streaming.arrival_trace import Source
from omnibind_core.streaming.arrival_trace import SPACE
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.recorded_window import RecordedWindow
from omnibind_core.streaming.recorded_window import TraceFile
from omnibind_core.streaming.window_trace import read_trace
from omnibind_core.streaming.window_trace import WindowTrace


def _trace(folder: Path) -> WindowTrace:
    file = TraceFile(folder / 'trace.jsonl', print)
    window = RecordedWindow(
        AdaptiveWindow(WindowConfig(), SPACE), file, space=SPACE, sync='adaptive'
    )
    sources = [Source(name='camera', rate=10.0), Source(name='lidar', rate=5.0)]
    assert len([*replay(window, simulate(sources, duration=3.0, seed=0))]) > 20
    file.close()
    return read_trace(file.path)


def test_all_the_same(tmp_path: Path) -> None:
    trace = _trace(tmp_path)
    found, windows = check_trace(trace)
    assert found['call_by_call']['all'] and found['arrivals_alone']['all'] and found['whole']
    assert found['call_by_call']['identical'] == len(trace.closed) == len(windows)
    assert found['call_by_call']['first_differences'] == []


def test_a_difference_is_told(tmp_path: Path) -> None:
    """Of one window in one field; the moment of closing counts call by call only."""
    trace = _trace(tmp_path)
    closed = list(trace.closed)
    closed[3] = replace(closed[3], closed_by='timeout')
    closed[7] = replace(closed[7], closed_at=1)
    found, _ = check_trace(replace(trace, closed=tuple(closed)))
    exact, alone = found['call_by_call'], found['arrivals_alone']
    assert (exact['identical'], alone['identical']) == (len(closed) - 2, len(closed) - 1)
    assert not exact['all'] and not alone['all']
    assert exact['first_differences'][0] == ('window 3: closed_by: timeout live, complete replayed')
    found, _ = check_trace(replace(trace, closed=trace.closed[:-1]))
    assert not found['arrivals_alone']['all']
