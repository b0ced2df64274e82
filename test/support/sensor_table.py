"""A small table of embeddings whose contents are known: instances, views, corruptions, nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.record import FOLDS

SENSORS = ('image', 'thermal', 'audio')
STRENGTHS = {'image': 1.6, 'thermal': 0.9, 'audio': 0.7, 'touch': 0.5, 'text': 3.0}


def sensor_table(
    *,
    sensors: Sequence[str] = SENSORS,
    classes: int = 5,
    instances: int = 4,
    views: int = 3,
    dimension: int = 16,
    corrupted: bool = True,
    folds: Sequence[str] = ('val', 'test'),
    space: str = 'known',
    seed: int = 0,
) -> EmbeddingTable:
    """Every view of every instance by all sensors.

    :param corrupted: first views also garbled at severity 5, and noisy at all severities; garbled
        readings point away from their label.
    """
    random = np.random.default_rng(seed)
    labels = _unit(random.normal(size=(classes, dimension)))
    kinds = ['', *(f'{name}:{kind}' for name in sensors for kind in ('garbled', 'noise'))]
    rows: list[tuple[np.ndarray, tuple[int, ...]]] = []
    names = []
    for fold in folds:
        for label in range(classes):
            for _ in range(instances):
                number = len(names)
                names.append(f'{fold}_{label}_{number}')
                for m, name in enumerate(sensors):
                    for view in range(views):
                        place = (m, label, number, view, FOLDS.index(fold))
                        noise = random.normal(size=dimension) / np.sqrt(dimension) * 2.4
                        signal = STRENGTHS[name] * labels[label]
                        rows.append((signal + noise, (*place, 0, 0)))
                        if corrupted and view == 0 and name != 'text':
                            garbled = 1 + 2 * m
                            rows.append((noise - 2.0 * labels[label], (*place, garbled, 5)))
                            rows += [
                                (signal * (1 - level / 6) + noise, (*place, garbled + 1, level))
                                for level in range(1, 6)
                            ]
                    if name != 'text':
                        place = (m, -1, number, views, FOLDS.index(fold))
                        rows.append((random.normal(size=dimension), (*place, 0, 0)))
    columns = np.array([row[1] for row in rows], np.int64).T
    nothing = columns[1] < 0
    return EmbeddingTable(
        space=space,
        classes=tuple(f'class_{number}' for number in range(classes)),
        modalities=tuple(sensors),
        instances=tuple(names),
        corruptions=tuple(kinds),
        labels=labels.astype(np.float32),
        vectors=_unit(np.array([row[0] for row in rows])).astype(np.float32),
        modality=columns[0],
        label=columns[1],
        instance=columns[2],
        view=columns[3],
        fold=columns[4],
        informative=~nothing | (random.random(len(nothing)) < 0.25),
        nothing=nothing,
        corruption=columns[5],
        severity=columns[6],
    )


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
