"""A finished run on disk: read back as written; altered, an error that names the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omnibind_core.modalities.thermal import ThermalSpecification
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.student_run import read_student_run
from omnibind_core.training.student_run import write_student_run

DOCUMENT = {
    'modality': 'thermal',
    'specification': {'size': 48, 'low': 0.0, 'high': 60.0, 'mean': 0.5, 'std': 0.5},
    'space': 'tiny',
    'dimension': 16,
    'temperature': 0.05,
    'fingerprint': 'ab',
    'training': {'val_top1': 0.5},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_student_run(tmp_path, DOCUMENT, b'an encoder')
    return tmp_path


def test_read_back(folder: Path) -> None:
    found = read_student_run(folder)
    assert found.specification == ThermalSpecification(size=48)
    assert found.model == b'an encoder'
    assert found.document.temperature == 0.05
    assert found.document.training == {'val_top1': 0.5}


def test_another_model(folder: Path) -> None:
    (folder / 'encoder.onnx').write_bytes(b'an encodes')
    with pytest.raises(TrainingError, match=r'encoder\.onnx is not the file'):
        read_student_run(folder)


@pytest.mark.parametrize('name', ['encoder.onnx', 'encoder.json'])
def test_missing(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(TrainingError, match=name):
        read_student_run(folder)


@pytest.mark.parametrize(
    'change',
    [
        {'schema': 2},
        {'modality': 'smell'},
        {'specification': {'size': 1}},
        {'specification': {'depth': 3}},
        {'temperature': 'warm'},
        {'more': 1},
    ],
)
def test_another_document(folder: Path, change: dict[str, object]) -> None:
    path = folder / 'encoder.json'
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(TrainingError, match=r'encoder\.json'):
        read_student_run(folder)


@pytest.mark.parametrize('content', [b'', b'{', b'[]', b'\xff\xfe', b'3'])
def test_no_document(folder: Path, content: bytes) -> None:
    (folder / 'encoder.json').write_bytes(content)
    with pytest.raises(TrainingError, match=r'encoder\.json'):
        read_student_run(folder)
