"""`omnibind demo`: its arguments, and a machine without ROS."""

from __future__ import annotations

import argparse
from pathlib import Path
import sys
from types import ModuleType
from typing import Any

import pytest

from omnibind_core.cli import demo
from omnibind_core.errors import ConfigError
from omnibind_core.errors import UnavailableError


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    demo.add_arguments(parser)
    return demo.run(parser.parse_args(words))


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The options that the demo was started with; nothing is started."""
    given: list[Any] = []

    def run(options: Any) -> int:
        given.append(options)
        return 143

    module = ModuleType('omnibind_ros.demo.run')
    module.run = run  # type: ignore[attr-defined]
    for name in ('rclpy', 'omnibind', 'omnibind.msg'):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return given


def test_what_is_typed_is_what_is_played(played: list[Any], tmp_path: Path) -> None:
    """The code is the run's."""
    assert _run() == 143
    words = ['--speed', '2', '--seconds', '5', '--out', str(tmp_path), '--no-report', '--plain']
    words += ['--picture', str(tmp_path / 'view.svg'), '--picture-at', '3']
    assert _run(*words) == 143
    usual, chosen = played
    assert usual.bundle == Path('bundles/omnihome').resolve()
    assert (usual.rate, usual.seconds, usual.report, usual.out) == (
        1.0,
        0.0,
        True,
        Path('runs/demo'),
    )
    assert (chosen.rate, chosen.seconds, chosen.report, chosen.plain) == (2.0, 5.0, False, True)
    assert (chosen.picture, chosen.picture_at) == (tmp_path / 'view.svg', 3.0)


def test_wrong_arguments_are_all_named_before_anything_starts(
    played: list[Any], tmp_path: Path
) -> None:
    file = tmp_path / 'file.json'
    file.write_text('{}')
    words = ['--rate', '0', '--seconds', '0.1', '--out', str(file), '--json', str(file)]
    words += ['--picture', str(tmp_path / 'none' / 'view.png'), '--picture-at', '-1']
    with pytest.raises(ConfigError) as caught:
        _run(*words)
    keys = [problem.key for problem in caught.value.problems]
    assert keys == [
        '--rate',
        '--seconds',
        '--out',
        '--json',
        '--picture',
        '--picture',
        '--picture-at',
    ]
    assert (played, file.read_text()) == ([], '{}')


def test_without_ros_it_says_so_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'rclpy', None)
    with pytest.raises(UnavailableError, match='source a ROS installation') as caught:
        _run()
    assert '\n' not in str(caught.value)
