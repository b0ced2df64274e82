"""What a student learns from: its own fold, its budget, and each reading's own teacher vectors."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from tiny_students import CLASSES
from tiny_students import patterns
from tiny_students import teacher_of
import torch

from omnibind_core.errors import ConfigError
from omnibind_core.models.teachers.errors import TeacherError
from omnibind_core.training.student_readings import evaluation_readings
from omnibind_core.training.student_readings import training_readings

PREPARED = patterns()
TEACHER = teacher_of(PREPARED.records, CLASSES)


def test_own_fold_without_readings_of_nothing() -> None:
    found = training_readings(PREPARED, TEACHER, split=0, budget=None, seed=0)
    assert {record.folds[0] for record in found.records} == {'student'}
    assert not any(record.nothing for record in found.records)
    # 5 of 8 instances are students, with 3 views each
    assert len(found) == len(CLASSES) * 5 * 3


def test_vectors_are_those_of_the_same_instance_and_view() -> None:
    found = training_readings(PREPARED, TEACHER, split=0, budget=None, seed=0)
    rows = {key: row for row, key in enumerate(TEACHER.keys)}
    for number in (0, 7, 31):
        record = found.records[number]
        row = rows[record.instance, record.view]
        source = PREPARED.records.index(record)
        arrays, targets = found.batch(np.array([number]))
        assert torch.equal(arrays[0], torch.from_numpy(PREPARED.arrays[source]).float())
        assert CLASSES[int(targets.classes[0])] == record.label
        assert torch.equal(targets.image[0], torch.from_numpy(TEACHER.image[row]))
        assert torch.equal(targets.caption[0], torch.from_numpy(TEACHER.caption[row]))


def test_budget_is_exact_and_even() -> None:
    found = training_readings(PREPARED, TEACHER, split=0, budget=10, seed=0)
    counts = Counter(record.label for record in found.records)
    assert sum(counts.values()) == 10
    assert max(counts.values()) - min(counts.values()) <= 1


def test_uninformative_readings_teach_nothing_but_count_when_evaluated() -> None:
    blind = replace(PREPARED, informative=np.zeros(len(PREPARED.records), np.bool_))
    with pytest.raises(ConfigError, match='fold student of split 0'):
        training_readings(blind, TEACHER, split=0, budget=None, seed=0)
    seen = evaluation_readings(PREPARED, TEACHER, split=0, fold='val')
    unseen = evaluation_readings(blind, TEACHER, split=0, fold='val')
    assert unseen.records == seen.records
    assert {record.folds[0] for record in seen.records} == {'val'}
    assert not any(record.nothing for record in seen.records)


def test_a_teacher_of_other_data_is_refused() -> None:
    few = teacher_of([item for item in PREPARED.records if item.view != 1], CLASSES)
    with pytest.raises(TeacherError, match='view 1'):
        training_readings(PREPARED, few, split=0, budget=None, seed=0)
    other = replace(TEACHER, classes=('bed', 'cup', 'lamp', 'tree'))
    with pytest.raises(TeacherError, match='no label sofa'):
        training_readings(PREPARED, other, split=0, budget=None, seed=0)
