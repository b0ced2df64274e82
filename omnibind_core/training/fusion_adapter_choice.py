"""Which adapter, if any: decided on instances of the val fold."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass

import numpy as np

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.evaluation.statistics.temperature import fit_temperature
from omnibind_core.evaluation.subsets.choice import all_subsets
from omnibind_core.evaluation.subsets.choice import membership
from omnibind_core.evaluation.subsets.tuples import instance_tuples
from omnibind_core.inference.classification import log_posterior
from omnibind_core.training.fusion_adapter import adapt
from omnibind_core.training.fusion_adapter import Adapted
from omnibind_core.training.fusion_adapter import adapted_by
from omnibind_core.training.fusion_settings import FusionSettings
from omnibind_core.training.fusion_temperatures import fitted_temperatures

_ENOUGH = 20_000  # samples to fit one number on


@dataclass(frozen=True)
class Tried:
    """An adapter that was looked at on the val fold.

    :param strength: see :func:`~omnibind_core.training.fusion_adapter.adapt`; 0: none.
    :param shrinkage: likewise.
    :param nll: of the calibrated product of the posteriors, mean over all subsets, nats.
    """

    strength: float
    shrinkage: float
    nll: float


@dataclass(frozen=True, eq=False)
class ChosenAdapter:
    """The adapter that is taken.

    :param adapted: what it makes of the fusion fold.
    :param taken: which one it is.
    :param tried: all of them, the weakest first.
    """

    adapted: Adapted
    taken: Tried
    tried: tuple[Tried, ...]

    def document(self) -> dict[str, object]:
        """As JSON has it."""
        return {'taken': asdict(self.taken), 'tried': [asdict(one) for one in self.tried]}


def chosen_adapter(
    table: EmbeddingTable, val: EmbeddingTable, settings: FusionSettings
) -> ChosenAdapter:
    """The adapter whose product is likeliest on val; of equal ones the weakest.

    :param table: rows of the fusion fold.
    :param val: rows of the val fold.
    """
    rank = settings.design.adapter_rank
    options = [
        (strength, shrinkage)
        for strength in sorted(settings.adapter_strengths)
        for shrinkage in sorted(settings.adapter_shrinkages, reverse=True)
        if strength > 0.0 and rank > 0
    ]
    if 0.0 in settings.adapter_strengths or not options:
        options.insert(0, (0.0, 0.0))
    found: list[tuple[Adapted, Tried]] = []
    for strength, shrinkage in options:
        adapted = Adapted({}, table.vectors)
        if strength > 0.0:
            adapted = adapt(
                table, rank=rank, shrinkage=shrinkage, strength=strength, seed=settings.seed
            )
        found.append((adapted, Tried(strength, shrinkage, _val_nll(table, val, adapted))))
    adapted, taken = min(found, key=lambda item: item[1].nll)
    return ChosenAdapter(adapted, taken, tuple(item[1] for item in found))


def _val_nll(table: EmbeddingTable, val: EmbeddingTable, adapted: Adapted) -> float:
    """Of the calibrated product on val, over all subsets, at the best temperature; nats."""
    temperatures = fitted_temperatures(table, adapted.vectors)
    each = np.array([temperatures[name] for name in val.modalities])
    cosines = adapted_by(adapted.adaptations, val).astype(np.float64) @ val.labels.T
    logs = log_posterior(cosines, each[val.modality])
    tuples = instance_tuples(val, 'val', val.modalities)
    there = (tuples.rows >= 0) & val.informative[tuples.rows]
    logs = np.where(there[..., None], logs[tuples.rows], 0.0)
    subsets = membership(all_subsets(val.modalities), val.modalities).astype(np.float64)
    said = np.tensordot(subsets, logs, axes=(1, 1))  # [s, t, c]
    label = np.broadcast_to(tuples.label, said.shape[:2])
    some = np.s_[:: max(1, label.size // _ENOUGH)]
    temperature = fit_temperature(
        said.reshape(label.size, -1)[some], label.reshape(label.size)[some]
    )
    calibrated = log_posterior(said, temperature)
    return round(float(-np.take_along_axis(calibrated, label[..., None], axis=2).mean()), 4)
