"""A supervised adapter of each sensor's embeddings, fitted where its student has never been.

On new instances a student errs in ways that a few dozen of them show: it leans to some labels, and
some directions of its embeddings mean another label than the teacher's. A ridge regression from
embeddings to label vectors, shrunk towards what they are, takes some of that off; half of it and
half of the embedding is better than either (measured on OmniHome: docs/learning). It changes
nothing outside the span of the labels that it was fitted with, so labels that are added later keep
their own directions; beside the old ones they are at a disadvantage all the same.

Notation: ``N`` rows, ``d`` dimension, ``r`` rank, ``M`` modalities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.seeding import generator
from omnibind_core.evaluation.statistics.temperature import fit_temperature

PARTS = 5
"""Of the instances; each is adapted by what was fitted on the others."""

_FEWEST = 10  # instances without which a modality is left as it is


@dataclass(frozen=True, eq=False)
class Adaptation:
    """``a h + h D U + s`` of one modality.

    :param scale: a.
    :param down: float64 ``[d, r]``.
    :param up: float64 ``[r, d]``.
    :param shift: float64 ``[d]``.
    """

    scale: float
    down: NDArray[np.float64]
    up: NDArray[np.float64]
    shift: NDArray[np.float64]

    def divided(self, length: float) -> Adaptation:
        """The same, made shorter."""
        return Adaptation(self.scale / length, self.down / length, self.up, self.shift / length)

    def apply(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """Adapted vectors ``[n, d]``."""
        given = vectors.astype(np.float64)
        found = self.scale * given + given @ self.down @ self.up + self.shift
        adapted: NDArray[np.float32] = found.astype(np.float32)
        return adapted


@dataclass(frozen=True, eq=False)
class Adapted:
    """What an adapter makes of a table.

    :param adaptations: by modality, fitted on all instances; modalities that are left as they are
        have none.
    :param vectors: of the table's rows, each adapted without its own instance, float32 ``[N, d]``;
        of length 1 in the mean.
    """

    adaptations: dict[str, Adaptation]
    vectors: NDArray[np.float32]


@dataclass(frozen=True)
class _Map:
    """``(h - mean) matrix``: the regression before it is blended with what there was."""

    mean: NDArray[np.float64]
    matrix: NDArray[np.float64]
    scale: float

    def apply(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = (vectors - self.mean) @ self.matrix
        return found


def adapt(
    table: EmbeddingTable, *, rank: int, shrinkage: float, strength: float, seed: int
) -> Adapted:
    """Fit the adapter on a table's clean and informative readings.

    :param table: rows of the fusion fold.
    :param rank: r, of the change.
    :param shrinkage: of the regression towards no change, in units of the embeddings' variance.
    :param strength: share of the adapted posterior, as a logarithm, in what comes out; 0 to 1.
    :param seed: of the parts.
    """
    vectors = table.vectors.copy()
    parts = _parts(table, seed)
    found: dict[str, Adaptation] = {}
    for number, name in enumerate(table.modalities):
        own = table.modality == number
        learnt = own & table.is_clean() & table.informative
        if len(np.unique(table.instance[learnt])) < _FEWEST or strength <= 0.0:
            continue
        whole = _regression(table, learnt, shrinkage)
        others = [_regression(table, learnt & (parts != part), shrinkage) for part in range(PARTS)]
        ratio = _sharpness(table, learnt, parts, others)
        blends = [_blended(other, rank, strength, ratio) for other in others]
        for part, one in enumerate(blends):
            rows = own & (parts == part)
            vectors[rows] = one.apply(vectors[rows])
        length = float(np.sqrt((vectors[learnt].astype(np.float64) ** 2).sum(axis=1).mean()))
        vectors[own] /= length
        found[name] = _blended(whole, rank, strength, ratio).divided(length)
    return Adapted(found, vectors)


def adapted_by(adaptations: dict[str, Adaptation], table: EmbeddingTable) -> NDArray[np.float32]:
    """The vectors of a table of other instances, adapted, float32 ``[N, d]``."""
    vectors = table.vectors.copy()
    for number, name in enumerate(table.modalities):
        rows = table.modality == number
        if name in adaptations:
            vectors[rows] = adaptations[name].apply(vectors[rows])
    return vectors


def _parts(table: EmbeddingTable, seed: int) -> NDArray[np.int64]:
    """The part that each row's instance is in; classes are shared out evenly."""
    random = generator('fusion', 'adapter', seed)
    label = np.full(len(table.instances), -1, np.int64)
    known = table.label >= 0
    label[table.instance[known]] = table.label[known]
    order = np.lexsort((random.random(len(label)), label))
    part = np.empty(len(label), np.int64)
    part[order] = np.arange(len(label)) % PARTS
    return part[table.instance]


def _regression(table: EmbeddingTable, rows: NDArray[np.bool_], shrinkage: float) -> _Map:
    """From centred embeddings to centred label vectors; each class has the same weight."""
    vectors, label = table.vectors[rows].astype(np.float64), table.label[rows]
    labels = table.labels.astype(np.float64)
    weight = 1.0 / np.bincount(label, minlength=len(labels))[label]
    weight /= weight.sum()
    mean = weight @ vectors
    centred = vectors - mean
    wanted = labels[label] - labels.mean(axis=0)
    weighted = centred * weight[:, None]
    covariance = weighted.T @ centred
    dimension = len(covariance)
    scale = max(float((weighted * wanted).sum() / max(np.trace(covariance), 1e-12)), 0.0)
    ridge = shrinkage * np.trace(covariance) / dimension * np.eye(dimension)
    matrix = np.linalg.solve(covariance + ridge, weighted.T @ wanted + scale * ridge)
    # outside the span of these labels everything stays as it is, but for its length
    basis = np.linalg.svd(labels, full_matrices=False)[2]
    inside = basis.T @ basis
    return _Map(mean, matrix @ inside + scale * (np.eye(dimension) - inside), scale)


def _sharpness(
    table: EmbeddingTable,
    learnt: NDArray[np.bool_],
    parts: NDArray[np.int64],
    maps: Sequence[_Map],
) -> float:
    """Temperature of the embeddings by that of the regressions, on instances new to them."""
    labels = table.labels.astype(np.float64).T
    vectors = table.vectors[learnt].astype(np.float64)
    scores = np.empty((len(vectors), labels.shape[1]))
    for part, one in enumerate(maps):
        rows = parts[learnt] == part
        scores[rows] = one.apply(vectors[rows]) @ labels
    label = table.label[learnt]
    return fit_temperature(vectors @ labels, label) / fit_temperature(scores, label)


def _blended(given: _Map, rank: int, strength: float, ratio: float) -> Adaptation:
    """``(1 - strength) h + strength ratio (h - mean) matrix``, as it is applied."""
    gain = strength * ratio
    dimension = len(given.matrix)
    change = gain * (given.matrix - given.scale * np.eye(dimension))
    left, sizes, right = np.linalg.svd(change)
    down, up = np.zeros((dimension, rank)), np.zeros((rank, dimension))
    kept = min(rank, dimension)
    down[:, :kept], up[:kept] = left[:, :kept] * sizes[:kept], right[:kept]
    shift = -given.mean @ down @ up - gain * given.scale * given.mean
    return Adaptation(1.0 - strength + gain * given.scale, down, up, shift)
