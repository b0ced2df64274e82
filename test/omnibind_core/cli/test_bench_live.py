"""`omnibind bench live`: its arguments, its exit code, and a machine without ROS."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
import sys
from types import ModuleType
from typing import Any

import pytest

from omnibind_core.cli import bench_live
from omnibind_core.errors import ConfigError
from omnibind_core.errors import UnavailableError

MODULE = 'omnibind_ros.live_benchmark.scenarios'


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    bench_live.add_arguments(parser)
    return bench_live.run(parser.parse_args(words))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the scenarios were asked for; nothing is started, and ``kill`` is missed."""
    asked: dict[str, Any] = {}

    def measure(names: tuple[str, ...], **given: Any) -> dict[str, Any]:
        asked.update(given, names=names)
        return {'scenarios': {name: {'met': name != 'kill'} for name in names}}

    module = ModuleType(MODULE)
    module.measure = measure  # type: ignore[attr-defined]
    for name in ('rclpy', 'omnibind', 'omnibind.msg'):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, MODULE, module)
    return asked


def test_all_scenarios_but_the_full_bag(measured: dict[str, Any]) -> None:
    """Which there is only with a bag for it; one that is missed makes the exit code 1."""
    assert _run() == 1
    assert measured['names'] == tuple(name for name in bench_live.SCENARIOS if name != 'full')
    assert (measured['messages'], measured['minutes']) == (500, 5.0)
    assert _run('--full-bag', 'some') == 1
    assert measured['names'] == bench_live.SCENARIOS


def test_some_scenarios_and_a_file(measured: dict[str, Any], tmp_path: Path) -> None:
    """In our order, whatever the list's; 0 when all are met."""
    file = tmp_path / 'live.json'
    words = ('--only', 'plug, latency', '--modalities', 'audio,image', '--json', str(file))
    assert _run(*words) == 0
    assert measured['names'] == ('latency', 'plug')
    assert measured['modalities'] == ('image', 'audio')
    assert json.loads(file.read_text())['scenarios'] == {
        'latency': {'met': True},
        'plug': {'met': True},
    }


def test_wrong_arguments_are_all_named_before_anything_starts(tmp_path: Path) -> None:
    file = tmp_path / 'figures.json'
    file.write_text('{}')
    words = ['--only', 'full,lihgt', '--modalities', 'smell', '--messages', '0', '--minutes', '0']
    with pytest.raises(ConfigError) as caught:
        _run(*words, '--rounds', '0', '--json', str(file))
    keys = [problem.key for problem in caught.value.problems]
    assert keys == [
        '--only',
        '--modalities',
        '--full-bag',
        '--messages',
        '--minutes',
        '--rounds',
        '--json',
    ]
    assert file.read_text() == '{}'


def test_without_ros_it_says_so_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'rclpy', None)
    with pytest.raises(UnavailableError, match='source a ROS installation') as caught:
        _run('--only', 'kill')
    assert '\n' not in str(caught.value)


def test_the_example_parses() -> None:
    words = bench_live.EXAMPLE.split()
    parser = argparse.ArgumentParser()
    bench_live.add_arguments(parser)
    assert parser.parse_args(words[words.index('live') + 1 :]).minutes == 5.0
