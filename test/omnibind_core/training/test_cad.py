"""Stage 1 from end to end on small pictures: it learns, resumes exactly, and fails clearly."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
import csv
from dataclasses import replace
import json
import os
from pathlib import Path
import signal
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest
from tiny_students import tiny_task
import torch

from omnibind_core.training.cad import CadTask
from omnibind_core.training.cad import fit_student
from omnibind_core.training.cad import train_cad
from omnibind_core.training.errors import CheckpointError
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.losses.objective import CadObjective
from omnibind_core.training.student_evaluation import embedded
from omnibind_core.training.student_evaluation import evaluate
from omnibind_core.training.student_readings import evaluation_readings

ROOT = Path(__file__).resolve().parents[3]


class StoppedError(Exception):
    """Somebody pulled the plug."""


def stopping_after(epoch: int) -> Callable[[Mapping[str, float]], None]:
    def observe(row: Mapping[str, float]) -> None:
        if row['epoch'] == epoch:
            raise StoppedError

    return observe


@pytest.mark.parametrize('terms', [('in', 'cr', 'se'), ('scratch',)])
def test_learns_what_tells_the_classes_apart(terms: tuple[str, ...]) -> None:
    task = tiny_task(terms=terms, epochs=5, steps_per_epoch=10, batch=24)
    fitted = fit_student(task, None)
    assert fitted.val.top1 > 0.9  # by chance 0.25
    assert fitted.rows[-1]['train_loss'] < 0.7 * fitted.rows[0]['train_loss']
    # several epochs may be perfect: any of them is a best one
    best = {row['epoch']: row['val_nll'] for row in fitted.rows}[fitted.best_epoch]
    assert best == pytest.approx(min(row['val_nll'] for row in fitted.rows), abs=1e-6)
    test = evaluation_readings(task.prepared, task.teacher, split=0, fold='test')
    assert evaluate(fitted.student, test, fitted.class_vectors).top1 > 0.8


def test_run_folder(tmp_path: Path) -> None:
    """The encoder says what the student says; the document says what it needs; done is done."""
    task = tiny_task()
    finished = train_cad(task, tmp_path / 'run')
    assert finished is not None
    assert finished.document.space == 'tiny'
    assert finished.specification == task.specification
    assert finished.document.training['readings'] == 60
    with (tmp_path / 'run' / 'metrics.csv').open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row['epoch'] for row in rows] == ['0', '1', '2']
    best = rows[finished.document.training['best_epoch']]
    assert float(best['val_temperature']) == pytest.approx(finished.document.temperature, rel=1e-3)
    session = onnxruntime.InferenceSession(finished.model, providers=['CPUExecutionProvider'])
    val = evaluation_readings(task.prepared, task.teacher, split=0, fold='val')
    (found,) = session.run(None, {'input': val.arrays.float().numpy()})
    labels = task.teacher.labels
    top1 = float(((found @ labels.T).argmax(axis=1) == val.targets.classes.numpy()).mean())
    assert top1 == pytest.approx(finished.document.training['val_top1'], abs=1e-4)

    again = train_cad(task, tmp_path / 'run', observe=stopping_after(0))  # nothing is trained
    assert again == finished
    with pytest.raises(TrainingError, match='other settings, data or teacher'):
        train_cad(tiny_task(seed=1), tmp_path / 'run')


def test_scratch_is_a_space_of_its_own(tmp_path: Path) -> None:
    finished = train_cad(tiny_task(terms=('scratch',), epochs=1), tmp_path)
    assert finished is not None
    assert finished.document.space.startswith('scratch-')


@pytest.mark.parametrize('precision', ['float32', 'bfloat16'])
def test_interrupted_run_gives_the_same_curve_and_encoder(tmp_path: Path, precision: str) -> None:
    """Augmentation and dropout included, to the last byte; the caller's generator is untouched."""
    task = tiny_task(epochs=4, augmentation=1.0, precision=precision, dropout=0.3)
    train_cad(task, tmp_path / 'whole')
    for epoch in (0, 2):
        with pytest.raises(StoppedError):
            train_cad(task, tmp_path / 'parts', observe=stopping_after(epoch))
    before = torch.random.get_rng_state()
    train_cad(task, tmp_path / 'parts')
    assert torch.equal(torch.random.get_rng_state(), before)
    for name in ('metrics.csv', 'best.safetensors', 'encoder.onnx'):
        whole = (tmp_path / 'whole' / name).read_bytes()
        assert (tmp_path / 'parts' / name).read_bytes() == whole, name


KILLED = """
import os, signal, sys
from pathlib import Path
import torch
from tiny_students import tiny_task
from omnibind_core.training.cad import train_cad
torch.set_num_threads(1)
def observe(row):
    if row['epoch'] == 1:
        os.kill(os.getpid(), signal.SIGKILL)
train_cad(tiny_task(epochs=4, augmentation=1.0), Path(sys.argv[1]), observe=observe)
"""


@pytest.mark.slow
def test_killed_process_is_gone_on_from(tmp_path: Path) -> None:
    task = tiny_task(epochs=4, augmentation=1.0)
    paths = os.pathsep.join([str(ROOT), str(ROOT / 'test' / 'support')])
    killed = subprocess.run(
        [sys.executable, '-c', KILLED, str(tmp_path / 'killed')],
        env={**os.environ, 'PYTHONPATH': paths, 'OMP_NUM_THREADS': '1'},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / 'killed' / 'last.ckpt').is_file()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        train_cad(task, tmp_path / 'killed')
        train_cad(task, tmp_path / 'whole')
    finally:
        torch.set_num_threads(threads)
    for name in ('metrics.csv', 'encoder.onnx'):
        whole = (tmp_path / 'whole' / name).read_bytes()
        assert (tmp_path / 'killed' / name).read_bytes() == whole, name


def test_loss_that_is_not_finite_names_run_and_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint of the epoch before stays, and the run goes on from it."""
    task = tiny_task()
    forward = CadObjective.forward
    calls = 0

    def broken(self: CadObjective, student: torch.Tensor, targets: object) -> object:
        nonlocal calls
        calls += 1
        found = dict(forward(self, student, targets))  # type: ignore[arg-type]
        if calls == 6:  # epochs have 4 steps: the second step of the second epoch
            found['loss'] = found['loss'] * float('nan')
        return found

    monkeypatch.setattr(CadObjective, 'forward', broken)
    with pytest.raises(TrainingError, match=r'run: the loss is not finite in epoch 1, step 1'):
        train_cad(task, tmp_path / 'run')
    monkeypatch.undo()
    kept = torch.load(tmp_path / 'run' / 'last.ckpt', weights_only=True)
    assert kept['epoch'] == 0
    finished = train_cad(task, tmp_path / 'run')
    whole = train_cad(task, tmp_path / 'whole')
    assert finished is not None
    assert whole is not None
    assert finished.model == whole.model


@pytest.mark.parametrize('size', [0, 100, 50_000])
def test_broken_checkpoint_is_named_and_left_alone(tmp_path: Path, size: int) -> None:
    task = tiny_task()
    with pytest.raises(StoppedError):
        train_cad(task, tmp_path, observe=stopping_after(0))
    path = tmp_path / 'last.ckpt'
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(CheckpointError, match=r'last\.ckpt is broken.*delete'):
        train_cad(task, tmp_path)
    assert path.stat().st_size == size


def test_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        train_cad(tiny_task(), tmp_path, observe=stopping_after(0))
    for other in (
        tiny_task(seed=1),
        tiny_task(learning_rate=0.1),
        replace(tiny_task(), teacher=replace(tiny_task().teacher, space='another')),
    ):
        with pytest.raises(CheckpointError, match='other settings, data or teacher'):
            train_cad(other, tmp_path)
    (tmp_path / 'best.safetensors').unlink()
    with pytest.raises(CheckpointError, match=r'best\.safetensors is missing'):
        train_cad(tiny_task(), tmp_path)


def test_patience_ends_a_run_that_does_not_get_better(tmp_path: Path) -> None:
    """And it stays ended: what is left to do after a kill is the export."""
    task = tiny_task(epochs=30, steps_per_epoch=1, patience=2, learning_rate=1e-7, warm_up=0.0)
    seen: list[float] = []
    finished = train_cad(task, tmp_path, observe=lambda row: seen.append(row['epoch']))
    assert finished is not None
    assert len(seen) < 30
    assert finished.document.training['epochs'] == len(seen)
    assert finished.document.training['best_epoch'] == len(seen) - 3
    (tmp_path / 'encoder.json').unlink()
    again = train_cad(task, tmp_path, observe=stopping_after(0))
    assert again is not None
    assert again.model == finished.model


def test_batches_that_cannot_be_shared(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match='batches of 5 cannot be shared by 2 processes'):
        _with_world_size(tiny_task(batch=5), 2)


def _with_world_size(task: CadTask, processes: int) -> None:
    from omnibind_core.training.cad import _networks
    from omnibind_core.training.cad_module import CadModule
    from omnibind_core.training.student_readings import training_readings

    class Doubled:
        world_size = processes
        global_rank = 0

    student, objective = _networks(task)
    readings = training_readings(task.prepared, task.teacher, split=0, budget=None, seed=0)
    module = CadModule(
        student=student,
        objective=objective,
        readings=readings,
        augment=None,
        settings=task.settings,
        run='a run',
    )
    module._trainer = Doubled()  # type: ignore[assignment]
    module.train_dataloader()


def test_weights_depend_on_the_seed_alone() -> None:
    first = fit_student(tiny_task(epochs=1, steps_per_epoch=1), None)
    torch.manual_seed(123)
    second = fit_student(tiny_task(epochs=1, steps_per_epoch=1), None)
    other = fit_student(tiny_task(epochs=1, steps_per_epoch=1, seed=1), None)
    val = evaluation_readings(tiny_task().prepared, tiny_task().teacher, split=0, fold='val')
    vectors = [embedded(item.student, val) for item in (first, second, other)]
    assert torch.equal(vectors[0], vectors[1])
    assert not np.allclose(vectors[0], vectors[2])
    assert json.dumps(first.rows) == json.dumps(second.rows)
