"""From folders on disk to a task: the data set, the teacher's vectors, prepared readings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from omnibind_core.data.manifest import Manifest
from omnibind_core.data.manifest import read_manifest
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.models.students.registry import student_specification
from omnibind_core.training.cad import CadTask
from omnibind_core.training.cad_settings import CadSettings
from omnibind_core.training.prepared_arrays import prepared_arrays
from omnibind_core.training.teacher_vectors import read_teacher_vectors
from omnibind_core.training.teacher_vectors import TeacherVectors
from omnibind_core.training.teacher_vectors import VECTORS_NAME


def cad_task(
    *,
    data: Path,
    teacher: Path,
    modality: str,
    split: int,
    settings: CadSettings,
    cache: Path,
    workers: int = 2,
    observe: Callable[[int, int], None] | None = None,
) -> CadTask:
    """Read everything that training one student needs; prepare its readings if nobody has yet.

    :param data: folder of the data set, or its manifest.
    :param teacher: run folder of the teacher, or its file of vectors.
    :param cache: folder of prepared readings.
    :param workers: processes that prepare.
    :param observe: called as ``observe(done, total)`` while readings are prepared.
    :raises ManifestError: the data set has problems.
    :raises TeacherError: the teacher's vectors cannot be used.
    :raises ConfigError: the data set has no such split, or no reading of the modality.
    """
    manifest = read_manifest(data)
    return task_of(
        manifest,
        teacher_of(teacher),
        modality=modality,
        split=split,
        settings=settings,
        cache=cache,
        workers=workers,
        observe=observe,
    )


def task_of(
    manifest: Manifest,
    teacher: TeacherVectors,
    *,
    modality: str,
    split: int,
    settings: CadSettings,
    cache: Path,
    workers: int = 2,
    observe: Callable[[int, int], None] | None = None,
) -> CadTask:
    """As :func:`cad_task`, of what has been read already."""
    if not 0 <= split < manifest.splits:
        problem = Problem('split', str(split), f'0 to {manifest.splits - 1}')
        raise ConfigError(str(manifest.root), [problem])
    specification = student_specification(modality)
    prepared = prepared_arrays(
        manifest, modality, specification, cache, workers=workers, observe=observe
    )
    return CadTask(
        prepared=prepared,
        specification=specification,
        teacher=teacher,
        split=split,
        settings=settings,
    )


def teacher_of(path: Path) -> TeacherVectors:
    """The vectors in a teacher's run folder, or in a file.

    :raises TeacherError: they are missing or cannot be used.
    """
    return read_teacher_vectors(path / VECTORS_NAME if path.is_dir() else path)
