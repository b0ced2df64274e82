"""Stage 2 (OmniBind section 3.3): adaptive fusion of frozen encoders' embeddings.

It learns on instances that no student saw (fold ``fusion``), and all choices are made on others
(fold ``val``): when to stop, how sharp the posterior is, below what it abstains.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
import copy
from dataclasses import dataclass
import hashlib
import json
from pathlib import Path
import time

import numpy as np
import torch

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.seeding import generator
from omnibind_core.evaluation.statistics.temperature import fit_temperature
from omnibind_core.evaluation.statistics.temperature import negative_log_likelihood
from omnibind_core.models.adaptive_fusion import AdaptiveFusion
from omnibind_core.models.fusion_export import export_fusion
from omnibind_core.training.engine import fit
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.fusion_module import fused_logits
from omnibind_core.training.fusion_module import FusionModule
from omnibind_core.training.fusion_run import FILES
from omnibind_core.training.fusion_run import FusionRun
from omnibind_core.training.fusion_run import read_fusion_run
from omnibind_core.training.fusion_run import write_fusion_run
from omnibind_core.training.fusion_settings import FusionSettings
from omnibind_core.training.fusion_start import Started
from omnibind_core.training.fusion_start import started
from omnibind_core.training.fusion_tuples import FusionBatch
from omnibind_core.training.fusion_tuples import FusionTuples
from omnibind_core.training.fusion_validation import fitted_calibration
from omnibind_core.training.fusion_validation import val_figures
from omnibind_core.training.run_recorder import Row
from omnibind_core.training.run_recorder import RunRecorder
from omnibind_core.training.student_evaluation import Evaluation

_SHARPEST = 3.0


@dataclass(frozen=True)
class FusionTask:
    """What is to be trained.

    :param table: embeddings of the folds fusion and val; rows of other folds are not looked at.
    :param settings: how.
    :param encoders: SHA-256 of the encoders that the table was made with, by modality.
    """

    table: EmbeddingTable
    settings: FusionSettings
    encoders: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """Two tasks with the same one give the same fusion."""
        table = self.table
        names = [table.space, *map(list, (table.classes, table.modalities, table.instances))]
        digest = hashlib.sha256(json.dumps([*names, self.settings.document()]).encode())
        for name in ('labels', 'vectors', 'modality', 'label', 'instance', 'view', 'fold'):
            digest.update(np.ascontiguousarray(getattr(table, name)).tobytes())
        for name in ('informative', 'nothing', 'corruption', 'severity'):
            digest.update(np.ascontiguousarray(getattr(table, name)).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class FittedFusion:
    """A trained fusion.

    :param fusion: with its best weights, in evaluation mode.
    :param start: where it started.
    :param val: on the tuples drawn from the val fold.
    :param product: the same of the calibrated product of embeddings as they are.
    :param adapted: the same of the calibrated product of adapted embeddings.
    :param rows: its curve, one row an epoch.
    :param best_epoch: where its weights are from; -1: from the start, which nothing bettered.
    """

    fusion: AdaptiveFusion
    start: Started
    val: Evaluation
    product: Evaluation
    adapted: Evaluation
    rows: list[dict[str, float]]
    best_epoch: int


def fit_fusion(
    task: FusionTask, folder: Path | None, *, observe: Callable[[Row], None] | None = None
) -> FittedFusion:
    """Train a fusion, or go on where the folder's checkpoint ends.

    :param folder: for the checkpoint and the curve, exists; ``None`` keeps nothing on disk.
    :param observe: called with each epoch's row.
    :raises TableError: the table lacks readings of a fold or a modality.
    :raises TrainingError: the loss is not finite; earlier checkpoints are intact.
    :raises CheckpointError: the folder's checkpoint is broken or of another run.
    """
    settings = task.settings
    tuples = FusionTuples(task.table, 'fusion', settings.mix)
    val = FusionTuples(task.table, 'val', settings.mix)
    drawn = val.draw(generator('fusion', 'val', settings.seed), settings.val_tuples)
    start = started(tuples, val.table, settings)
    fusion = start.fusion
    at_start = copy.deepcopy(fusion.state_dict())
    product = _evaluate(start.product, val.table, drawn)
    adapted = _evaluate(fusion, val.table, drawn)
    best_epoch, rows = -1, []
    if settings.epochs:
        module = FusionModule(
            fusion=fusion,
            tuples=tuples,
            adapted=start.adapter.adapted.vectors,
            settings=settings,
            run=str(folder or 'fusion'),
        )
        with torch.no_grad():  # a blend of 0 would give the shares in the mixture no gradient
            fusion.set_offset[:, 1] = settings.mixture
        recorder = RunRecorder(
            folder=folder,
            fingerprint=task.fingerprint,
            losses=lambda: module.losses,
            weights=fusion.state_dict,
            evaluate=lambda: _evaluate(fusion, val.table, drawn),
            patience=settings.patience,
            observe=observe,
        )
        fit(
            module,
            recorder,
            folder=folder,
            fingerprint=task.fingerprint,
            epochs=settings.epochs,
            gradient_norm=settings.gradient_norm,
        )
        rows = recorder.rows
        best_epoch = recorder.best_epoch if recorder.best_nll < adapted.nll else -1
        fusion.load_state_dict(at_start if best_epoch < 0 else recorder.best_weights())
    fusion.eval()
    found = _evaluate(fusion, val.table, drawn)
    if settings.epochs:
        fusion.sharpness.fill_(min(max(1.0 / found.temperature, 1.0 / _SHARPEST), _SHARPEST))
    return FittedFusion(fusion, start, found, product, adapted, rows, best_epoch)


def train_fusion(
    task: FusionTask, folder: Path, *, observe: Callable[[Row], None] | None = None
) -> FusionRun:
    """Train a fusion and export it; a run that is complete already is returned as it is.

    :param folder: of the run; made if it is not there.
    :raises TrainingError: the folder holds another finished run, or see :func:`fit_fusion`.
    :raises ExportError: the ONNX file computes something else than the fusion.
    """
    if (folder / FILES.document).exists():
        finished = read_fusion_run(folder)
        if finished.document.training.get('fingerprint') != task.fingerprint:
            raise TrainingError(
                f'{folder} holds a finished run with other settings or embeddings; choose another '
                'folder, or delete that one'
            )
        return finished
    folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    fitted = fit_fusion(task, folder, observe=observe)
    seconds = time.monotonic() - begun
    model = export_fusion(fitted.fusion)
    table = task.table
    calibration = fitted_calibration(fitted.fusion, task.table, task.settings)
    document = {
        'modalities': table.modalities,
        'space': table.space,
        'dimension': table.dimension,
        'encoders': dict(task.encoders),
        'calibration': calibration,
        'training': {
            'method': 'af',
            'fingerprint': task.fingerprint,
            'seed': task.settings.seed,
            'settings': task.settings.document(),
            'temperatures': fitted.start.temperatures,
            'adapter': fitted.start.adapter.document(),
            'health_auc': {
                name: round(probe.auc, 4) for name, probe in fitted.start.probes.items()
            },
            'parameters': sum(item.numel() for item in fitted.fusion.parameters()),
            'epochs': len(fitted.rows),
            'best_epoch': fitted.best_epoch,
            'sharpness': round(float(fitted.fusion.sharpness), 4),
            'val_nll': round(fitted.val.nll, 4),
            'val_nll_product': round(fitted.product.nll, 4),
            'val_nll_adapted': round(fitted.adapted.nll, 4),
            'val': val_figures(model, table, fitted.start.temperatures),
            'seconds': round(seconds, 1),
            'torch': torch.__version__,
        },
    }
    write_fusion_run(folder, document, model)
    return read_fusion_run(folder)


def _evaluate(fusion: AdaptiveFusion, table: EmbeddingTable, batch: FusionBatch) -> Evaluation:
    """Of the tuples that have a label; the likelihood at the best temperature."""
    known = batch.label >= 0
    logits = fused_logits(fusion, table, batch).numpy()[known]
    label = batch.label[known]
    temperature = fit_temperature(logits, label)
    return Evaluation(
        top1=float((logits.argmax(axis=1) == label).mean()),
        nll=negative_log_likelihood(logits, label, temperature),
        temperature=temperature,
    )
