"""Stage 2 from end to end on simulated embeddings: it wins, resumes exactly, fails clearly."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
import json
from pathlib import Path

import numpy as np
import pytest
from simulated_embeddings import MODALITIES
from simulated_embeddings import simulate
from simulated_embeddings import Simulated
import torch

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.embedding_table import TableError
from omnibind_core.data.seeding import generator
from omnibind_core.evaluation.subsets.blocks import measure
from omnibind_core.evaluation.subsets.choice import all_subsets
from omnibind_core.evaluation.subsets.methods import Learned
from omnibind_core.evaluation.subsets.methods import MaxConfidence
from omnibind_core.evaluation.subsets.methods import Mean
from omnibind_core.evaluation.subsets.methods import Product
from omnibind_core.evaluation.subsets.methods import Readings
from omnibind_core.evaluation.subsets.tuples import instance_tuples
from omnibind_core.inference.fusion_session import FusionSession
from omnibind_core.models.fusion_design import FusionDesign
from omnibind_core.training.errors import CheckpointError
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.fusion import fit_fusion
from omnibind_core.training.fusion import FusionTask
from omnibind_core.training.fusion import train_fusion
from omnibind_core.training.fusion_module import fused_logits
from omnibind_core.training.fusion_run import FusionRun
from omnibind_core.training.fusion_settings import FusionSettings
from omnibind_core.training.fusion_settings import read_fusion_settings
from omnibind_core.training.fusion_temperatures import fitted_temperatures
from omnibind_core.training.fusion_tuples import FusionTuples

ROOT = Path(__file__).resolve().parents[3]
SMALL = FusionSettings(
    epochs=3,
    abstain_risk=0.1,
    steps_per_epoch=6,
    batch=64,
    val_tuples=256,
    design=FusionDesign(members=2, hidden=8, set_hidden=8),
)


class StoppedError(Exception):
    """Somebody pulled the plug."""


@cache
def table() -> EmbeddingTable:
    """Errors are half shared; test instances are only in here to be measured on."""
    return simulate(
        Simulated(shared=0.5, classes=12, dimension=24, views=5, noise=1.5, instances=(5, 2, 4))
    )


def task(**changes: object) -> FusionTask:
    return FusionTask(table(), replace(SMALL, **changes), {'image': 'f' * 64})  # type: ignore[arg-type]


def top1(run: FusionRun) -> dict[str, float]:
    """On the test fold, mean over the subsets of two or more sensors."""
    session = FusionSession(
        run.model,
        name='fusion.onnx',
        modalities=run.document.modalities,
        dimension=run.document.dimension,
    )
    readings = Readings(table(), run.document.training['temperatures'])
    subsets = [chosen for chosen in all_subsets(MODALITIES) if len(chosen) > 1]
    tuples = instance_tuples(table(), 'test', MODALITIES)
    methods = (Mean(1.0), MaxConfidence(), Product(), Learned(session))
    block = measure(readings, methods, tuples, subsets)
    return {name: float(found.correct.mean()) for name, found in block.samples.items()}


def test_it_wins_on_new_instances(tmp_path: Path) -> None:
    settings = {'epochs': 5, 'steps_per_epoch': 30, 'batch': 128, 'val_tuples': 1024}
    run = train_fusion(task(**settings), tmp_path / 'run')
    found = top1(run)
    assert found['af'] > found['max_confidence'] + 0.01
    assert found['af'] > found['product'] + 0.02
    assert found['af'] > found['mean'] + 0.02
    training = run.document.training
    assert training['val_nll'] < training['val_nll_product']
    assert set(training['val']) == {'instance', 'class'}
    assert min(training['health_auc'].values()) > 0.8


def test_run_folder(tmp_path: Path) -> None:
    run = train_fusion(task(), tmp_path / 'run')
    document = json.loads((tmp_path / 'run' / 'fusion.json').read_text())
    assert document['modalities'] == list(MODALITIES)
    assert document['space'] == 'simulated'
    assert document['encoders'] == {'image': 'f' * 64}
    assert 0.0 < document['calibration']['abstain_below'] < 1.0
    assert document['training']['settings'] == json.loads(json.dumps(SMALL.document()))
    header, *rows = (tmp_path / 'run' / 'metrics.csv').read_text().splitlines()
    assert 'val_nll' in header
    assert len(rows) == 3
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / 'run').rglob('*')}
    assert train_fusion(task(), tmp_path / 'run').model == run.model  # done is done
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / 'run').rglob('*')} == before
    with pytest.raises(TrainingError, match='other settings or embeddings'):
        train_fusion(task(seed=1), tmp_path / 'run')


def test_the_model_says_what_torch_says() -> None:
    fitted = fit_fusion(task(), None)
    tuples = FusionTuples(table(), 'val', SMALL.mix)
    batch = tuples.draw(generator('any'), 300)
    logits = fused_logits(fitted.fusion, tuples.table, batch)
    assert logits.shape == (300, 12)
    known = batch.label >= 0
    assert (logits.argmax(1).numpy() == batch.label)[known].mean() > 0.5


def stopping_after(epoch: int) -> Callable[[Mapping[str, float]], None]:
    def observe(row: Mapping[str, float]) -> None:
        if row['epoch'] == epoch:
            raise StoppedError

    return observe


def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    whole = fit_fusion(task(), None)
    with pytest.raises(StoppedError):
        fit_fusion(task(), tmp_path, observe=stopping_after(1))
    resumed = fit_fusion(task(), tmp_path)
    assert resumed.rows == whole.rows
    for name, value in whole.fusion.state_dict().items():
        assert torch.equal(resumed.fusion.state_dict()[name], value), name


def test_same_seed_same_fusion_other_seed_another() -> None:
    first, second, other = (fit_fusion(task(seed=seed), None) for seed in (0, 0, 1))
    assert first.rows == second.rows
    assert first.rows != other.rows


def test_a_broken_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        fit_fusion(task(), tmp_path, observe=stopping_after(0))
    (tmp_path / 'last.ckpt').write_bytes(b'not a checkpoint')
    with pytest.raises(CheckpointError, match=r'last\.ckpt is broken'):
        fit_fusion(task(), tmp_path)


def test_without_epochs_it_is_the_calibrated_product(tmp_path: Path) -> None:
    design = replace(SMALL.design, adapter_rank=0)
    run = train_fusion(task(epochs=0, health=False, design=design), tmp_path / 'run')
    found = top1(run)
    assert found['af'] == pytest.approx(found['product'], abs=1e-3)
    assert run.document.training['best_epoch'] == -1


def test_what_makes_it_worse_on_val_is_not_kept() -> None:
    fitted = fit_fusion(task(learning_rate=1.0, gradient_norm=0.0, epochs=1), None)
    if fitted.best_epoch < 0:
        assert fitted.val == fitted.adapted
        assert (fitted.fusion.set_offset == 0.0).all()
    assert fitted.val.nll <= fitted.adapted.nll


def test_a_loss_that_is_not_finite_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        'omnibind_core.training.fusion_module.likelihoods',
        lambda logits, label: (logits.sum(-1) * float('nan'), logits.sum(-1)),
    )
    with pytest.raises(TrainingError, match='the loss is not finite in epoch 0, step 0'):
        fit_fusion(task(), tmp_path)


def test_temperatures_are_those_of_clean_informative_readings() -> None:
    fusion = table().in_fold('fusion')
    found = fitted_temperatures(fusion, fusion.vectors)
    assert list(found) == list(MODALITIES)
    garbled = replace(
        fusion,
        vectors=np.where(
            ((fusion.corruption > 0) | fusion.nothing)[:, None], -fusion.vectors, fusion.vectors
        ),
    )
    assert fitted_temperatures(garbled, garbled.vectors) == found
    with pytest.raises(TableError, match='no informative reading of image'):
        fitted_temperatures(replace(fusion, informative=fusion.modality != 0), fusion.vectors)


def test_the_threshold_keeps_the_risk_on_val(tmp_path: Path) -> None:
    settings = replace(SMALL, abstain_risk=0.1, val_tuples=2048)
    run = train_fusion(FusionTask(table(), settings, {}), tmp_path / 'run')
    fitted = fit_fusion(FusionTask(table(), settings, {}), None)
    tuples = FusionTuples(table(), 'val', settings.mix)
    batch = tuples.draw(generator('other draws'), 4000)
    posterior = torch.softmax(fused_logits(fitted.fusion, tuples.table, batch), dim=1).numpy()
    given = posterior.max(axis=1) >= run.document.calibration.abstain_below
    given &= batch.mask.any(axis=1)
    wrong = posterior.argmax(axis=1) != batch.label
    assert 0.05 < wrong[given].mean() < 0.15
    assert given[batch.label >= 0].mean() > given[batch.label < 0].mean() + 0.3


def test_the_configuration_shows_the_defaults() -> None:
    assert read_fusion_settings(ROOT / 'config' / 'train_fusion.yaml') == FusionSettings()


def test_settings_report_every_problem(tmp_path: Path) -> None:
    from omnibind_core.errors import ConfigError

    path = tmp_path / 'fusion.yaml'
    path.write_text('batch: 1\ndesign: {members: 0}\nmix: {corrupted: 2.0}\nepoch: 3\n')
    with pytest.raises(ConfigError) as caught:
        read_fusion_settings(path)
    keys = {problem.key for problem in caught.value.problems}
    assert keys == {'batch', 'design.members', 'mix.corrupted', 'epoch'}
