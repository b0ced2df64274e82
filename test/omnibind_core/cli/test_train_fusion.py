from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from simulated_embeddings import simulate
from simulated_embeddings import Simulated
from tiny_readings import tiny_data_set
from tiny_runs import write_runs

from omnibind_core.cli import train_fusion
from omnibind_core.data.embedding_table import read_embedding_table
from omnibind_core.data.record import FOLDS
from omnibind_core.errors import ConfigError
from omnibind_core.errors import SpaceError
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.fusion_run import read_fusion_run

CONFIG = """\
design: {members: 2, hidden: 4, set_hidden: 4}
epochs: 1
steps_per_epoch: 3
batch: 32
val_tuples: 128
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / 'fusion.yaml'
    path.write_text(CONFIG)
    return path


def call(*words: object) -> int:
    parser = argparse.ArgumentParser()
    train_fusion.add_arguments(parser)
    return train_fusion.run(parser.parse_args([str(word) for word in words]))


def test_from_a_table(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / 'table.safetensors'
    simulate(Simulated(classes=5, dimension=16, views=2, instances=(3, 2, 1))).save(table)
    out, found = tmp_path / 'run', tmp_path / 'found.json'
    arguments = ('--table', table, '--config', config, '--out', out, '--json', found)
    assert call(*arguments, '--seed', 3) == 0
    document = read_fusion_run(out).document
    assert document.training['seed'] == 3
    assert document.encoders == {}
    result = json.loads(found.read_text())
    assert result['folder'] == str(out)
    assert result['val'] == document.training['val']
    said = capsys.readouterr().out
    assert 'val, by instance, two or more sensors, top-1 in %: mean ' in said
    assert f'{out}: image, thermal' in said


def test_from_data_and_encoders(tmp_path: Path, config: Path) -> None:
    runs: dict[str, Any] = write_runs(tmp_path / 'runs')
    data = tmp_path / 'data'
    classes = ('mug', 'table_lamp', 'sofa')
    tiny_data_set(data, classes=classes, modalities=('image', 'thermal'))
    kept = tmp_path / 'table.safetensors'
    arguments = ('--data', data, '--encoders', tmp_path / 'runs' / 'cad', '--config', config)
    arguments = (*arguments, '--teacher', runs['teacher'])
    out = tmp_path / 'run'
    call(*arguments, '--drawn', 1, '--without', 'garbled', '--write-table', kept, '--out', out)
    document = read_fusion_run(out).document
    assert document.modalities == ('image', 'thermal')
    assert set(document.encoders) == {'image', 'thermal'}
    table = read_embedding_table(kept)
    folds, kinds = np.unique(table.fold), {name.split(':')[-1] for name in table.corruptions}
    assert [FOLDS[number] for number in folds] == ['fusion', 'val']
    assert len(kinds) > 1
    assert 'garbled' not in kinds
    call(
        '--table',
        kept,
        '--encoders',
        *runs['encoders'],
        '--config',
        config,
        '--out',
        tmp_path / 'b',
    )
    assert read_fusion_run(tmp_path / 'b').document.encoders == document.encoders


def test_what_cannot_be(tmp_path: Path, config: Path) -> None:
    runs: dict[str, Any] = write_runs(tmp_path / 'runs')
    out = ('--out', tmp_path / 'run', '--config', config)
    with pytest.raises(ConfigError) as caught:
        call('--data', tmp_path, '--split', -1, '--threads', 0, *out)
    assert {problem.key for problem in caught.value.problems} == {
        '--split',
        '--threads',
        '--encoders',
        '--teacher',
    }
    with pytest.raises(TrainingError, match='no finished run of `omnibind train cad`'):
        call('--data', tmp_path, '--encoders', tmp_path, '--teacher', runs['teacher'], *out)
    document = runs['encoders'][0] / 'encoder.json'
    content = json.loads(document.read_text())
    document.write_text(json.dumps({**content, 'space': 'another'}))
    given = ('--data', tmp_path, '--encoders', *runs['encoders'], '--teacher', runs['teacher'])
    with pytest.raises(SpaceError, match='image: space: got another'):
        call(*given, *out)
    twice = ('--encoders', runs['encoders'][0], tmp_path / 'runs' / 'cad')
    with pytest.raises(TrainingError, match='are both of image'):
        call('--data', tmp_path, *twice, '--teacher', runs['teacher'], *out)
