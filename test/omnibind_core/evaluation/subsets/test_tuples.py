"""Which rows are put together, and which are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sensor_table import sensor_table
from sensor_table import SENSORS

from omnibind_core.data.embedding_table import TableError
from omnibind_core.data.record import FOLDS
from omnibind_core.evaluation.subsets.tuples import class_tuples
from omnibind_core.evaluation.subsets.tuples import corrupted_rows
from omnibind_core.evaluation.subsets.tuples import instance_tuples
from omnibind_core.evaluation.subsets.tuples import nothing_rows
from omnibind_core.evaluation.subsets.tuples import nothing_tuples

TABLE = sensor_table()


def test_every_view_once() -> None:
    """All sensors of one instance and view, in the order of the modalities, clean, of the fold."""
    found = instance_tuples(TABLE, 'test', SENSORS[::-1])
    assert len(found) == 5 * 4 * 3
    for column, name in enumerate(SENSORS[::-1]):
        rows = found.rows[:, column]
        assert (TABLE.modality[rows] == TABLE.modalities.index(name)).all()
        assert (TABLE.view[rows] == found.view).all()
        assert (TABLE.label[rows] == found.label).all()
        names = [TABLE.instances[number] for number in TABLE.instance[rows]]
        assert names == [found.clusters[number] for number in found.cluster]
        assert TABLE.is_clean()[rows].all()
        assert (TABLE.fold[rows] == FOLDS.index('test')).all()
    assert len({(int(a), int(b)) for a, b in zip(found.cluster, found.view, strict=True)}) == 60
    assert len(found.clusters) == 20


def test_a_view_without_a_sensor() -> None:
    """-1 in its place."""
    gone = int(instance_tuples(TABLE, 'test', SENSORS).rows[7, 1])
    table = TABLE.select(np.arange(len(TABLE)) != gone)
    found = instance_tuples(table, 'test', SENSORS)
    assert len(found) == 60
    assert (found.rows < 0).sum() == 1
    assert (found.rows[:, 1] < 0).sum() == 1


def test_any_instance_of_the_class() -> None:
    """One class, usually different instances; the same for a seed."""
    found = class_tuples(TABLE, 'test', SENSORS, count=300, seed=1)
    assert (TABLE.label[found.rows] == found.label[:, None]).all()
    instances = TABLE.instance[found.rows]
    assert 0.6 < (instances[:, 0] != instances[:, 1]).mean() < 0.9  # 3 in 4
    assert [found.clusters[number] for number in found.cluster] == [
        TABLE.classes[number] for number in found.label
    ]
    again = class_tuples(TABLE, 'test', SENSORS, count=300, seed=1)
    assert np.array_equal(found.rows, again.rows)
    other = class_tuples(TABLE, 'test', SENSORS, count=300, seed=2)
    assert not np.array_equal(found.rows, other.rows)
    assert TABLE.is_clean()[found.rows].all()


def test_corrupted_readings_of_the_same_reading() -> None:
    """By name; or the kind that has a whole curve; -1 where there is none."""
    tuples = instance_tuples(TABLE, 'test', SENSORS)
    for column, name in enumerate(SENSORS):
        clean = tuples.rows[:, column]
        garbled = corrupted_rows(TABLE, clean, name='garbled', severity=5)
        assert ((garbled >= 0) == (tuples.view == 0)).all()
        rows, originals = garbled[garbled >= 0], clean[garbled >= 0]
        assert {TABLE.corruptions[k] for k in TABLE.corruption[rows]} == {f'{name}:garbled'}
        for key in ('modality', 'instance', 'view', 'label'):
            assert np.array_equal(getattr(TABLE, key)[rows], getattr(TABLE, key)[originals])
        for severity in (1, 5):
            curve = corrupted_rows(TABLE, clean, name='', severity=severity)
            rows = curve[curve >= 0]
            assert len(rows) == 20
            assert {TABLE.corruptions[k] for k in TABLE.corruption[rows]} == {f'{name}:noise'}
            assert set(TABLE.severity[rows].tolist()) == {severity}
    none = corrupted_rows(TABLE, tuples.rows[:, 0], name='blur', severity=5)
    assert (none == -1).all()
    absent = corrupted_rows(TABLE, np.full(4, -1), name='garbled', severity=5)
    assert (absent == -1).all()


def test_nothing() -> None:
    """Readings of nothing: together by instance, or one of a modality, of the fold only."""
    found = nothing_tuples(TABLE, 'test', SENSORS)
    assert found is not None
    assert len(found) == 20
    assert TABLE.nothing[found.rows].all()
    assert (found.label == -1).all()
    rows = nothing_rows(TABLE, 'test', 'audio', count=50, seed=0)
    assert TABLE.nothing[rows].all()
    assert (TABLE.modality[rows] == 2).all()
    assert (TABLE.fold[rows] == FOLDS.index('test')).all()
    assert len(set(rows.tolist())) > 10
    without = TABLE.select(~TABLE.nothing)
    assert nothing_tuples(without, 'test', SENSORS) is None
    assert (nothing_rows(without, 'test', 'audio', count=3, seed=0) == -1).all()


def test_an_empty_fold() -> None:
    """Named, with what to do."""
    with pytest.raises(TableError, match="fold 'student'; embed"):
        instance_tuples(TABLE, 'student', SENSORS)


def test_replaced_and_selected() -> None:
    """Other columns and the clusters stay as they are."""
    tuples = instance_tuples(TABLE, 'test', SENSORS)
    changed = tuples.replaced(1, np.zeros(60, np.int64)).select(tuples.view == 0)
    assert len(changed) == 20
    assert (changed.rows[:, 1] == 0).all()
    assert np.array_equal(changed.rows[:, 0], tuples.rows[tuples.view == 0, 0])
    assert changed.clusters == tuples.clusters
    assert np.array_equal(replace(changed, rows=changed.rows).cluster, changed.cluster)
