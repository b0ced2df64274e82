"""A fusion as it is before its first step: the calibrated product, and scales for its evidence."""

from __future__ import annotations

import numpy as np
import torch

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.embedding_table import TableError
from omnibind_core.data.seeding import generator
from omnibind_core.data.seeding import seed_of
from omnibind_core.evaluation.statistics.temperature import fit_temperature
from omnibind_core.models.adaptive_fusion import AdaptiveFusion
from omnibind_core.training.fusion_module import tensors
from omnibind_core.training.fusion_settings import FusionSettings
from omnibind_core.training.fusion_tuples import FusionTuples
from omnibind_core.training.health_probe import fit_health_probe
from omnibind_core.training.health_probe import HealthProbe

_LOOKED_AT = 2048
_LEAST_SCALE = 1e-2


def fitted_temperatures(table: EmbeddingTable) -> dict[str, float]:
    """Temperature of each modality, from the clean and informative readings of a table.

    :raises TableError: a modality has none.
    """
    found = {}
    cosines = table.vectors.astype(np.float64) @ table.labels.astype(np.float64).T
    for number, name in enumerate(table.modalities):
        rows = table.is_clean() & table.informative & (table.modality == number)
        if not rows.any():
            raise TableError(f'no informative reading of {name} to fit its temperature on')
        found[name] = fit_temperature(cosines[rows], table.label[rows])
    return found


def started(
    tuples: FusionTuples, val: EmbeddingTable, settings: FusionSettings
) -> tuple[AdaptiveFusion, dict[str, HealthProbe]]:
    """A fusion that equals the calibrated product, and its probes by modality.

    :param tuples: of the fusion fold.
    :param val: rows of the val fold, on which the probes' shrinkage is chosen.
    """
    table = tuples.table
    temperatures = fitted_temperatures(table)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_of('fusion', 'weights', settings.seed) % 2**63)
        fusion = AdaptiveFusion(
            modalities=table.modalities,
            dimension=table.dimension,
            temperatures=list(temperatures.values()),
            design=settings.design,
        )
    probes = {}
    if settings.health:
        for number, name in enumerate(table.modalities):
            probe = fit_health_probe(table, val, number)
            if probe is not None:
                probes[name] = probe
                fusion.health[number] = torch.from_numpy(probe.direction)
                fusion.health_offset[number] = probe.offset
    _scale_evidence(fusion, tuples, settings)
    return fusion, probes


@torch.no_grad()
def _scale_evidence(fusion: AdaptiveFusion, tuples: FusionTuples, settings: FusionSettings) -> None:
    """Let each kind of evidence have mean 0 and variance 1."""
    batch = tuples.draw(generator('fusion', 'scales', settings.seed), _LOOKED_AT)
    given = tensors(torch.from_numpy(tuples.table.vectors), batch)
    found = fusion.fuse(*given, torch.tensor(tuples.table.labels)).evidence
    tokens = found.tokens[given[2]]
    fusion.evidence_mean.copy_(tokens.mean(dim=0))
    fusion.evidence_scale.copy_(tokens.std(dim=0).clamp(min=_LEAST_SCALE))
    fusion.set_mean.copy_(found.whole.mean(dim=0))
    fusion.set_scale.copy_(found.whole.std(dim=0).clamp(min=_LEAST_SCALE))
