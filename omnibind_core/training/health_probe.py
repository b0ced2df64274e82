"""A linear probe that tells broken readings, and readings of nothing, from whole ones.

Fisher's linear discriminant (1936) with a shrunk covariance. It sees embeddings, but its two
classes are not those that the fusion names, so there are no instances in it to learn by heart.

Notation: ``n`` readings, ``d`` dimension.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.embedding_table import EmbeddingTable

SHRINKAGES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
BROKEN = 3
"""Least severity of what counts as broken; less is hardly noticed."""

_FEWEST = 10


@dataclass(frozen=True, eq=False)
class HealthProbe:
    """``direction . h + offset``, above 0 for whole readings, of unit variance.

    :param direction: float64 ``[d]``.
    :param offset: a number.
    :param auc: chance that it puts a whole reading of the val fold above a broken one.
    """

    direction: NDArray[np.float64]
    offset: float
    auc: float


def fit_health_probe(
    train: EmbeddingTable, val: EmbeddingTable, modality: int
) -> HealthProbe | None:
    """The probe of one modality; the shrinkage is chosen on the val fold.

    :param train: rows of the fusion fold.
    :param val: rows of the val fold.
    :param modality: number of the modality.
    :return: ``None`` where there are too few readings of either kind, or it tells nothing.
    """
    whole, broken = _kinds(train, modality)
    val_whole, val_broken = _kinds(val, modality)
    if min(len(whole), len(broken), len(val_whole), len(val_broken)) < _FEWEST:
        return None
    best: HealthProbe | None = None
    for shrinkage in SHRINKAGES:
        direction, offset = _discriminant(whole, broken, shrinkage)
        found = HealthProbe(direction, offset, area(val_whole @ direction, val_broken @ direction))
        if best is None or found.auc > best.auc:
            best = found
    return best if best is not None and best.auc > 0.5 else None


def area(high: NDArray[np.floating], low: NDArray[np.floating]) -> float:
    """Area under the ROC curve: chance that one of ``high`` is above one of ``low``."""
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, side='left')
    upto = np.searchsorted(ordered, high, side='right')
    return float((below + upto).mean() / (2.0 * len(low)))


def _kinds(table: EmbeddingTable, modality: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Whole and broken readings, of those that preprocessing lets pass."""
    own = (table.modality == modality) & table.informative
    broken = own & (table.nothing | (table.severity >= BROKEN))
    vectors = table.vectors.astype(np.float64)
    return vectors[own & table.is_clean()], vectors[broken]


def _discriminant(
    whole: NDArray[np.float64], broken: NDArray[np.float64], shrinkage: float
) -> tuple[NDArray[np.float64], float]:
    covariance = (np.cov(whole.T, bias=True) + np.cov(broken.T, bias=True)) / 2.0
    spread = np.trace(covariance) / len(covariance)
    shrunk = covariance + shrinkage * spread * np.eye(len(covariance))
    direction = np.linalg.solve(shrunk, whole.mean(axis=0) - broken.mean(axis=0))
    scores = np.concatenate((whole @ direction, broken @ direction))
    scale = max(float(scores.std()), 1e-12)
    middle = (float((whole @ direction).mean()) + float((broken @ direction).mean())) / 2.0
    return direction / scale, -middle / scale
