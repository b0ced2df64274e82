"""Driving ROS's synchronizer: what it is given, and what is made of what it passes on."""

from __future__ import annotations

from dataclasses import dataclass
import sys
from types import ModuleType
from typing import Any

import pytest

from omnibind_core.errors import UnavailableError
from omnibind_core.evaluation.approximate_time import synchronize
from omnibind_core.streaming.arrival_trace import simulate
from omnibind_core.streaming.arrival_trace import Source

PAIR = (
    Source(name='left', rate=10.0, phase=0.0, arrival_jitter=0.0),
    Source(name='right', rate=10.0, phase=0.01, latency=0.05, arrival_jitter=0.0),
)


@dataclass
class Time:
    sec: int
    nanosec: int


class SimpleFilter:
    def __init__(self) -> None:
        self.callback: Any = None

    def signalMessage(self, message: Any) -> None:  # noqa: N802  its name in ROS
        self.callback(message)


class PairsInOrder:
    """Takes what a synchronizer takes; passes on the n-th messages of all filters together."""

    made: Any = None

    def __init__(self, filters: list[SimpleFilter], queue_size: int, slop: float) -> None:
        PairsInOrder.made = (len(filters), queue_size, slop)
        self.queues: list[list[Any]] = [[] for _ in filters]
        for queue, one in zip(self.queues, filters, strict=True):
            one.callback = lambda message, queue=queue: self.add(queue, message)

    def registerCallback(self, callback: Any) -> None:  # noqa: N802  its name in ROS
        self.callback = callback

    def add(self, queue: list[Any], message: Any) -> None:
        assert isinstance(message.header.stamp, Time)
        queue.append(message)
        if all(self.queues):
            self.callback(*(one.pop(0) for one in self.queues))


def test_sets_carry_the_time_and_the_arrivals(monkeypatch: pytest.MonkeyPatch) -> None:
    filters, interfaces = ModuleType('message_filters'), ModuleType('builtin_interfaces.msg')
    monkeypatch.setattr(filters, 'SimpleFilter', SimpleFilter, raising=False)
    monkeypatch.setattr(filters, 'ApproximateTimeSynchronizer', PairsInOrder, raising=False)
    monkeypatch.setattr(interfaces, 'Time', Time, raising=False)
    monkeypatch.setitem(sys.modules, 'message_filters', filters)
    monkeypatch.setitem(sys.modules, 'builtin_interfaces.msg', interfaces)
    arrivals = simulate(PAIR, duration=2.0, seed=0, start=100.0)
    sets = synchronize(arrivals, ['left', 'right'], slop=0.08, queue_size=10)
    assert PairsInOrder.made == (2, 10, 0.08)
    assert len(sets) == 20
    for index, one in enumerate(sets):
        left, right = one.members
        assert (left.vector.sensor, right.vector.sensor) == ('left', 'right')
        assert left.vector.seq == right.vector.seq == index
        assert one.time == right.time


def test_without_ros_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'message_filters', None)
    with pytest.raises(UnavailableError, match='message-filters'):
        synchronize([], ['left'], slop=0.08, queue_size=10)


def test_the_real_one() -> None:
    pytest.importorskip('message_filters')
    arrivals = simulate(PAIR, duration=2.0, seed=0, start=100.0)
    sets = synchronize(arrivals, ['left', 'right'], slop=0.08, queue_size=10)
    assert [one.members[0].vector.seq for one in sets] == list(range(20))
    assert [one.members[1].vector.seq for one in sets] == list(range(20))
    alone = [one for one in arrivals if one.vector.sensor == 'left']
    assert synchronize(alone, ['left', 'right'], slop=0.08, queue_size=10) == []
