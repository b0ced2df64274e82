"""Stage 1 (OmniBind section 3.2): one student, taught by frozen image and text teachers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from dataclasses import dataclass
import hashlib
import json
from pathlib import Path
import time
from typing import Any

import torch
from torch import nn
from torch import Tensor

from omnibind_core.data.seeding import seed_of
from omnibind_core.modalities.base import InputSpecification
from omnibind_core.models.export import export_encoder
from omnibind_core.models.students.registry import student as new_student
from omnibind_core.training.augmentation.registry import augmentation
from omnibind_core.training.cad_module import CadModule
from omnibind_core.training.cad_module import set_dropout
from omnibind_core.training.cad_settings import CadSettings
from omnibind_core.training.engine import fit
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.losses.objective import CadObjective
from omnibind_core.training.prepared_arrays import PreparedArrays
from omnibind_core.training.run_recorder import Row
from omnibind_core.training.run_recorder import RunRecorder
from omnibind_core.training.student_evaluation import evaluate
from omnibind_core.training.student_evaluation import Evaluation
from omnibind_core.training.student_readings import evaluation_readings
from omnibind_core.training.student_readings import training_readings
from omnibind_core.training.student_run import DOCUMENT_NAME
from omnibind_core.training.student_run import read_student_run
from omnibind_core.training.student_run import StudentRun
from omnibind_core.training.student_run import write_student_run
from omnibind_core.training.teacher_vectors import TeacherVectors

_BEST_PREFIX = {'student': 'student.', 'objective': 'objective.'}


@dataclass(frozen=True)
class CadTask:
    """What is to be trained.

    :param prepared: all readings of the modality.
    :param specification: what they were prepared for.
    :param teacher: what the teachers say of them.
    :param split: number of the split.
    :param settings: how.
    """

    prepared: PreparedArrays
    specification: InputSpecification
    teacher: TeacherVectors
    split: int
    settings: CadSettings

    @property
    def modality(self) -> str:
        """Whose student it is."""
        return self.prepared.records[0].modality

    @property
    def fingerprint(self) -> str:
        """Two tasks with the same one give the same student."""
        digest = hashlib.sha256(self.prepared.key.encode())
        text = [self.teacher.space, list(self.teacher.classes), self.teacher.keys, self.split]
        digest.update(json.dumps([*text, self.settings.document()]).encode())
        for vectors in (self.teacher.labels, self.teacher.image, self.teacher.caption):
            digest.update(vectors.tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class FittedStudent:
    """A trained student.

    :param student: with its best weights, in evaluation mode, on the CPU.
    :param class_vectors: what it is compared with to classify, ``[c, d]``.
    :param val: how it does on the val fold.
    :param rows: its curve, one row an epoch.
    :param best_epoch: where its weights are from.
    :param readings: how many it learnt from.
    :param rank: of this process; 0 where there is one.
    """

    student: nn.Module
    class_vectors: Tensor
    val: Evaluation
    rows: list[dict[str, float]]
    best_epoch: int
    readings: int
    rank: int


def fit_student(
    task: CadTask,
    folder: Path | None,
    *,
    device: str = 'cpu',
    devices: int = 1,
    observe: Callable[[Row], None] | None = None,
) -> FittedStudent:
    """Train a student, or go on where the folder's checkpoint ends.

    :param folder: for the checkpoint and the curve, exists; ``None`` keeps nothing on disk.
    :param device: ``cpu`` or ``auto``: a GPU where there is one.
    :param devices: processes on this machine (started by ``torchrun``), each with a device.
    :param observe: called with each epoch's row.
    :raises TrainingError: the loss is not finite; earlier checkpoints are intact.
    :raises CheckpointError: the folder's checkpoint is broken or of another run.
    """
    settings, modality, teacher = task.settings, task.modality, task.teacher
    run = str(folder) if folder is not None else f'{modality} seed {settings.seed}'
    readings = training_readings(
        task.prepared, teacher, split=task.split, budget=settings.budget, seed=settings.seed
    )
    val = evaluation_readings(task.prepared, teacher, split=task.split, fold='val')
    student, objective = _networks(task)
    module = CadModule(
        student=student,
        objective=objective,
        readings=readings,
        augment=augmentation(modality),
        settings=settings,
        run=run,
    )

    def weights() -> dict[str, Tensor]:
        return {
            f'{_BEST_PREFIX[part]}{name}': value
            for part, network in (('student', module.student), ('objective', module.objective))
            for name, value in network.state_dict().items()
        }

    fingerprint = task.fingerprint
    recorder = RunRecorder(
        folder=folder,
        fingerprint=fingerprint,
        losses=lambda: module.losses,
        weights=weights,
        evaluate=lambda: evaluate(module.student, val, module.objective.class_vectors()),
        evaluate_every=settings.evaluate_every,
        patience=settings.patience,
        observe=observe,
    )
    rank = fit(
        module,
        recorder,
        folder=folder,
        fingerprint=fingerprint,
        epochs=settings.epochs,
        precision=settings.precision,
        gradient_norm=settings.gradient_norm,
        device=device,
        devices=devices,
    )
    # fresh networks: the trained ones may live on another device or be synchronised ones
    student, objective = _networks(task)
    best = recorder.best_weights()
    for part, network in (('student', student), ('objective', objective)):
        prefix = _BEST_PREFIX[part]
        network.load_state_dict(
            {name[len(prefix) :]: best[name] for name in best if name.startswith(prefix)}
        )
    student.eval()
    class_vectors = objective.class_vectors()
    return FittedStudent(
        student=student,
        class_vectors=class_vectors,
        val=evaluate(student, val, class_vectors),
        rows=recorder.rows,
        best_epoch=recorder.best_epoch,
        readings=len(readings),
        rank=rank,
    )


def train_cad(
    task: CadTask,
    folder: Path,
    *,
    device: str = 'cpu',
    devices: int = 1,
    observe: Callable[[Row], None] | None = None,
) -> StudentRun | None:
    """Train a student and export it; a run that is complete already is returned as it is.

    :param folder: of the run; made if it is not there.
    :return: the finished run; ``None`` in all processes but the first.
    :raises TrainingError: the folder holds another finished run, or see :func:`fit_student`.
    :raises ExportError: the ONNX file computes something else than the student.
    """
    if (folder / DOCUMENT_NAME).exists():
        finished = read_student_run(folder)
        if finished.document.fingerprint != task.fingerprint:
            raise TrainingError(
                f'{folder} holds a finished run with other settings, data or teacher; choose '
                'another folder, or delete that one'
            )
        return finished
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    fitted = fit_student(task, folder, device=device, devices=devices, observe=observe)
    if fitted.rank != 0:
        return None
    seconds = time.monotonic() - started
    model = export_encoder(fitted.student, task.specification.shape)
    document = {
        'modality': task.modality,
        'specification': asdict(task.specification),  # type: ignore[call-overload]
        'space': _space(task, fitted.class_vectors),
        'dimension': task.teacher.dimension,
        'temperature': fitted.val.temperature,
        'fingerprint': task.fingerprint,
        'training': _summary(task, fitted, seconds),
    }
    write_student_run(folder, document, model)
    return read_student_run(folder)


def _networks(task: CadTask) -> tuple[nn.Module, CadObjective]:
    """Student and objective as they are before the first step."""
    settings = task.settings
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_of('cad', 'weights', settings.seed) % 2**63)
        network = new_student(
            task.modality,
            dimension=task.teacher.dimension,
            size=settings.size,  # type: ignore[arg-type]
            specification=task.specification,
        )
    set_dropout(network, settings.dropout)
    labels = torch.from_numpy(task.teacher.labels.copy())
    return network, CadObjective(settings, labels, seed=settings.seed)


def _space(task: CadTask, class_vectors: Tensor) -> str:
    """The teacher's space; without a teacher a space of its own, which nothing else is in."""
    if not task.settings.scratch:
        return task.teacher.space
    own = hashlib.sha256(class_vectors.numpy().tobytes()).hexdigest()
    return f'scratch-{own[:16]}'


def _summary(task: CadTask, fitted: FittedStudent, seconds: float) -> dict[str, Any]:
    return {
        'method': 'scratch' if task.settings.scratch else 'cad',
        'settings': task.settings.document(),
        'split': task.split,
        'teacher': task.teacher.teacher,
        'readings': fitted.readings,
        'parameters': sum(item.numel() for item in fitted.student.parameters()),
        'epochs': len(fitted.rows),
        'best_epoch': fitted.best_epoch,
        'val_top1': round(fitted.val.top1, 4),
        'val_nll': round(fitted.val.nll, 4),
        'seconds': round(seconds, 1),
        'torch': torch.__version__,
    }
