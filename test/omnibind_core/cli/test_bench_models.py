"""`omnibind bench models`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from tiny_bundle import make

from omnibind_core.cli import bench_models
from omnibind_core.errors import ConfigError


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    bench_models.add_arguments(parser)
    return bench_models.run(parser.parse_args(words))


def test_a_table_and_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every encoder by itself and with its preprocessing, the fusion, and all together."""
    bundle, file = make(tmp_path / 'bundle'), tmp_path / 'figures.json'
    assert _run('--bundle', str(bundle), '--repeats', '3', '--json', str(file)) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 + 6
    document = json.loads(file.read_text())
    found = {(row['what'], row['part']): row for row in document['timings']}
    assert set(found) == {
        *((name, part) for name in ('image', 'thermal') for part in ('model', 'reading')),
        ('window', 'fusion'),
        ('window', 'window'),
    }
    assert all(0.0 < row['median_ms'] <= row['p99_ms'] for row in found.values())
    assert all(row['repeats'] == 3 for row in found.values())
    loading = document['loading']
    assert loading['seconds'] > 0.0 and set(loading['first_ms']) == {'image', 'thermal'}


def test_wrong_arguments_are_all_named_before_anything_is_measured(tmp_path: Path) -> None:
    """Also a bundle that is not there is not looked for."""
    file = tmp_path / 'figures.json'
    file.write_text('{}')
    with pytest.raises(ConfigError) as caught:
        _run('--bundle', 'none', '--repeats', '0', '--threads', '0', '--json', str(file))
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ['--repeats', '--threads', '--json']
    assert file.read_text() == '{}'


def test_the_example_parses() -> None:
    words = bench_models.EXAMPLE.split()
    parser = argparse.ArgumentParser()
    bench_models.add_arguments(parser)
    assert parser.parse_args(words[words.index('models') + 1 :]).repeats == 200
