"""From folders of finished runs to the bundle that a robot takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import json
from pathlib import Path

from omnibind_core.errors import SpaceError
from omnibind_core.inference.bundle_writer import EncoderExport
from omnibind_core.inference.bundle_writer import FusionExport
from omnibind_core.inference.bundle_writer import write_bundle
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.manifest import Calibration
from omnibind_core.inference.text_labels import class_name
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.fusion_run import FusionRun
from omnibind_core.training.fusion_run import read_fusion_run
from omnibind_core.training.fusion_sources import students_in
from omnibind_core.training.student_run import StudentRun
from omnibind_core.training.teacher_vectors import FACTS_NAME
from omnibind_core.training.teacher_vectors import read_teacher_vectors
from omnibind_core.training.teacher_vectors import TeacherVectors
from omnibind_core.training.teacher_vectors import VECTORS_NAME


@dataclass(frozen=True)
class Exported:
    """A bundle that was written.

    :param folder: where.
    :param notes: what one should know of how its parts fit, one sentence each.
    """

    folder: Path
    notes: tuple[str, ...]


def export_bundle(
    out: Path,
    *,
    name: str,
    encoders: Sequence[Path],
    teacher: Path,
    fusion: Path | None = None,
    licences: Sequence[str] = (),
) -> Exported:
    """Put students, fusion and labels into one bundle.

    :param out: must not exist yet.
    :param name: start of the bundle's id.
    :param encoders: folders of students' runs, one a modality, or folders of such folders.
    :param teacher: the teacher's run folder or its file of vectors: whence labels and space are.
    :param fusion: folder of the fusion's run; ``None``: the mean fuses.
    :raises TrainingError: a run is not finished or altered, or two are of one modality, or the
        teacher's document is damaged.
    :raises TeacherError: the teacher's vectors cannot be read.
    :raises SpaceError: something is of another space than the teacher; names its folder.
    :raises BundleError: ``out`` exists, or what was written cannot be read.
    :raises BackendError: a model cannot be loaded, or has another signature.
    """
    path = teacher / VECTORS_NAME if teacher.is_dir() else teacher
    vectors = read_teacher_vectors(path)
    students = _students(encoders, vectors)
    origin = _origin(path.with_name(FACTS_NAME))
    run = None if fusion is None else read_fusion_run(fusion)
    notes = ['no fusion was named: the mean fuses'] if run is None else _check(run, students)
    if run is not None:
        _check_space(run.folder, run.document.space, run.document.dimension, vectors)
    folder = write_bundle(
        out,
        name=name,
        encoders={
            modality: EncoderExport(
                model=student.model,
                specification=student.specification,
                temperature=student.document.temperature,
                training={**student.document.training, **origin},
            )
            for modality, student in students.items()
        },
        labels=LabelBank(
            class_ids=vectors.classes,
            names=tuple(class_name(class_id) for class_id in vectors.classes),
            embeddings=vectors.labels,
            space=vectors.space,
        ),
        fusion=None
        if run is None
        else FusionExport(run.model, run.document.modalities, run.document.training),
        calibration=Calibration() if run is None else run.document.calibration,
        licences=tuple(licences),
    )
    return Exported(folder, tuple(notes))


def _students(folders: Sequence[Path], teacher: TeacherVectors) -> dict[str, StudentRun]:
    """The students by modality, all of the teacher's space."""
    for folder in folders:
        students_in([folder])  # none of the folders may be there in vain
    found = students_in(folders)
    for run in found.values():
        _check_space(run.folder, run.document.space, run.document.dimension, teacher)
    return found


def _origin(document: Path) -> dict[str, bool]:
    """Whether the data was simulated, as the teacher's run says it; empty where it says nothing."""
    if not document.is_file():
        return {}
    try:
        content = json.loads(document.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise TrainingError(f'{document}: {error}; run `omnibind train teacher` again') from None
    said = content.get('simulated') if isinstance(content, dict) else None
    return {'simulated': said} if isinstance(said, bool) else {}


def _check_space(folder: Path, space: str, dimension: int, teacher: TeacherVectors) -> None:
    if (space, dimension) != (teacher.space, teacher.dimension):
        allowed = f"{teacher.space} of length {teacher.dimension}, the teacher's"
        raise SpaceError(f'{folder}: space', f'{space} of length {dimension}', allowed)


def _check(fusion: FusionRun, students: dict[str, StudentRun]) -> list[str]:
    """What the fusion was trained with, against what it is put together with."""
    document = fusion.document
    for modality, sha256 in document.encoders.items():
        if modality in students and students[modality].document.sha256 != sha256:
            raise TrainingError(
                f'{fusion.folder} was trained with another encoder of {modality} than '
                f'{students[modality].folder}; train the fusion again'
            )
    notes = []
    unseen = [modality for modality in students if modality not in document.modalities]
    if unseen:
        notes.append(
            f'the fusion was not trained with {", ".join(unseen)}: it takes part with the weight '
            'of a sensor of which nothing is known'
        )
    absent = [modality for modality in document.modalities if modality not in students]
    if absent:
        notes.append(f'the fusion also knows {", ".join(absent)}, of which there is no encoder')
    return notes
