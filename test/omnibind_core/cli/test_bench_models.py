"""`omnibind bench models`."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
import subprocess
import sys

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
    document = json.loads(file.read_text())
    _, alone, header, *lines = capsys.readouterr().out.splitlines()
    assert 'thermal ' in alone and f', {document["loading"]["first_ms"]["thermal"]:.0f} ms' in alone
    assert header.split()[-1] == 'second' and len(lines) == 6
    for printed, row in zip(lines, document['timings'], strict=True):
        assert printed.split()[-1] == f'{1e3 / row["median_ms"]:.0f}'
    found = {(row['what'], row['part']): row for row in document['timings']}
    assert set(found) == {
        *((name, part) for name in ('image', 'thermal') for part in ('model', 'reading')),
        ('window', 'fusion'),
        ('window', 'window'),
    }
    assert all(0.0 < row['median_ms'] <= row['p99_ms'] for row in found.values())
    assert all(row['repeats'] == 3 and row['by'] == 'omnibind' for row in found.values())
    loading = document['loading']
    assert loading['seconds'] > 0.0 and set(loading['first_ms']) == {'image', 'thermal'}
    assert set(loading['encoder_megabytes']) == {'image', 'thermal'}
    assert document['ratios'] == []


def test_beside_eager_torch_with_several_threads_and_a_busy_core(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each combination has its own ratio, and the picture is drawn."""
    pytest.importorskip('torch')
    pytest.importorskip('matplotlib')
    bundle = make(tmp_path / 'bundle', modalities=('thermal', 'point_cloud'))
    file, picture = tmp_path / 'figures.json', tmp_path / 'figures.png'
    words = ['--bundle', str(bundle), '--repeats', '2', '--eager', '--busy', '--threads', '1,2']
    assert _run(*words, '--json', str(file), '--picture', str(picture)) == 0
    document = json.loads(file.read_text())
    cases = [(row['threads'], row['busy']) for row in document['ratios']]
    assert cases == [(1, False), (1, True), (2, False), (2, True)]
    times = {
        (row['what'], row['by']): row['median_ms']
        for row in document['timings']
        if (row['part'], row['threads'], row['busy']) == ('model', 1, False)
    }
    each = [
        times[name, 'torch eager'] / times[name, 'omnibind'] for name in ('thermal', 'point_cloud')
    ]
    wanted = (each[0] * each[1]) ** 0.5  # the geometric mean
    assert document['ratios'][0]['ratio']['model'] == pytest.approx(wanted)
    assert picture.read_bytes().startswith(b'\x89PNG')
    assert 'torch eager takes, 2 threads, a core busy: ' in capsys.readouterr().out


def test_a_robot_needs_no_torch(tmp_path: Path) -> None:
    """In a process of its own, nothing of the bundle's use imports torch."""
    bundle, file = make(tmp_path / 'bundle'), tmp_path / 'figures.json'
    words = ['bench', 'models', '--bundle', str(bundle), '--repeats', '1', '--json', str(file)]
    code = 'import sys; from omnibind_core.cli.main import main; sys.exit(main(sys.argv[1:]))'
    subprocess.run([sys.executable, '-c', code, *words], check=True, capture_output=True)
    assert json.loads(file.read_text())['torch_imported'] is False


def test_wrong_arguments_are_all_named_before_anything_is_measured(tmp_path: Path) -> None:
    """Also a bundle that is not there is not looked for."""
    file = tmp_path / 'figures.json'
    file.write_text('{}')
    with pytest.raises(ConfigError) as caught:
        _run('--bundle', 'none', '--repeats', '0', '--threads', '1,0', '--json', str(file))
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ['--repeats', '--threads', '--json']
    assert file.read_text() == '{}'


@pytest.mark.parametrize(('load', 'noted'), [(0.2, False), (200.0, True)])
def test_a_machine_that_is_not_idle_is_noted(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    load: float,
    noted: bool,
) -> None:
    """The figures would be taken for those of an idle one."""
    monkeypatch.setattr(os, 'getloadavg', lambda: (load, 0.0, 0.0))
    bundle, file = make(tmp_path / 'bundle', modalities=('thermal',)), tmp_path / 'figures.json'
    assert _run('--bundle', str(bundle), '--repeats', '1', '--json', str(file)) == 0
    assert ('other processes' in capsys.readouterr().err) is noted
    assert json.loads(file.read_text())['load_average'] == load


def test_the_example_parses() -> None:
    words = bench_models.EXAMPLE.split()
    parser = argparse.ArgumentParser()
    bench_models.add_arguments(parser)
    assert parser.parse_args(words[words.index('models') + 1 :]).eager
