"""What one student learns from: prepared readings, and what the teachers say of each.

Notation: ``n`` readings, ``d`` dimension of the space.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
import torch

from omnibind_core.data.budget import within_budget
from omnibind_core.data.record import Record
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.models.teachers.errors import TeacherError
from omnibind_core.training.losses.objective import Targets
from omnibind_core.training.prepared_arrays import PreparedArrays
from omnibind_core.training.teacher_vectors import TeacherVectors


@dataclass(frozen=True, eq=False)
class StudentReadings:
    """Readings of one modality and fold, without those of nothing, in memory.

    :param records: ``n`` of them.
    :param arrays: float16 ``[n, *shape]``.
    :param targets: classes ``[n]``, image and caption vectors ``[n, d]`` of the same instance and
        view; vectors are zero in folds that are only evaluated.
    """

    records: tuple[Record, ...]
    arrays: torch.Tensor
    targets: Targets

    def __len__(self) -> int:
        return len(self.records)

    def batch(self, indices: NDArray[np.int64]) -> tuple[torch.Tensor, Targets]:
        """Some readings, float32 ``[b, *shape]``, and their targets."""
        rows = torch.from_numpy(indices)
        targets = Targets(
            self.targets.classes[rows], self.targets.image[rows], self.targets.caption[rows]
        )
        return self.arrays[rows].float(), targets


def training_readings(
    prepared: PreparedArrays,
    teacher: TeacherVectors,
    *,
    split: int,
    budget: int | None,
    seed: int,
) -> StudentReadings:
    """The student fold of a split, cut down to a budget.

    Readings in which preprocessing saw nothing are left out as well: nothing can be learnt of a
    class from a gel without contact, whoever the record says was near.

    :param budget: most readings; ``None`` = all.
    :param seed: of what remains.
    :raises ConfigError: no reading remains, or the split is not there.
    :raises TeacherError: the teacher has no vectors of a reading.
    """
    modality = prepared.records[0].modality
    kept = within_budget(prepared.records, {modality: budget}, split=split, seed=seed)
    wanted = {record.path for record in kept if record.folds[split] == 'student'}
    return _readings(prepared, teacher, wanted, split=split, fold='student', with_vectors=True)


def evaluation_readings(
    prepared: PreparedArrays, teacher: TeacherVectors, *, split: int, fold: str
) -> StudentReadings:
    """All readings of another fold of a split, without targets but the classes.

    Readings in which preprocessing saw nothing stay: they are of a thing, and count.

    :raises ConfigError: no reading remains.
    """
    wanted = {record.path for record in prepared.records if record.folds[split] == fold}
    return _readings(prepared, teacher, wanted, split=split, fold=fold, with_vectors=False)


def _readings(
    prepared: PreparedArrays,
    teacher: TeacherVectors,
    wanted: set[str],
    *,
    split: int,
    fold: str,
    with_vectors: bool,
) -> StudentReadings:
    rows = [
        row
        for row, record in enumerate(prepared.records)
        if record.path in wanted
        and not record.nothing
        and (prepared.informative[row] or not with_vectors)
    ]
    if not rows:
        given = f'no reading of {prepared.records[0].modality} in fold {fold} of split {split}'
        raise ConfigError('training', [Problem('data', given, 'a fold with readings')])
    records = tuple(prepared.records[row] for row in rows)
    numbers = {name: number for number, name in enumerate(teacher.classes)}
    unknown = sorted({record.label for record in records} - set(numbers))
    if unknown:
        raise TeacherError(
            f'the teacher has no label {", ".join(unknown)}; make its vectors for this data set'
        )
    classes = torch.tensor([numbers[record.label] for record in records])
    if with_vectors:
        known = teacher.rows([(record.instance, record.view) for record in records])
        image, caption = teacher.image[known], teacher.caption[known]
    else:
        image = caption = np.zeros((len(rows), 0), np.float32)
    return StudentReadings(
        records,
        torch.from_numpy(np.ascontiguousarray(prepared.arrays[rows])),
        Targets(classes, torch.from_numpy(image), torch.from_numpy(caption)),
    )
