"""The ablation's driver on a tiny data set: resumable, bounded in time, one file a run."""

from __future__ import annotations

from collections.abc import Iterator
import json
from pathlib import Path

import pytest
from tiny_readings import tiny_data_set
from tiny_students import teacher_of

from omnibind_core.training import ablation
from omnibind_core.training.ablation import ablate
from omnibind_core.training.ablation import AblationSources
from omnibind_core.training.ablation_plan import AblationRun
from omnibind_core.training.ablation_plan import AblationSettings
from omnibind_core.training.ablation_plan import planned_runs
from omnibind_core.training.ablation_table import ablation_rows
from omnibind_core.training.ablation_table import read_results
from omnibind_core.training.cad import CadTask
from omnibind_core.training.cad import FittedStudent
from omnibind_core.training.cad_settings import CadSettings
from omnibind_core.training.errors import TrainingError

SETTINGS = AblationSettings(
    shares=(0.5, 1.0), seeds=(0,), variants=('in', 'all'), epochs=1, steps_per_epoch=2, batch=8
)


@pytest.fixture
def sources(tmp_path: Path) -> AblationSources:
    manifest = tiny_data_set(
        tmp_path / 'data',
        modalities=('thermal',),
        instances=8,
        views=2,
        folds=('student', 'val', 'test'),
    )
    teacher = teacher_of(manifest.records, manifest.classes.names)
    teacher.save(tmp_path / 'teacher.safetensors')
    return AblationSources(
        data=tmp_path / 'data',
        teacher=tmp_path / 'teacher.safetensors',
        cache=tmp_path / 'cache',
        settings=SETTINGS,
        students={'thermal': CadSettings(precision='float32')},
    )


RUNS = planned_runs(SETTINGS, {'thermal': 12})


def test_every_run_leaves_one_file(sources: AblationSources, tmp_path: Path) -> None:
    """Test top-1 from its counts; nothing but the test fold's readings are counted."""
    outcome = ablate(sources, RUNS, tmp_path / 'out', processes=0)
    assert (outcome.finished, outcome.planned, outcome.failed) == (4, 4, ())
    results = read_results(tmp_path / 'out')
    assert len(results) == 4
    for item in results:
        test = item['test']
        assert test['of'] == [2, 2, 2, 2]  # two classes, two test instances each, two views
        assert test['top1'] == pytest.approx(sum(test['right']) / 8)
        assert item['settings']['steps_per_epoch'] == 2
    (half, whole) = ablation_rows(results)
    assert (half.readings, whole.readings) == (6, 12)


def test_goes_on_where_it_ended(sources: AblationSources, tmp_path: Path) -> None:
    out = tmp_path / 'out'
    times: Iterator[float] = iter([0.0, 1.0, 59.0, 60.0, 61.0])
    first = ablate(sources, RUNS, out, processes=0, minutes=1.0, clock=lambda: next(times))
    assert first.finished == 2  # begun at 1 and 59 s; none is begun at 60 s
    kept = {path: path.read_bytes() for path in out.glob('*/*.json')}
    seen: list[AblationRun] = []
    second = ablate(sources, RUNS, out, processes=0, observe=lambda run, _: seen.append(run))
    assert second.finished == 4
    assert seen == RUNS[2:]
    assert all(path.read_bytes() == content for path, content in kept.items())


def test_results_of_other_settings_are_refused(sources: AblationSources, tmp_path: Path) -> None:
    out = tmp_path / 'out'
    ablate(sources, RUNS[:1], out, processes=0)
    path = out / RUNS[0].file
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, 'fingerprint': 'another'}))
    with pytest.raises(TrainingError, match='other settings, data or teacher'):
        ablate(sources, RUNS, out, processes=0)
    path.write_text('{')
    with pytest.raises(TrainingError, match='no result'):
        ablate(sources, RUNS, out, processes=0)


def test_a_failed_run_does_not_stop_the_others(
    sources: AblationSources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = ablation.fit_student

    def failing(task: CadTask, folder: Path | None) -> FittedStudent:
        if task.settings.terms == ('in',):
            raise TrainingError('thermal: the loss is not finite')
        return fit(task, folder)

    monkeypatch.setattr(ablation, 'fit_student', failing)
    outcome = ablate(sources, RUNS, tmp_path / 'out', processes=0)
    assert outcome.finished == 2
    assert len(outcome.failed) == 2
    assert 'thermal/in_6_seed0.json: thermal: the loss is not finite' in outcome.failed[0]


@pytest.mark.slow
def test_processes_find_the_same(sources: AblationSources, tmp_path: Path) -> None:
    ablate(sources, RUNS, tmp_path / 'one', processes=0)
    outcome = ablate(sources, RUNS, tmp_path / 'two', processes=2)
    assert outcome.finished == 4
    for run in RUNS:
        one, two = (json.loads((tmp_path / name / run.file).read_text()) for name in ('one', 'two'))
        assert one['test']['right'] == two['test']['right']
        assert one['fingerprint'] == two['fingerprint']
