"""`omnibind data stats`, `sheet` and `subset`, as typed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from types import ModuleType

from PIL import Image
import pytest
from tiny_readings import tiny_data_set

from omnibind_core.cli import data_probe
from omnibind_core.cli import data_sheet
from omnibind_core.cli import data_stats
from omnibind_core.cli import data_subset
from omnibind_core.data.errors import DataError
from omnibind_core.data.errors import ManifestError
from omnibind_core.errors import ConfigError


def run(module: ModuleType, *words: object) -> int:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    code: int = module.run(parser.parse_args([str(word) for word in words]))
    return code


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A small data set on disk."""
    return tiny_data_set(tmp_path / 'set', instances=4).root


def test_stats(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table for people, JSON for machines; bad data and splits are refused."""
    assert run(data_stats, data, '--json', tmp_path / 'x.json') == 0
    output = capsys.readouterr().out
    assert 'point_cloud' in output
    assert 'valid, 160 readings, 2 split(s)' in output
    assert json.loads((tmp_path / 'x.json').read_text())['instances']['cup']['test'] == 1
    with pytest.raises(ConfigError, match='split'):
        run(data_stats, data, '--split', 2)
    (data / 'shards' / 'cup_0.tar').unlink()
    with pytest.raises(ManifestError, match=r'shard shards/cup_0\.tar is missing'):
        run(data_stats, data)


def test_sheets(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One for each class and one of nothing; all modalities side by side."""
    out = tmp_path / 'sheets'
    assert run(data_sheet, data, '--out', out, '--views', 3, '--size', 64) == 0
    assert {file.name for file in out.iterdir()} == {'cup.png', 'sofa.png', 'nothing.png'}
    with Image.open(out / 'cup.png') as sheet:
        assert sheet.size == (7 * 66, 28 + 3 * (66 + 14))
        assert len(set(sheet.convert('L').tobytes())) > 100
    with Image.open(out / 'nothing.png') as sheet:
        assert sheet.width == max(6 * 66, 400)
    assert '3 sheets' in capsys.readouterr().out


@pytest.mark.parametrize(
    'words', [('--class', 'mug'), ('--views', 0), ('--size', 9), ('--fold', 'x'), ('--split', -1)]
)
def test_sheets_of_what_is_not_there(data: Path, tmp_path: Path, words: tuple[object]) -> None:
    """One ConfigError; nothing is written."""
    with pytest.raises(ConfigError):
        run(data_sheet, data, '--out', tmp_path / 'sheets', *words)
    assert not (tmp_path / 'sheets').exists()


def test_subset(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written, read back, measured; not over what is there."""
    out = tmp_path / 'part'
    assert run(data_subset, data, '--out', out, '--size-mb', 1, '--json', tmp_path / 'x') == 0
    done = json.loads((tmp_path / 'x').read_text())
    assert done['classes'] == 2
    assert done['views'] == 4
    assert done['bytes'] <= 1_000_000
    assert 'classes 2' in capsys.readouterr().out
    with pytest.raises(DataError, match='not empty'):
        run(data_subset, data, '--out', out)


def test_probe(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a sensor; recordings that nobody simulated are not called so."""
    pytest.importorskip('sklearn')
    part = tiny_data_set(tmp_path / 'probed', instances=8, modalities=('thermal', 'image')).root
    text = (part / 'manifest.csv').read_text().replace(',split_1', '').replace(',student\n', '\n')
    (part / 'manifest.csv').write_text(text)
    assert run(data_probe, part, '--workers', 0, '--json', tmp_path / 'p.json') == 0
    output = capsys.readouterr().out
    assert 'simulated' not in output
    assert [line.split()[0] for line in output.splitlines()[1:]] == ['image', 'thermal']
    results = json.loads((tmp_path / 'p.json').read_text())
    assert results[0]['chance'] == pytest.approx(0.5, abs=0.02)
    assert len(results[0]['accuracy']) == 1
