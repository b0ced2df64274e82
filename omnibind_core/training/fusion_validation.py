"""What is chosen and reported of a fusion on the val fold, besides when to stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.seeding import generator
from omnibind_core.evaluation.statistics.temperature import fit_temperature
from omnibind_core.evaluation.subsets.blocks import measure
from omnibind_core.evaluation.subsets.choice import all_subsets
from omnibind_core.evaluation.subsets.choice import membership
from omnibind_core.evaluation.subsets.methods import Learned
from omnibind_core.evaluation.subsets.methods import MaxConfidence
from omnibind_core.evaluation.subsets.methods import Mean
from omnibind_core.evaluation.subsets.methods import Product
from omnibind_core.evaluation.subsets.methods import Readings
from omnibind_core.evaluation.subsets.tuples import class_tuples
from omnibind_core.evaluation.subsets.tuples import instance_tuples
from omnibind_core.inference.abstention import abstention_threshold
from omnibind_core.inference.fusion_session import FusionSession
from omnibind_core.inference.manifest import Calibration
from omnibind_core.modalities.registry import SENSOR_NAMES
from omnibind_core.models.adaptive_fusion import AdaptiveFusion
from omnibind_core.training.fusion_module import fused_logits
from omnibind_core.training.fusion_settings import FusionSettings
from omnibind_core.training.fusion_tuples import FusionTuples

_FEWEST_ANSWERS = 50
_SURE = 0.999


def val_figures(
    model: bytes, table: EmbeddingTable, temperatures: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Top-1 by pairing and method on the val fold: mean over the subsets of two or more sensors.

    :param model: the exported fusion.
    :param table: with rows of the val fold.
    :param temperatures: by modality.
    :return: empty for fewer than two sensors.
    """
    sensors = tuple(name for name in SENSOR_NAMES if name in table.modalities)
    if len(sensors) < 2:
        return {}
    session = FusionSession(
        model, name='fusion.onnx', modalities=table.modalities, dimension=table.dimension
    )
    readings = Readings(table, temperatures)
    methods = (Mean(1.0), MaxConfidence(), Product(), Learned(session))
    subsets = [chosen for chosen in all_subsets(sensors) if len(chosen) > 1]
    paired = instance_tuples(table, 'val', sensors)
    mixed = class_tuples(table, 'val', sensors, count=len(paired), seed=0)
    found: dict[str, dict[str, float]] = {}
    for tuples in (paired, mixed):
        block = measure(readings, methods, tuples, subsets)
        found[tuples.pairing] = {
            name: round(float(np.mean(said.correct[said.valid])), 4)
            for name, said in block.samples.items()
        }
    return found


def fitted_calibration(
    fusion: AdaptiveFusion, table: EmbeddingTable, settings: FusionSettings
) -> Calibration:
    """Below what to abstain, and the temperature of the mean, which fuses without this fusion.

    The threshold answers most while at most ``abstain_risk`` of the answers are wrong, over tuples
    as in training: any sensors, in any trouble, and with nothing to sense, where every answer is
    wrong. Where no threshold reaches that, only what is all but certain is answered.
    """
    mix = replace(settings.mix, unknown=0.0)
    tuples = FusionTuples(table, 'val', mix)
    random = generator('fusion', 'abstention', settings.seed)
    batch = tuples.draw(random, settings.val_tuples)
    answered = batch.mask.any(axis=1)  # the others abstain whatever the threshold is
    posterior = torch.softmax(fused_logits(fusion, tuples.table, batch), dim=-1).numpy()[answered]
    point = abstention_threshold(
        posterior.max(axis=1).clip(max=1.0),
        posterior.argmax(axis=1) == batch.label[answered],
        settings.abstain_risk,
        least_kept=_FEWEST_ANSWERS,
    )
    return Calibration(
        temperature=_mean_temperature(tuples.table),
        abstain_below=round(_SURE if point is None else point.threshold, 4),
    )


def _mean_temperature(val: EmbeddingTable) -> float:
    """Of the mean of embeddings, over all subsets of the sensors with two or more."""
    sensors = tuple(name for name in SENSOR_NAMES if name in val.modalities)
    readings = Readings(val, dict.fromkeys(val.modalities, 1.0))
    tuples = instance_tuples(val, 'val', sensors)
    subsets = membership(all_subsets(sensors), sensors)
    cosines = Mean(1.0).cosines(readings, tuples, subsets)
    labels = np.broadcast_to(tuples.label, cosines.shape[:2])
    return round(fit_temperature(cosines.reshape(-1, cosines.shape[-1]), labels.reshape(-1)), 6)
