"""A fusion as it is before its first step: a calibrated product of the sensors' posteriors."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
import torch

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.seeding import generator
from omnibind_core.data.seeding import seed_of
from omnibind_core.models.adaptive_fusion import AdaptiveFusion
from omnibind_core.training.fusion_adapter_choice import chosen_adapter
from omnibind_core.training.fusion_adapter_choice import ChosenAdapter
from omnibind_core.training.fusion_module import tensors
from omnibind_core.training.fusion_settings import FusionSettings
from omnibind_core.training.fusion_temperatures import fitted_temperatures
from omnibind_core.training.fusion_tuples import FusionTuples
from omnibind_core.training.health_probe import fit_health_probe
from omnibind_core.training.health_probe import HealthProbe

_LOOKED_AT = 2048
_LEAST_SCALE = 1e-2


@dataclass(frozen=True, eq=False)
class Started:
    """A fusion before its first step, and what it learns from.

    :param fusion: the calibrated product, of adapted embeddings if there is an adapter.
    :param product: the calibrated product of embeddings as they are.
    :param adapter: which one there is, and what it makes of the fusion fold.
    :param temperatures: by modality, of embeddings as they are.
    :param probes: by modality.
    """

    fusion: AdaptiveFusion
    product: AdaptiveFusion
    adapter: ChosenAdapter
    temperatures: dict[str, float]
    probes: dict[str, HealthProbe]


def started(tuples: FusionTuples, val: EmbeddingTable, settings: FusionSettings) -> Started:
    """A fusion to be trained.

    :param tuples: of the fusion fold.
    :param val: rows of the val fold, on which the adapter and the probes' shrinkage are chosen.
    :raises TableError: a modality has no informative reading.
    """
    table = tuples.table
    plain = fitted_temperatures(table, table.vectors)
    adapter = chosen_adapter(table, val, settings)
    if not adapter.adapted.adaptations:
        settings = replace(settings, design=replace(settings.design, adapter_rank=0))
    fusion = _new_fusion(table, fitted_temperatures(table, adapter.adapted.vectors), settings)
    for name, one in adapter.adapted.adaptations.items():
        assert fusion.adapter is not None
        fusion.adapter.set_kind(
            table.modalities.index(name),
            scale=one.scale,
            down=torch.from_numpy(one.down),
            up=torch.from_numpy(one.up),
            shift=torch.from_numpy(one.shift),
        )
    probes = {}
    if settings.health:
        for number, name in enumerate(table.modalities):
            probe = fit_health_probe(table, val, number)
            if probe is not None:
                probes[name] = probe
                fusion.health[number] = torch.from_numpy(probe.direction)
                fusion.health_offset[number] = probe.offset
    _scale_evidence(fusion, tuples, adapter.adapted.vectors, settings)
    without = replace(settings, design=replace(settings.design, adapter_rank=0))
    return Started(fusion, _new_fusion(table, plain, without), adapter, plain, probes)


def _new_fusion(
    table: EmbeddingTable, temperatures: dict[str, float], settings: FusionSettings
) -> AdaptiveFusion:
    """With the weights that training starts from."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_of('fusion', 'weights', settings.seed) % 2**63)
        return AdaptiveFusion(
            modalities=table.modalities,
            dimension=table.dimension,
            temperatures=[temperatures[name] for name in table.modalities],
            design=settings.design,
        )


@torch.no_grad()
def _scale_evidence(
    fusion: AdaptiveFusion,
    tuples: FusionTuples,
    adapted: NDArray[np.float32],
    settings: FusionSettings,
) -> None:
    """Let each kind of evidence have mean 0 and variance 1."""
    batch = tuples.draw(generator('fusion', 'scales', settings.seed), _LOOKED_AT)
    given = tensors(tuples.table, batch)
    vectors = torch.from_numpy(adapted[batch.rows])
    found = fusion.fuse(*given, torch.tensor(tuples.table.labels), vectors).evidence
    tokens = found.tokens[given[2]]
    fusion.evidence_mean.copy_(tokens.mean(dim=0))
    fusion.evidence_scale.copy_(tokens.std(dim=0).clamp(min=_LEAST_SCALE))
    fusion.set_mean.copy_(found.whole.mean(dim=0))
    fusion.set_scale.copy_(found.whole.std(dim=0).clamp(min=_LEAST_SCALE))
