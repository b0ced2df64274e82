"""What a live window was given, written down, read back, and played again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnibind_core.errors import ConfigError
from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_core.streaming.arrival_trace import simulate
from omnibind_core.streaming.arrival_trace import Source
from omnibind_core.streaming.arrival_trace import SPACE
from omnibind_core.streaming.arrival_trace import stalled
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.recorded_window import RecordedWindow
from omnibind_core.streaming.recorded_window import TraceFile
from omnibind_core.streaming.vector import Vector
from omnibind_core.streaming.window_replay import arrivals_of
from omnibind_core.streaming.window_replay import replay_arrivals
from omnibind_core.streaming.window_replay import replay_calls
from omnibind_core.streaming.window_trace import read_trace
from omnibind_core.streaming.window_trace import record_of
from omnibind_core.streaming.window_trace import TraceError

MS = 1_000_000
CONFIG = WindowConfig(sporadic=('touch',))


def _warning(text: str) -> None:
    raise AssertionError(text)


def _recorded(path: Path, sync: str = 'adaptive', **options: Any) -> RecordedWindow:
    given = {'warn': _warning, **options}
    window = AdaptiveWindow(CONFIG, SPACE)
    return RecordedWindow(window, TraceFile(path, **given), space=SPACE, sync=sync)


def _close(window: RecordedWindow) -> None:
    window._file.close()  # as the node does, which has made it


def _traffic() -> list[Arrival]:
    """Six seconds of three sensors: one is lost for a while, all stall, some never arrive."""
    sources = [
        Source(name='camera', rate=10.0, phase=0.01, dropped=0.1, stamp_jitter=0.002),
        Source(name='lidar', rate=5.0, phase=0.02, latency=0.07, active=((0.0, 2.0), (4.0, 6.0))),
        Source(name='touch', rate=7.0, arrival_jitter=0.02),
    ]
    return stalled(simulate(sources, duration=6.0, seed=3), 1003.0, 1003.4)


def _late_node(window: RecordedWindow, arrivals: list[Arrival], late: int) -> None:
    """A node whose timer is late, and whose thread takes a vector first when both are due."""
    for arrival in arrivals:
        deadline = window.next_deadline()
        if deadline is not None and deadline + late < arrival.time:
            window.poll(deadline + late)
        window.receive(arrival.vector, arrival.time)


@pytest.mark.parametrize('late', [0, 4 * MS, 40 * MS])
def test_replayed_windows_are_those_that_closed(tmp_path: Path, late: int) -> None:
    """Call by call the same in everything; of the arrivals alone but for when they closed."""
    path = tmp_path / 'trace.jsonl'
    window = _recorded(path)
    arrivals = _traffic()
    _late_node(window, arrivals[:40], late)
    window.publisher_gone('lidar')
    _late_node(window, arrivals[40:60], late)
    window.publisher_back('lidar')
    window.set_enabled('touch', False)
    window.set_config(WindowConfig(max_wait=0.05))
    _late_node(window, arrivals[60:], late)
    window.flush(arrivals[-1].time + 1)
    _close(window)
    trace = read_trace(path)
    assert trace.whole
    assert trace.config == CONFIG
    assert arrivals_of(trace) == arrivals
    exact = [record_of(one) for one in replay_calls(trace)]
    assert tuple(exact) == trace.closed
    assert {one.closed_by for one in exact} >= {'complete', 'timeout'}
    assert any(one.held for one in exact) and any(one.missing for one in exact)
    alone = [record_of(one) for one in replay_arrivals(trace)]
    assert [_untimed(one) for one in alone] == [_untimed(one) for one in exact]
    moved = [one.closed_at - other.closed_at for one, other in zip(exact, alone, strict=True)]
    assert min(moved) >= 0
    assert (max(moved) > 0) == (late > 0)


def _untimed(record: Any) -> tuple[Any, ...]:
    return tuple(value for name, value in vars(record).items() if name != 'closed_at')


def test_embeddings_are_the_same_to_the_last_bit(tmp_path: Path) -> None:
    path = tmp_path / 'trace.jsonl'
    payload = np.random.default_rng(0).standard_normal(256).astype(np.float32)
    vector = Vector('camera', 'image', 5, 0, 7, 3, True, SPACE, payload, 1.25, arrived=8)
    window = _recorded(path)
    window.receive(vector, 8)
    window.clock_jumped(2)
    _close(window)
    (arrival,) = arrivals_of(read_trace(path))
    found = arrival.vector
    assert found == vector
    assert found.arrived == 8
    assert found.payload is not None
    assert found.payload.tobytes() == payload.tobytes()


def test_what_is_asked_is_answered_by_the_window(tmp_path: Path) -> None:
    window = _recorded(tmp_path / 'trace.jsonl')
    assert window.config == CONFIG
    assert window.received == 0
    assert window.next_deadline() is None
    assert window.set_enabled('camera', False)


def test_a_file_that_exists_is_kept(tmp_path: Path) -> None:
    path = tmp_path / 'trace.jsonl'
    path.write_text('mine')
    for number in (2, 3):
        made = TraceFile(path, _warning)
        made.close()
        made.close()
        assert made.path == tmp_path / f'trace.{number}.jsonl'
        assert made.path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == 'mine'


@pytest.mark.parametrize('name', ['no/such/trace.jsonl', ''])
def test_a_place_where_nothing_can_be_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match='arrival_trace'):
        TraceFile(tmp_path / name, _warning)


def test_a_full_file_ends_the_recording_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / 'trace.jsonl'
    said: list[str] = []
    window = _recorded(path, warn=said.append, most=4000)
    for arrival in _traffic():
        window.receive(arrival.vector, arrival.time)
    assert window.received == len(_traffic())
    assert len(said) == 1
    assert 'is full' in said[0]
    assert path.stat().st_size <= 4000 + len('{"end":"full"}\n')
    trace = read_trace(path)
    assert not trace.whole
    assert 0 < len(trace.calls) < window.received


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / 'trace.jsonl'
    window = _recorded(path)
    for arrival in _traffic()[:3]:
        window.receive(arrival.vector, arrival.time)
    _close(window)
    path.write_bytes(path.read_bytes()[:-20])
    assert len(read_trace(path).calls) == 2 or len(read_trace(path).calls) == 3


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('', 'no trace'),
        ('{"trace":99}\n', 'no trace'),
        ('[1]\n', 'line 1'),
        ('not json\n', 'line 1'),
        ('HEAD{"call":"receive"}\n', 'line 2'),
        ('HEAD{"other":1}\n', 'line 2'),
        ('HEAD{"closed":{"index":1}}\n', 'line 2'),
    ],
)
def test_what_is_no_trace(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / 'trace.jsonl'
    window = _recorded(path)
    _close(window)
    path.write_text(text.replace('HEAD', path.read_text()))
    with pytest.raises(TraceError, match=said):
        read_trace(path)


def test_what_cannot_be_replayed(tmp_path: Path) -> None:
    """Calls that no window has are not made, whatever they are named."""
    path = tmp_path / 'trace.jsonl'
    window = _recorded(path)
    _close(window)
    head = path.read_text()
    path.write_text(head + '{"call":"__init__","arguments":[]}\n')
    for again in (replay_calls, replay_arrivals):
        with pytest.raises(TraceError, match='__init__'):
            list(again(read_trace(path)))
    changed = {**json.loads(head), 'sync': 'exact'}
    path.write_text(json.dumps(changed) + '\n')
    with pytest.raises(TraceError, match='sync: exact'):
        list(replay_calls(read_trace(path)))
