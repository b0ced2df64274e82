"""Folders of finished runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omnibind_core.inference.manifest import Calibration
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.fusion_run import read_fusion_run
from omnibind_core.training.fusion_run import write_fusion_run

DOCUMENT = {
    'modalities': ('image', 'touch'),
    'space': 'tiny-1',
    'dimension': 8,
    'calibration': Calibration(temperature=0.3, abstain_below=0.25),
    'training': {'val': {'nll': 0.5}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_fusion_run(tmp_path, DOCUMENT, b'a model')
    return tmp_path


def test_what_was_written_is_read(folder: Path) -> None:
    run = read_fusion_run(folder)
    assert run.model == b'a model'
    assert {name: getattr(run.document, name) for name in DOCUMENT} == DOCUMENT
    assert sorted(path.name for path in folder.iterdir()) == ['fusion.json', 'fusion.onnx']


@pytest.mark.parametrize('name', ['fusion.json', 'fusion.onnx'])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(TrainingError, match=name):
        read_fusion_run(folder)


@pytest.mark.parametrize('content', [b'', b'{"schema": 1', b'[' * 100_000, b'\xff', b'null', b'{}'])
def test_a_broken_document_is_named(folder: Path, content: bytes) -> None:
    (folder / 'fusion.json').write_bytes(content)
    with pytest.raises(TrainingError, match=r'fusion\.json'):
        read_fusion_run(folder)


def test_a_model_of_another_run_is_named(folder: Path) -> None:
    (folder / 'fusion.onnx').write_bytes(b'another')
    with pytest.raises(TrainingError, match=r'fusion\.onnx is not the file that fusion\.json'):
        read_fusion_run(folder)


def test_every_wrong_entry_is_named(folder: Path) -> None:
    path = folder / 'fusion.json'
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, 'dimension': 1, 'modalities': 'image'}))
    with pytest.raises(TrainingError, match=r'(?s)modalities: got.*dimension: got 1'):
        read_fusion_run(folder)
