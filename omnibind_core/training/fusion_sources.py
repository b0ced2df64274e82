"""From folders of finished runs, or from a table, to what the fusion learns from."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.embedding_table import read_embedding_table
from omnibind_core.data.manifest import read_manifest
from omnibind_core.data.record import FOLDS
from omnibind_core.errors import SpaceError
from omnibind_core.evaluation.corruption_plan import CorruptionPlan
from omnibind_core.evaluation.embed import embed_fold
from omnibind_core.evaluation.encoders import encoder_of
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.text_labels import class_name
from omnibind_core.modalities.registry import SENSOR_NAMES
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.student_run import FILES
from omnibind_core.training.student_run import read_student_run
from omnibind_core.training.student_run import StudentRun
from omnibind_core.training.teacher_vectors import read_teacher_vectors
from omnibind_core.training.teacher_vectors import TeacherVectors
from omnibind_core.training.teacher_vectors import VECTORS_NAME

USED = ('fusion', 'val')
"""Folds that the fusion learns from and is chosen on."""


def students_in(folders: Sequence[Path]) -> dict[str, StudentRun]:
    """Finished runs of students by modality, in the order of the registry.

    :param folders: of runs, or folders of such folders.
    :raises TrainingError: no run, an unfinished or altered one, or two of one modality.
    """
    paths: list[Path] = []
    for folder in folders:
        if (folder / FILES.document).is_file():
            paths.append(folder)
        else:
            paths += sorted(path.parent for path in folder.glob(f'*/{FILES.document}'))
    found: dict[str, StudentRun] = {}
    for path in paths:
        run = read_student_run(path)
        if run.document.modality in found:
            other = found[run.document.modality].folder
            raise TrainingError(
                f'{path} and {other} are both of {run.document.modality}; name one of them'
            )
        found[run.document.modality] = run
    if not found:
        given = ', '.join(str(folder) for folder in folders)
        raise TrainingError(
            f'{given}: no finished run of `omnibind train cad` in there; each has the file '
            f'{FILES.document}'
        )
    return {name: found[name] for name in SENSOR_NAMES if name in found}


def embedded(
    data: Path,
    students: dict[str, StudentRun],
    teacher: Path,
    *,
    split: int,
    plan: CorruptionPlan,
    cache: Path | None,
    workers: int,
    begin: Callable[[int], Callable[[int], None]] | None = None,
) -> EmbeddingTable:
    """The folds that the fusion learns from and is chosen on, through the students.

    :param data: folder of the data set, or its manifest.
    :param students: by modality, all of the teacher's space.
    :param teacher: the teacher's run folder or its file of vectors: whence labels are.
    :param split: number of the split; the students were trained on the same.
    :param plan: which readings are also embedded corrupted.
    :param cache: folder of what was embedded before.
    :param workers: processes that read and prepare.
    :param begin: as :func:`~omnibind_core.evaluation.embed.embed_fold` takes it.
    :raises SpaceError: a student is of another space; names its folder.
    """
    vectors = read_teacher_vectors(teacher / VECTORS_NAME if teacher.is_dir() else teacher)
    encoders = {}
    for name, run in students.items():
        if (run.document.space, run.document.dimension) != (vectors.space, vectors.dimension):
            given = f'{run.document.space} of length {run.document.dimension}'
            allowed = f"{vectors.space} of length {vectors.dimension}, the teacher's"
            raise SpaceError(f'{run.folder}: space', given, allowed)
        model = str(run.folder / FILES.model)
        encoders[name] = encoder_of(run.model, run.specification, name=model)
    return embed_fold(
        read_manifest(data),
        encoders,
        labels_of(vectors),
        folds=USED,
        split=split,
        plan=plan,
        cache=cache,
        workers=workers,
        begin=begin,
    )


def labels_of(vectors: TeacherVectors) -> LabelBank:
    """The classes with the vectors of their prompts."""
    return LabelBank(
        class_ids=vectors.classes,
        names=tuple(class_name(class_id) for class_id in vectors.classes),
        embeddings=vectors.labels,
        space=vectors.space,
    )


def table_in(path: Path) -> EmbeddingTable:
    """A table of embeddings, without the folds that the fusion must not look at.

    :raises TableError: it cannot be read.
    """
    table = read_embedding_table(path)
    return table.select(np.isin(table.fold, [FOLDS.index(name) for name in USED]))
