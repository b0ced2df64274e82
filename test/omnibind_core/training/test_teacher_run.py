"""The run folder of a teacher: what is in it, what was learnt from, and that test is left alone."""

from __future__ import annotations

from dataclasses import replace
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_readings
import tiny_teacher

from omnibind_core.data.manifest import Manifest
from omnibind_core.data.record import Record
from omnibind_core.errors import ConfigError
from omnibind_core.inference.projection import read_projection
from omnibind_core.models.teachers.adapter import AdaptedTeacher
from omnibind_core.models.teachers.adapter import read_adapter
from omnibind_core.training.adapter_fit import AdapterOptions
from omnibind_core.training.embed_data_set import embed_data_set
from omnibind_core.training.teacher_run import TeacherOptions
from omnibind_core.training.teacher_run import train_teacher
from omnibind_core.training.teacher_vectors import read_teacher_vectors

pytest.importorskip('torch')
pytest.importorskip('tokenizers')
FAST = AdapterOptions(steps=30, rate=0.05)


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return tiny_readings.tiny_data_set(
        tmp_path / 'data', instances=8, modalities=('image', 'text', 'audio')
    )


def train(manifest: Manifest, folder: Path, **changes: Any) -> dict[str, Any]:
    options = {'split': 0, 'cache_folder': folder.parent / 'cache', 'fitting': FAST, **changes}
    return train_teacher(manifest, tiny_teacher.make(), folder, **options)


def test_what_is_in_the_folder(manifest: Manifest, tmp_path: Path) -> None:
    """Vectors that its adapter and projection make again, and figures that can be checked."""
    folder = tmp_path / 'run'
    facts = train(manifest, folder)
    assert json.loads((folder / 'teacher.json').read_text()) == facts
    vectors = read_teacher_vectors(folder / 'teacher.safetensors')
    teacher = tiny_teacher.make()
    adapter = read_adapter((folder / 'adapter.safetensors').read_bytes())
    again = embed_data_set(manifest, AdaptedTeacher(teacher, adapter), tmp_path / 'cache', 0)
    assert np.allclose(again.image, vectors.image, atol=1e-6)
    assert np.array_equal(again.caption, vectors.caption)
    projection = read_projection((folder / 'projection.safetensors').read_bytes())
    assert projection.digest == teacher.projection.digest
    assert (facts['teacher'], facts['space']) == ('conse+supervised adapter', teacher.space)
    assert (facts['rows'], facts['rows_without_picture'], facts['simulated']) == (32, 0, False)
    val = [row for row, name in enumerate(vectors.instances) if name[-1] in '26']
    plain = embed_data_set(manifest, teacher, tmp_path / 'cache', 0)
    for name, image in (('zero-shot, val', plain.image), ('adapter, val', vectors.image)):
        right = (image[val] @ vectors.labels.T).argmax(axis=1) == vectors.label[val]
        figure = facts['figures'][name]
        assert figure['top1'] == pytest.approx(right.mean(), abs=1e-4)
        assert (figure['pictures'], figure['instances']) == (8, 4)


def test_adapter_learns_from_the_student_fold_alone(manifest: Manifest, tmp_path: Path) -> None:
    """Other folds' labels change nothing but the figures; the student fold's do."""
    first = train(manifest, tmp_path / 'a')

    def swapped(record: Record, folds: tuple[str, ...]) -> Record:
        if record.folds[0] not in folds or not record.label:
            return record
        return replace(record, label={'cup': 'sofa', 'sofa': 'cup'}[record.label])

    for name, folds, same in (
        ('b', ('fusion', 'val', 'test'), True),
        ('c', ('student',), False),
    ):
        changed = tuple(swapped(record, folds) for record in manifest.records)
        train(replace(manifest, records=changed), tmp_path / name)
        adapters = [
            read_adapter((tmp_path / run / 'adapter.safetensors').read_bytes())
            for run in ('a', name)
        ]
        assert (adapters[0].digest == adapters[1].digest) is same
    assert 'test' not in json.dumps(first['figures'])


def test_without_an_adapter(manifest: Manifest, tmp_path: Path) -> None:
    """The frozen teacher's own vectors, and no adapter's file left from an earlier run."""
    train(manifest, tmp_path / 'run')
    facts = train(manifest, tmp_path / 'run', options=TeacherOptions(adapter=False))
    assert facts['teacher'] == 'conse'
    assert list(facts['figures']) == ['zero-shot, val']
    assert not (tmp_path / 'run' / 'adapter.safetensors').exists()
    vectors = read_teacher_vectors(tmp_path / 'run' / 'teacher.safetensors')
    plain = embed_data_set(manifest, tiny_teacher.make(), tmp_path / 'cache', 0)
    assert np.array_equal(vectors.image, plain.image)


def test_cross_fitted_vectors(manifest: Manifest, tmp_path: Path) -> None:
    """The student fold's differ, the other folds' stay; a thing's own labels do not reach it."""
    train(manifest, tmp_path / 'whole')
    facts = train(manifest, tmp_path / 'parts', options=TeacherOptions(cross_fit=4))
    whole, parts = (
        read_teacher_vectors(tmp_path / name / 'teacher.safetensors') for name in ('whole', 'parts')
    )
    student = np.array([name[-1] in '04' for name in whole.instances])
    assert np.array_equal(whole.image[~student], parts.image[~student])
    assert not np.isclose(whole.image[student], parts.image[student], atol=1e-4).all(axis=1).any()
    figure = facts['figures']['adapter, student fold, cross-fitted']
    assert (figure['pictures'], figure['instances']) == (8, 4)
    swapped = tuple(
        replace(record, label='sofa') if record.instance == 'cup_0' and record.label else record
        for record in manifest.records
    )
    train(
        replace(manifest, records=swapped), tmp_path / 'other', options=TeacherOptions(cross_fit=4)
    )
    other = read_teacher_vectors(tmp_path / 'other' / 'teacher.safetensors')
    changed = ~np.isclose(other.image, parts.image, atol=1e-6).all(axis=1)
    assert not changed[np.array(parts.instances) == 'cup_0'].any()
    assert changed[student].any()


def test_refusals(manifest: Manifest, tmp_path: Path) -> None:
    """No pictures to fit to, and options that contradict each other."""
    texts = tuple(record for record in manifest.records if record.modality != 'image')
    with pytest.raises(ConfigError, match='no pictures in the student fold'):
        train(replace(manifest, records=texts), tmp_path / 'run')
    for wrong in ({'cross_fit': 1}, {'cross_fit': 3, 'adapter': False}):
        with pytest.raises(ConfigError, match='cross_fit'):
            TeacherOptions(**wrong)
