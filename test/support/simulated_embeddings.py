"""Simulated embeddings of six sensors of unequal strength, for tests of the fusion.

An embedding is ``norm(a_m q T_y + s (sqrt(rho) e + sqrt(1 - rho) eps))``: ``a_m`` strength of the
sensor, ``q`` quality of this one reading, ``T_y`` the label's vector, ``e`` the error that all
sensors share of one instance (half of it the same in every view), ``eps`` the sensor's own. Some
readings are garbled without anybody saying so: they point to a direction of their sensor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.record import FOLDS

MODALITIES = ('image', 'thermal', 'event', 'point_cloud', 'audio', 'touch')
STRENGTHS = (1.15, 0.7, 0.8, 0.95, 0.6, 0.45)


@dataclass(frozen=True)
class Simulated:
    """What is simulated.

    :param shared: ``rho``, share of the error that all sensors of an instance have in common.
    :param instances: of each class in the folds fusion, val and test.
    :param hidden: share of readings that are garbled without a mark.
    :param severities: of marked corruptions that every reading of the fusion and val folds also
        has a row for; test has severity 5.
    """

    shared: float = 0.0
    seed: int = 0
    classes: int = 25
    dimension: int = 64
    instances: tuple[int, int, int] = (3, 1, 4)
    views: int = 8
    noise: float = 2.3
    hidden: float = 0.15
    severities: tuple[int, ...] = (1, 3, 5)
    nothing: bool = True


def simulate(given: Simulated) -> EmbeddingTable:
    """A table with the folds fusion, val and test."""
    random = np.random.default_rng((given.seed, 7))
    d, c = given.dimension, given.classes
    kinds = random.normal(size=(max(c // 4, 2), d))
    labels = _unit(0.6 * kinds[np.arange(c) % len(kinds)] + random.normal(size=(c, d)))
    astray = _unit(random.normal(size=(len(MODALITIES), d)))
    empty = _unit(random.normal(size=(len(MODALITIES), d)))
    rows: list[tuple[NDArray[np.float64], tuple[int, ...], bool]] = []
    instance = 0
    names = []
    for fold, count in zip(FOLDS[1:], given.instances, strict=True):
        for label in np.repeat(np.arange(c), count):
            common = _noise(random, d)
            names.append(f'{fold}_{instance}')
            for view in range(given.views):
                shared = np.sqrt(0.5) * common + np.sqrt(0.5) * _noise(random, d)
                for m, strength in enumerate(STRENGTHS):
                    signal = strength * np.exp(0.35 * random.normal()) * labels[label]
                    own = _noise(random, d)
                    error = np.sqrt(given.shared) * shared + np.sqrt(1 - given.shared) * own
                    error = error * given.noise
                    place = (m, int(label), instance, view, FOLDS.index(fold))
                    garbled = random.random() < given.hidden
                    level = random.uniform(0.5, 1.0) if garbled else 0.0
                    rows.append((_garble(signal, error, astray[m], level), (*place, 0, 0), True))
                    for severity in given.severities:
                        if fold != 'test' or severity == 5:
                            vector = _garble(signal, error, astray[m], severity / 5.0)
                            rows.append((vector, (*place, 1 + m, severity), True))
                if given.nothing and view == 0:
                    for m in range(len(MODALITIES)):
                        vector = 1.5 * empty[m] + _noise(random, d)
                        informative = bool(random.random() < 0.3)
                        place = (m, -1, instance, given.views, FOLDS.index(fold))
                        rows.append((vector, (*place, 0, 0), informative))
            instance += 1
    columns = np.array([row[1] for row in rows], np.int64).T
    return EmbeddingTable(
        space='simulated',
        classes=tuple(f'class_{index}' for index in range(c)),
        modalities=MODALITIES,
        instances=tuple(names),
        corruptions=('', *(f'{name}:garbled' for name in MODALITIES)),
        labels=labels.astype(np.float32),
        vectors=_unit(np.array([row[0] for row in rows])).astype(np.float32),
        modality=columns[0],
        label=columns[1],
        instance=columns[2],
        view=columns[3],
        fold=columns[4],
        informative=np.array([row[2] for row in rows]),
        nothing=columns[1] < 0,
        corruption=columns[5],
        severity=columns[6],
    )


def _garble(
    signal: NDArray[np.float64],
    error: NDArray[np.float64],
    astray: NDArray[np.float64],
    level: float,
) -> NDArray[np.float64]:
    """``level`` 0: as it is; 1: nothing left of the signal."""
    return (1.0 - level) * signal + error + 1.2 * level * astray


def _noise(random: np.random.Generator, dimension: int) -> NDArray[np.float64]:
    return random.normal(size=dimension) / np.sqrt(dimension)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit
