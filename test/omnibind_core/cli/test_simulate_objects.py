"""`omnibind simulate objects` on a household of boxes, with the real sensors."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from tiny_household import tiny_household

from omnibind_core.cli import simulate_objects
from omnibind_core.data.loader import Preparation
from omnibind_core.data.loader import prepared
from omnibind_core.data.manifest import read_manifest
from omnibind_core.errors import ConfigError
from omnibind_core.simulation.errors import CurationError

pytest.importorskip('embreex')
pytest.importorskip('taxim')


def run(*words: object) -> int:
    parser = argparse.ArgumentParser()
    simulate_objects.add_arguments(parser)
    return simulate_objects.run(parser.parse_args([str(word) for word in words]))


def test_from_models_to_arrays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Generated, readable by the product, reports beside it; again: nothing to do."""
    config = tiny_household(tmp_path / 'household')
    out, report = tmp_path / 'set', tmp_path / 'x.json'
    words = ('--config', config, '--out', out, '--limit', 1, '--workers', 1, '--json', report)
    assert run(*words) == 0
    summary = json.loads(report.read_text())
    assert summary['total_hash'] in capsys.readouterr().out
    manifest = read_manifest(out)
    assert manifest.classes.names == ('board', 'pillar')
    assert manifest.splits == 3
    sensed = [record for record in manifest.records if record.modality != 'text']
    for record, item in zip(sensed, prepared(Preparation(out), sensed), strict=True):
        if record.nothing:
            assert not item.informative or record.modality == 'image'
    texts = [record for record in manifest.records if record.modality == 'text']
    assert len(texts) == len({record.instance for record in manifest.records})
    assert json.loads((out / 'funnel.json').read_text())[0]['left'] == 16
    generation = (out / 'generation.json').read_text()
    assert json.loads(generation) == summary
    assert run(*words) == 0
    again = json.loads(report.read_text())
    assert again['total_hash'] == summary['total_hash']
    assert again['resumed'] == again['instances'] == summary['instances']
    assert (out / 'generation.json').read_text() == generation


def test_an_unreadable_mesh(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is left out and named; the rest is there; the exit code says so."""
    config = tiny_household(tmp_path / 'household', broken='board_0')
    words = ('--config', config, '--out', tmp_path / 'set', '--limit', 1, '--workers', 1)
    assert run(*words) == 1
    error = capsys.readouterr().err
    assert 'could not be generated' in error
    assert 'model tiny_board_0' in error
    instances = {record.instance for record in read_manifest(tmp_path / 'set').records}
    assert all('pillar' in name for name in instances)
    assert instances


def test_wrong_input(tmp_path: Path) -> None:
    """A class name that is not defined, and unusable arguments: nothing is generated."""
    config = tiny_household(tmp_path / 'household')
    words: tuple[object, ...] = ('--config', config, '--out', tmp_path / 'set')
    for more in (('--workers', 0), ('--limit', -1), ('--only-fold', 'train')):
        with pytest.raises(ConfigError):
            run(*words, *more)
    table = tmp_path / 'household' / 'classes.csv'
    table.write_text(table.read_text().replace('board_0,board', 'board_0,bored'))
    with pytest.raises(CurationError, match="undefined class 'bored'; nearest is 'board'"):
        run(*words)
    assert not (tmp_path / 'set').exists()
