"""The vectors that students learn from: kept, found, refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from omnibind_core.models.teachers.errors import TeacherError
from omnibind_core.training.teacher_vectors import read_teacher_vectors
from omnibind_core.training.teacher_vectors import TeacherVectors


def vectors(count: int = 4) -> TeacherVectors:
    random = np.random.default_rng(0)
    return TeacherVectors(
        space='s-1',
        teacher='conse',
        classes=('cup', 'sofa', 'Stühle'),
        instances=tuple(f'thing {row // 2}' for row in range(count)),
        view=np.arange(count) % 2,
        label=np.arange(count) // 2,
        image=random.normal(0, 1, (count, 5)).astype(np.float32),
        caption=random.normal(0, 1, (count, 5)).astype(np.float32),
        labels=random.normal(0, 1, (3, 5)).astype(np.float32),
        own_image=np.arange(count) > 0,
        own_caption=np.arange(count) > 1,
    )


def test_is_read_as_it_was_saved(tmp_path: Path) -> None:
    """Every field, to the bit."""
    given = vectors()
    given.save(tmp_path / 'v.safetensors')
    found = read_teacher_vectors(tmp_path / 'v.safetensors')
    for name in ('space', 'teacher', 'classes', 'instances'):
        assert getattr(found, name) == getattr(given, name)
    for name in ('view', 'label', 'image', 'caption', 'labels', 'own_image', 'own_caption'):
        assert np.array_equal(getattr(found, name), getattr(given, name))
    assert (len(found), found.dimension) == (4, 5)


def test_rows_by_instance_and_view() -> None:
    """In the order that was asked for; what has none is named."""
    given = vectors()
    assert given.keys[1] == ('thing 0', 1)
    assert given.rows([('thing 1', 0), ('thing 0', 1), ('thing 1', 0)]).tolist() == [2, 1, 2]
    with pytest.raises(TeacherError, match='no vectors of 2 readings, as of thing 1 view 7'):
        given.rows([('thing 0', 0), ('thing 1', 7), ('thing 9', 0)])


def test_refuses_what_does_not_fit() -> None:
    """Shapes, labels, and pairs that occur twice."""
    given = vectors()
    for changes, reason in (
        ({'image': given.image[:, :4]}, 'image'),
        ({'labels': given.labels[:2]}, 'labels'),
        ({'label': given.label + 2}, 'outside 0 to 2'),
        ({'view': given.view * 0}, 'occurs twice'),
    ):
        with pytest.raises(TeacherError, match=reason):
            replace(given, **changes)


def test_refuses_other_files(tmp_path: Path) -> None:
    """By their name."""
    path = tmp_path / 'v.safetensors'
    with pytest.raises(TeacherError, match=r'v\.safetensors: No such file'):
        read_teacher_vectors(path)
    vectors().save(path)
    content = path.read_bytes()
    for wrong in (b'', b'no file', content[:-3]):
        path.write_bytes(wrong)
        with pytest.raises(TeacherError, match=r'v\.safetensors: no teacher vectors'):
            read_teacher_vectors(path)
    save_file({'view': np.zeros(2)}, path)
    with pytest.raises(TeacherError, match=r'v\.safetensors: no teacher vectors'):
        read_teacher_vectors(path)
    path.write_bytes(content.replace(b'"version\\": 1', b'"version\\": 2'))
    with pytest.raises(TeacherError, match='of another version'):
        read_teacher_vectors(path)
