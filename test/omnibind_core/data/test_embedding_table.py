"""The table of embeddings: written, read back, selected, and refused when it does not fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.embedding_table import joined
from omnibind_core.data.embedding_table import read_embedding_table
from omnibind_core.data.embedding_table import TableError


def table(rows: int = 12, seed: int = 0) -> EmbeddingTable:
    """A small table of two modalities, three classes and two folds."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(rows, 8))
    labels = random.normal(size=(3, 8))
    nothing = random.random(rows) < 0.2
    corruption = np.where(nothing, 0, random.integers(0, 2, rows))
    return EmbeddingTable(
        space='s',
        classes=('cup', 'sofa', 'table'),
        modalities=('image', 'audio'),
        instances=('a', 'b'),
        corruptions=('', 'image:noise'),
        labels=(labels / np.linalg.norm(labels, axis=1, keepdims=True)).astype(np.float32),
        vectors=(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32),
        modality=random.integers(0, 2, rows),
        label=np.where(nothing, -1, random.integers(0, 3, rows)),
        instance=random.integers(0, 2, rows),
        view=random.integers(0, 4, rows),
        fold=random.integers(1, 4, rows),
        informative=~nothing,
        nothing=nothing,
        corruption=corruption,
        severity=corruption * 5,
    )


def test_written_and_read_back(tmp_path: Path) -> None:
    """Everything is equal; vectors to half precision, and of unit length."""
    given_table = table()
    given_table.save(tmp_path / 't.safetensors')
    found = read_embedding_table(tmp_path / 't.safetensors')
    for name in ('space', 'classes', 'modalities', 'instances', 'corruptions'):
        assert getattr(found, name) == getattr(given_table, name)
    for name in ('modality', 'label', 'instance', 'view', 'fold', 'informative', 'nothing'):
        assert np.array_equal(getattr(found, name), getattr(given_table, name)), name
    assert np.array_equal(found.severity, given_table.severity)
    assert np.abs(found.vectors - given_table.vectors).max() < 1e-3
    assert np.abs(np.linalg.norm(found.vectors, axis=1) - 1.0).max() < 1e-6
    assert np.array_equal(found.labels, given_table.labels)


def test_selected_and_joined() -> None:
    """Rows keep their columns; parts give the whole again."""
    whole = table(40)
    parts = [whole.in_fold(fold) for fold in ('student', 'fusion', 'val', 'test')]
    assert len(parts[0]) == 0
    assert sum(len(part) for part in parts) == 40
    again = joined(parts)
    order = np.argsort(whole.fold, kind='stable')
    assert np.array_equal(again.vectors, whole.vectors[order])
    assert np.array_equal(again.label, whole.label[order])
    clean = whole.select(whole.is_clean())
    assert (clean.severity == 0).all()
    assert (clean.label >= 0).all()
    with pytest.raises(TableError, match='different space'):
        joined([whole, replace(whole, space='other')])
    with pytest.raises(TableError, match='no tables'):
        joined([])


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'label': np.full(12, 3)}, 'column label holds 3'),
        ({'modality': np.full(12, 2)}, 'column modality'),
        ({'view': np.zeros(3, np.int64)}, r'column view of shape \[3\]'),
        ({'classes': ('cup',)}, r'labels of shape \[3, 8\]'),
        ({'corruptions': ('x',)}, 'the first is ""'),
        ({'vectors': np.full((12, 8), np.nan, np.float32)}, 'row 0 has length nan'),
        ({'vectors': np.ones((12, 8), np.float32)}, 'row 0 has length 2.828'),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    """With the column at fault."""
    with pytest.raises(TableError, match=message):
        replace(table(), **changes)


def test_unusable_files_name_themselves(tmp_path: Path) -> None:
    """Missing, other content, other format."""
    with pytest.raises(TableError, match=r'none: No such file'):
        read_embedding_table(tmp_path / 'none')
    (tmp_path / 'x').write_bytes(b'not this')
    with pytest.raises(TableError, match=r'x: damaged'):
        read_embedding_table(tmp_path / 'x')
    from safetensors.numpy import save_file

    save_file({'vectors': np.zeros((1, 2), np.float32)}, tmp_path / 'y')
    with pytest.raises(TableError, match=r'y: not a table'):
        read_embedding_table(tmp_path / 'y')


@pytest.fixture(scope='module')
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A place for damaged copies, and the content of a whole file."""
    path = tmp_path_factory.mktemp('table') / 't'
    table().save(path)
    return path, path.read_bytes()


@pytest.mark.malformed
@settings(deadline=None)
@given(place=st.integers(0, 2000), value=st.integers(0, 255))
def test_any_changed_byte(written: tuple[Path, bytes], place: int, value: int) -> None:
    """A table that can be used, or a TableError; nothing else."""
    path, whole = written
    content = bytearray(whole)
    content[place % len(content)] = value
    path.write_bytes(content)
    try:
        found = read_embedding_table(path)
    except TableError as error:
        assert str(path) in str(error)
    else:
        assert len(found.labels) == len(found.classes)
