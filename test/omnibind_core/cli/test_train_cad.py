"""`omnibind train cad` and `train ablation` as one types them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from tiny_readings import tiny_data_set
from tiny_students import teacher_of

from omnibind_core.cli import train_ablation
from omnibind_core.cli import train_cad
from omnibind_core.errors import ConfigError
from omnibind_core.models.teachers.errors import TeacherError
from omnibind_core.training.student_run import read_student_run
from omnibind_core.training.teacher_vectors import VECTORS_NAME

CONFIG = 'precision: float32\nepochs: 1\nsteps_per_epoch: 2\nbatch: 8\n'
PLAN = 'shares: [1.0]\nseeds: [0]\nvariants: [in, all]\nepochs: 1\nsteps_per_epoch: 1\nbatch: 8\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    manifest = tiny_data_set(
        tmp_path / 'data', modalities=('thermal', 'text'), folds=('student', 'val', 'test')
    )
    (tmp_path / 'teacher').mkdir()
    vectors = teacher_of(manifest.records, manifest.classes.names)
    vectors.save(tmp_path / 'teacher' / VECTORS_NAME)
    (tmp_path / 'cad.yaml').write_text(CONFIG)
    (tmp_path / 'plan.yaml').write_text(PLAN)
    return tmp_path


def call(module: Any, folder: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    sources = ['--data', f'{folder}/data', '--teacher', f'{folder}/teacher', '--workers', '0']
    given = [*sources, '--config', f'{folder}/cad.yaml', *words]
    code: int = module.run(parser.parse_args(given))
    return code


def train(folder: Path, *words: str) -> int:
    out = ['--modality', 'thermal', '--out', f'{folder}/run', '--device', 'cpu']
    return call(train_cad, folder, *out, *words)


def test_train_cad(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ('--terms', 'in,se', '--budget', '3', '--seed', '5', '--json', f'{folder}/result.json')
    assert train(folder, *words) == 0
    printed = capsys.readouterr()
    assert 'thermal, 3 readings' in printed.out
    assert 'readings prepared' in printed.err
    assert 'val top-1' in printed.err
    document = read_student_run(folder / 'run').document
    assert document.training['settings']['terms'] == ['in', 'se']
    assert document.training['settings']['seed'] == 5
    result = json.loads((folder / 'result.json').read_text())
    assert result['val_top1'] == document.training['val_top1']
    assert (folder / 'prepared').is_dir()
    assert train(folder, *words) == 0  # finished already
    assert 'readings prepared' not in capsys.readouterr().err


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (('--terms', 'contrast'), "'contrast'"),
        (('--threads', '0'), '--threads'),
        (('--split', '7'), 'split: got 7'),
        (('--budget', '0'), 'budget: got 0'),
        (('--config', '/nowhere.yaml'), '/nowhere.yaml'),
    ],
)
def test_what_is_wrong_is_named(folder: Path, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        train(folder, *words)
    assert not (folder / 'run').exists()


def test_teacher_that_is_not_there(folder: Path) -> None:
    (folder / 'teacher' / VECTORS_NAME).unlink()
    with pytest.raises(TeacherError, match=VECTORS_NAME):
        train(folder)


@pytest.mark.slow
def test_train_ablation(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ['--out', f'{folder}/ablation', '--plan', f'{folder}/plan.yaml']
    words += ['--modalities', 'thermal', '--processes', '1']
    assert call(train_ablation, folder, *words, '--json', f'{folder}/table.json') == 0
    printed = capsys.readouterr().out
    assert '2 of 2 runs finished' in printed
    assert printed.startswith('| modality |')
    table = json.loads((folder / 'table.json').read_text())
    assert table['rows'][0]['seeds'] == {'in': 1, 'all': 1}


def test_ablation_without_time_begins_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ['--out', f'{folder}/ablation', '--plan', f'{folder}/plan.yaml', '--minutes', '0']
    assert call(train_ablation, folder, *words, '--modalities', 'thermal') == 0
    assert '0 of 2 runs finished' in capsys.readouterr().out
    with pytest.raises(ConfigError, match='--modalities'):
        call(train_ablation, folder, '--out', 'x', '--modalities', 'smell')
