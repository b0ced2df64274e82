"""The ablation of stage 1: many short runs, each leaving one small file, resumable at any time.

The test fold is opened once at the end of each run; nothing is chosen on it.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED
from concurrent.futures import Future
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import wait
from dataclasses import asdict
from dataclasses import dataclass
import json
import multiprocessing
from pathlib import Path
import time
from typing import Any

import numpy as np

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.manifest import read_manifest
from omnibind_core.errors import OmniBindError
from omnibind_core.evaluation.statistics.temperature import negative_log_likelihood
from omnibind_core.training.ablation_plan import AblationRun
from omnibind_core.training.ablation_plan import AblationSettings
from omnibind_core.training.cad import CadTask
from omnibind_core.training.cad import fit_student
from omnibind_core.training.cad_settings import CadSettings
from omnibind_core.training.cad_sources import task_of
from omnibind_core.training.cad_sources import teacher_of
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.student_evaluation import cosines
from omnibind_core.training.student_readings import evaluation_readings
from omnibind_core.training.teacher_vectors import TeacherVectors

VERSION = 1


@dataclass(frozen=True)
class AblationSources:
    """Where everything is.

    :param data: folder of the data set.
    :param teacher: run folder of the teacher, or its file of vectors.
    :param cache: folder of prepared readings.
    :param settings: of the ablation.
    :param students: settings of each modality's student.
    """

    data: Path
    teacher: Path
    cache: Path
    settings: AblationSettings
    students: Mapping[str, CadSettings]


@dataclass(frozen=True)
class AblationOutcome:
    """What an ablation's call did.

    :param finished: runs whose results are there now.
    :param planned: all runs.
    :param failed: one sentence for each run that failed.
    """

    finished: int
    planned: int
    failed: tuple[str, ...]


def ablate(
    sources: AblationSources,
    runs: Sequence[AblationRun],
    folder: Path,
    *,
    processes: int = 2,
    minutes: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    observe: Callable[[AblationRun, Mapping[str, Any]], None] | None = None,
) -> AblationOutcome:
    """Do the runs that have no result yet, in their order.

    :param folder: of the results.
    :param processes: how many train at once, one thread each; 0 = in this one.
    :param minutes: after so many no run is begun any more; those begun are finished.
    :param observe: called with each new result.
    :raises TrainingError: a result in the folder is of other settings, data or teacher.
    """
    bench = _Bench(sources)
    missing = [run for run in runs if not _is_there(bench, run, folder)]
    deadline = None if minutes is None else clock() + 60.0 * minutes
    failed: list[str] = []

    def note(run: AblationRun, result: Mapping[str, Any] | None, error: str = '') -> None:
        if result is None:
            failed.append(f'{run.file}: {error}')
            return
        path = folder / run.file
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(result) + '\n')
        if observe is not None:
            observe(run, result)

    def late() -> bool:
        return deadline is not None and clock() >= deadline

    if processes == 0:
        for run in missing:
            if late():
                break
            try:
                note(run, bench.result(run))
            except OmniBindError as error:
                note(run, None, str(error))
    else:
        _in_processes(sources, missing, processes, late, note)
    finished = sum((folder / run.file).is_file() for run in runs)
    return AblationOutcome(finished, len(runs), tuple(failed))


def _in_processes(
    sources: AblationSources,
    missing: Sequence[AblationRun],
    processes: int,
    late: Callable[[], bool],
    note: Callable[..., None],
) -> None:
    # started afresh, not forked: threads of numerical libraries do not survive a fork
    context = multiprocessing.get_context('spawn')
    with ProcessPoolExecutor(
        processes, mp_context=context, initializer=_begin, initargs=(sources,)
    ) as pool:
        running: dict[Future[dict[str, Any]], AblationRun] = {}
        waiting = list(missing)
        while running or waiting:
            while waiting and len(running) < processes and not late():
                run = waiting.pop(0)
                running[pool.submit(_work, run)] = run
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                run = running.pop(future)
                try:
                    note(run, future.result())
                except OmniBindError as error:
                    note(run, None, str(error))


class _Bench:
    """Data set and teacher, read once, and the runs over them."""

    def __init__(self, sources: AblationSources) -> None:
        self._sources = sources
        self._manifest: Manifest = read_manifest(sources.data)
        self._teacher: TeacherVectors = teacher_of(sources.teacher)

    def task(self, run: AblationRun) -> CadTask:
        """A run's task; readings come from the cache."""
        sources = self._sources
        return task_of(
            self._manifest,
            self._teacher,
            modality=run.modality,
            split=sources.settings.split,
            settings=sources.settings.of_run(sources.students[run.modality], run),
            cache=sources.cache,
        )

    def result(self, run: AblationRun) -> dict[str, Any]:
        """Train, then look at the test fold.

        :raises TrainingError: the loss is not finite.
        """
        task = self.task(run)
        started = time.monotonic()
        fitted = fit_student(task, None)
        seconds = time.monotonic() - started
        test = evaluation_readings(task.prepared, task.teacher, split=task.split, fold='test')
        logits = cosines(fitted.student, test, fitted.class_vectors)
        classes = test.targets.classes.numpy()
        right = logits.argmax(axis=1) == classes
        instances = sorted({record.instance for record in test.records})
        place = {name: number for number, name in enumerate(instances)}
        rows = np.array([place[record.instance] for record in test.records])
        return {
            'version': VERSION,
            **asdict(run),
            'split': task.split,
            'fingerprint': task.fingerprint,
            'settings': task.settings.document(),
            'readings': fitted.readings,
            'best_epoch': fitted.best_epoch,
            'val_top1': round(fitted.val.top1, 4),
            'temperature': round(fitted.val.temperature, 5),
            'test': {
                'top1': round(float(right.mean()), 4),
                'nll': round(negative_log_likelihood(logits, classes, fitted.val.temperature), 4),
                # by instance, in the order of their names: what a paired bootstrap needs
                'right': np.bincount(rows, right, minlength=len(instances)).astype(int).tolist(),
                'of': np.bincount(rows, minlength=len(instances)).tolist(),
            },
            'seconds': round(seconds, 1),
        }


def _is_there(bench: _Bench, run: AblationRun, folder: Path) -> bool:
    """Whether a run has its result already.

    :raises TrainingError: there is one of other settings, data or teacher.
    """
    path = folder / run.file
    if not path.is_file():
        return False
    try:
        fingerprint = json.loads(path.read_text(encoding='utf-8'))['fingerprint']
    except (ValueError, KeyError, TypeError) as error:
        raise TrainingError(f'{path} is no result of a run ({error}); delete it') from None
    if fingerprint != bench.task(run).fingerprint:
        raise TrainingError(
            f'{path} is of other settings, data or teacher; choose another folder, or delete it'
        )
    return True


# The one place where a pool's task finds what its process was begun with.
_benches: list[_Bench] = []


def _begin(sources: AblationSources) -> None:
    import torch

    torch.set_num_threads(1)
    _benches[:] = [_Bench(sources)]


def _work(run: AblationRun) -> dict[str, Any]:
    return _benches[0].result(run)
