"""`omnibind bench preprocessing`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from omnibind_core.cli import bench_preprocessing
from omnibind_core.errors import ConfigError
from omnibind_core.evaluation import preprocessing_benchmark


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    bench_preprocessing.add_arguments(parser)
    return bench_preprocessing.run(parser.parse_args(words))


def test_a_table_and_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # all but the one whose reference takes a second
    short = tuple(case for case in preprocessing_benchmark.CASES if case.modality != 'point_cloud')
    monkeypatch.setattr(preprocessing_benchmark, 'CASES', short)
    file = tmp_path / 'figures.json'
    assert _run('--repeats', '1', '--json', str(file)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in lines[2:]] == ['image', 'thermal', 'event', 'audio', 'touch']
    assert all(row.count(' ms') == 3 for row in lines[2:])
    rows = json.loads(file.read_text())['preprocessing']
    assert [row['modality'] for row in rows] == ['image', 'thermal', 'event', 'audio', 'touch']
    assert all(row['median_ms'] > 0 and row['ratio'] > 0 for row in rows)


def test_wrong_arguments_are_all_named_before_anything_is_measured(tmp_path: Path) -> None:
    file = tmp_path / 'figures.json'
    file.write_text('{}')
    with pytest.raises(ConfigError) as caught:
        _run('--repeats', '0', '--json', str(file))
    assert [problem.key for problem in caught.value.problems] == ['--repeats', '--json']
    assert file.read_text() == '{}'


def test_the_example_parses() -> None:
    words = bench_preprocessing.EXAMPLE.split()
    parser = argparse.ArgumentParser()
    bench_preprocessing.add_arguments(parser)
    parsed = parser.parse_args(words[words.index('preprocessing') + 1 :])
    assert parsed.repeats == 200
