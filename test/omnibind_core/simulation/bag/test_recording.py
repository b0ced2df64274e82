"""The bag's folder: whole or not at all, the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from omnibind_core.data.message_definitions import message_store
from omnibind_core.simulation.bag.errors import BagError
from omnibind_core.simulation.bag.recording import Recorded
from omnibind_core.simulation.bag.recording import write_bag
from omnibind_core.simulation.bag.topics import LATCHED
from omnibind_core.simulation.bag.topics import SENSORS
from omnibind_core.simulation.bag.topics import TRUTH
from omnibind_core.simulation.bag.writers.messages import Messages
from omnibind_core.simulation.bag.writers.truth import classification

rosbag2 = pytest.importorskip('rosbags.rosbag2')

STORE = message_store()
SECOND = 1_000_000_000
ZSTD_FRAME = bytes.fromhex('28b52ffd')  # RFC 8878


def truths(*times: int) -> list[Recorded]:
    """One message at each time, s."""
    messages = Messages(STORE)
    return [
        Recorded(time * SECOND, TRUTH[0], classification(messages, time * SECOND, f'c{time}'))
        for time in times
    ]


def write(out: Path, recorded: list[Recorded]) -> None:
    """With something beside it."""
    write_bag(out, recorded, STORE, remarks={'simulated': 'true'}, beside={'x.csv': 'a\n'})


def test_order_topics_and_compression(tmp_path: Path) -> None:
    """In order of reception; all topics are there, also silent ones; chunks are zstd."""
    out = tmp_path / 'new' / 'bag'
    write(out, truths(3, 1, 2))
    assert sorted(path.name for path in out.iterdir()) == ['bag.mcap', 'metadata.yaml', 'x.csv']
    with rosbag2.Reader(out) as reader:
        assert {item.topic: item.msgtype for item in reader.connections} == {
            **{item.topic: item.message for item in SENSORS},
            **dict(LATCHED),
        }
        assert [time for _, time, _ in reader.messages()] == [SECOND, 2 * SECOND, 3 * SECOND]
    told = yaml.safe_load((out / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
    assert told['custom_data'] == {'simulated': 'true'}
    assert told['storage_identifier'] == 'mcap'
    assert ZSTD_FRAME in (out / 'bag.mcap').read_bytes()


def test_the_same_messages_give_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the order in which they come."""
    for name, times in (('a', (1, 2, 3)), ('b', (3, 1, 2))):
        write(tmp_path / name / 'bag', truths(*times))
    for name in ('bag.mcap', 'metadata.yaml'):
        first, second = (tmp_path / part / 'bag' / name for part in ('a', 'b'))
        assert first.read_bytes() == second.read_bytes()


def test_a_taken_place(tmp_path: Path) -> None:
    """Nothing is overwritten."""
    (tmp_path / 'bag').mkdir()
    with pytest.raises(BagError, match='exists already; choose another folder'):
        write(tmp_path / 'bag', truths(1))
    assert list((tmp_path / 'bag').iterdir()) == []


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full in the middle: no folder, no draft."""

    def full(*_: object) -> None:
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(rosbag2.Writer, 'write', full)
    with pytest.raises(OSError, match='No space left'):
        write(tmp_path / 'bag', truths(1))
    assert list(tmp_path.iterdir()) == []
