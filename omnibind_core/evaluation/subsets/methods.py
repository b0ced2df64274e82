"""Ways of fusing, each for all subsets of many tuples at once.

All take the same readings and the same masks; what is masked is never read. Where nothing in a
subset is informative, every method gives the same posterior for all labels.

Notation: ``N`` rows of a table, ``t`` tuples, ``s`` subsets, ``M`` modalities, ``c`` labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.evaluation.subsets.tuples import SensorTuples
from omnibind_core.inference.classification import log_posterior
from omnibind_core.inference.mean_fusion import FusionOutput

NAMES = ('best_single', 'mean', 'max_confidence', 'product', 'af')
TITLES = {
    'best_single': 'Best single sensor',
    'mean': 'Mean of embeddings',
    'max_confidence': 'Most confident sensor',
    'product': 'Calibrated product',
    'af': 'Adaptive fusion',
}
_BATCH = 1024
_SHORTEST = 1e-9


@dataclass(frozen=True, eq=False)
class Readings:
    """A table with what every method needs of each row.

    :param table: the embeddings.
    :param temperatures: by modality, that make the modality's posterior calibrated.
    :raises ConfigError: a modality of the table has no temperature.
    """

    table: EmbeddingTable
    temperatures: Mapping[str, float]

    def __post_init__(self) -> None:
        lacking = [name for name in self.table.modalities if name not in self.temperatures]
        if lacking:
            given = ', '.join(lacking)
            raise ConfigError('temperatures', [Problem(given, '', 'a temperature above 0')])

    @cached_property
    def cosines(self) -> NDArray[np.float64]:
        """``h . T`` of every row, ``[N, c]``."""
        labels = self.table.labels.astype(np.float64)
        return self.table.vectors.astype(np.float64) @ labels.T

    @cached_property
    def logs(self) -> NDArray[np.float64]:
        """Logarithm of every row's own calibrated posterior, ``[N, c]``."""
        each = np.array([self.temperatures[name] for name in self.table.modalities])
        return log_posterior(self.cosines, each[self.table.modality])


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a method says.

    :param logs: logarithm of the posterior, float64 ``[s, t, c]``.
    :param weights: the sensors' shares, float32 ``[s, t, M]``; ``None`` for methods without.
    """

    logs: NDArray[np.float64]
    weights: NDArray[np.float32] | None = None


class Method(Protocol):
    """One way of fusing."""

    @property
    def name(self) -> str:
        """One of :data:`NAMES`."""

    def fuse(self, readings: Readings, tuples: SensorTuples, subsets: NDArray[np.bool_]) -> Outcome:
        """Fuse each tuple's members of each subset.

        :param subsets: which modality is in which subset, bool ``[s, M]``.
        """


class Fuser(Protocol):
    """A learned fusion: :class:`~omnibind_core.inference.fusion_session.FusionSession` is one."""

    def indices(self, modalities: Sequence[str]) -> NDArray[np.int64]:
        """The model's index of each modality."""

    def run(
        self,
        tokens: NDArray[np.float32],
        modality: NDArray[np.int64],
        mask: NDArray[np.bool_],
        age: NDArray[np.float32],
        labels: NDArray[np.float32],
    ) -> FusionOutput:
        """Fuse a batch."""


def informative(readings: Readings, tuples: SensorTuples) -> NDArray[np.bool_]:
    """Which members are there and have something to sense, bool ``[t, M]``."""
    there = tuples.rows >= 0
    result: NDArray[np.bool_] = there & readings.table.informative[tuples.rows]
    return result


@dataclass(frozen=True)
class BestSingle:
    """The subset's sensor that is best on validation data, of those that are informative.

    :param accuracy: of each modality on validation data.
    """

    accuracy: Mapping[str, float]
    name: str = 'best_single'

    def fuse(self, readings: Readings, tuples: SensorTuples, subsets: NDArray[np.bool_]) -> Outcome:
        """See :class:`Method`."""
        order = np.array([self.accuracy[name] for name in tuples.modalities])
        return Outcome(
            _one_of(readings, tuples, subsets, np.broadcast_to(order, tuples.rows.shape))
        )


@dataclass(frozen=True)
class MaxConfidence:
    """The sensor that is surest of itself, by calibrated posteriors."""

    name: str = 'max_confidence'

    def fuse(self, readings: Readings, tuples: SensorTuples, subsets: NDArray[np.bool_]) -> Outcome:
        """See :class:`Method`."""
        return Outcome(_one_of(readings, tuples, subsets, readings.logs.max(axis=1)[tuples.rows]))


@dataclass(frozen=True)
class Mean:
    """The mean of the embeddings, as :func:`~omnibind_core.inference.mean_fusion.mean_fusion`.

    :param temperature: that makes its posterior calibrated.
    """

    temperature: float
    name: str = 'mean'

    def cosines(
        self, readings: Readings, tuples: SensorTuples, subsets: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """``norm(sum of h) . T``, float64 ``[s, t, c]``; zero where nothing is informative."""
        mask = informative(readings, tuples)
        total = _summed(np.where(mask[..., None], readings.cosines[tuples.rows], 0.0), subsets)
        tokens = np.where(mask[..., None], readings.table.vectors[tuples.rows], np.float32(0.0))
        products = np.einsum('tmd,tnd->tmn', tokens, tokens, optimize=True).astype(np.float64)
        chosen = subsets.astype(np.float64)
        pairs = (chosen[:, :, None] * chosen[:, None, :]).reshape(len(chosen), -1)
        squared = pairs @ products.reshape(len(products), -1).T  # [s, t]
        lengths = np.sqrt(np.maximum(squared, 0.0))
        # Opposite vectors cancel: there is no direction to normalise then.
        scale = np.where(lengths > _SHORTEST, lengths, 1.0)
        cosines: NDArray[np.float64] = total / scale[..., None]
        return cosines

    def fuse(self, readings: Readings, tuples: SensorTuples, subsets: NDArray[np.bool_]) -> Outcome:
        """See :class:`Method`."""
        return Outcome(log_posterior(self.cosines(readings, tuples, subsets), self.temperature))


@dataclass(frozen=True)
class Product:
    """The calibrated product of the posteriors: Bayes' rule for errors that are independent."""

    name: str = 'product'

    def fuse(self, readings: Readings, tuples: SensorTuples, subsets: NDArray[np.bool_]) -> Outcome:
        """See :class:`Method`."""
        mask = informative(readings, tuples)
        logs = np.where(mask[..., None], readings.logs[tuples.rows], 0.0)
        return Outcome(log_posterior(_summed(logs, subsets)))


@dataclass(frozen=True)
class Learned:
    """A learned fusion.

    :param fuser: the model.
    """

    fuser: Fuser
    name: str = 'af'

    def fuse(self, readings: Readings, tuples: SensorTuples, subsets: NDArray[np.bool_]) -> Outcome:
        """See :class:`Method`."""
        table = readings.table
        mask = informative(readings, tuples)
        vectors = table.vectors[tuples.rows]  # [t, M, d]
        kinds = self.fuser.indices(tuples.modalities)
        shape = (len(subsets), len(tuples))
        logs = np.full((*shape, len(table.classes)), -np.log(len(table.classes)))
        weights = np.zeros((*shape, len(tuples.modalities)), np.float32)
        for number, chosen in enumerate(subsets):
            members = np.flatnonzero(chosen)
            filled = np.flatnonzero(mask[:, members].any(axis=1))
            for start in range(0, len(filled), _BATCH):
                some = filled[start : start + _BATCH]
                place = np.ix_(some, members)
                tokens = vectors[place]
                output = self.fuser.run(
                    tokens,
                    np.broadcast_to(kinds[members], tokens.shape[:2]).copy(),
                    mask[place],
                    np.zeros(tokens.shape[:2], np.float32),
                    table.labels,
                )
                logs[number, some] = log_posterior(output.logits)
                weights[number][place] = output.weights
        return Outcome(logs, weights)


def _summed(values: NDArray[np.float64], subsets: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Sums over the members of each subset: ``[t, M, c]`` to ``[s, t, c]``."""
    total: NDArray[np.float64] = np.tensordot(subsets.astype(np.float64), values, axes=(1, 1))
    return total


def _one_of(
    readings: Readings,
    tuples: SensorTuples,
    subsets: NDArray[np.bool_],
    preference: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The posterior of the informative member that is preferred most, ``[s, t, c]``."""
    mask = informative(readings, tuples)
    labels = readings.logs.shape[1]
    logs = np.full((len(subsets), len(tuples), labels), -np.log(labels))
    ordered = np.where(mask, preference, -np.inf)
    every = np.arange(len(tuples))
    for number, chosen in enumerate(subsets):
        place = np.where(chosen, ordered, -np.inf).argmax(axis=1)
        filled = (mask & chosen).any(axis=1)
        rows = tuples.rows[every, place]
        logs[number, filled] = readings.logs[rows[filled]]
    return logs
