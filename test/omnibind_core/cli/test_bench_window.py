"""`omnibind bench window`: the table, the JSON, and what it refuses."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from omnibind_core.cli import bench_window
from omnibind_core.errors import ConfigError
from omnibind_core.evaluation.window_scenarios import SCENARIOS


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    bench_window.add_arguments(parser)
    return parser.parse_args(words)


def test_table_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / 'window.json'
    assert bench_window.run(parse('--duration', '6', '--seed', '3', '--json', str(target))) == 0
    printed = capsys.readouterr().out
    document = json.loads(target.read_text())
    assert document['simulated'] is True
    assert (document['seed'], document['duration_s']) == (3, 6.0)
    adaptive = [row for row in document['rows'] if row['window'] == 'adaptive']
    assert [row['scenario'] for row in adaptive] == [one.name for one in SCENARIOS]
    for row in adaptive:
        assert row['scenario'] in printed
        assert f'{row["rate"]:.2f}' in printed
    assert 'simulated' in printed
    assert document['cost_us']['sensors'] == 10
    assert f'median {document["cost_us"]["median"]:.0f} us' in printed


def test_a_seed_gives_the_same_figures_again(tmp_path: Path) -> None:
    rows = []
    for name in ('first', 'second'):
        bench_window.run(parse('--duration', '5', '--json', str(tmp_path / name)))
        rows.append(json.loads((tmp_path / name).read_text())['rows'])
    assert rows[0] == rows[1]


def test_every_wrong_argument_is_named(tmp_path: Path) -> None:
    there = tmp_path / 'there.json'
    there.touch()
    with pytest.raises(ConfigError) as caught:
        bench_window.run(parse('--seed', '-1', '--duration', '0', '--json', str(there)))
    assert [one.key for one in caught.value.problems] == ['--seed', '--duration', '--json']
    assert there.read_text() == ''


@pytest.mark.parametrize('duration', ['nan', 'inf', '4.9', '3601'])
def test_durations(duration: str) -> None:
    with pytest.raises(ConfigError, match='--duration'):
        bench_window.run(parse('--duration', duration))


def test_the_example_parses() -> None:
    words = bench_window.EXAMPLE.split()
    parsed = parse(*words[words.index('window') + 1 :])
    assert (parsed.duration, parsed.seed, parsed.json) == (60.0, 1, Path('window.json'))
