"""What a table of relations between things can teach: how much is in it, and of what kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.seeding import generator
from omnibind_core.training.teacher_vectors import TeacherVectors

_MOST = 1500  # rows: beyond these the figures do not change, but take long
_NEAREST = 10


@dataclass(frozen=True)
class RelationStatistics:
    """Figures of one table ``D = A B^T`` over ``n`` things.

    :param mean: of the relations of different things: what standardising takes away.
    :param deviation: their standard deviation.
    :param effective_rank: in how many dimensions the table varies, see :func:`effective_rank`.
    :param class_share: of the ten largest relations to other instances, those within the class,
        mean over things; by chance it is the share of the class.
    """

    mean: float
    deviation: float
    effective_rank: float
    class_share: float


def effective_rank(matrix: NDArray[np.floating]) -> float:
    """``exp(H(s / sum(s)))`` of the singular values s (Roy & Vetterli, 2007).

    Between 1 (all rows are multiples of one) and the rank (all singular values are equal).
    """
    values = np.linalg.svd(matrix.astype(np.float64), compute_uv=False)
    total = float(values.sum())
    if total <= 0.0:
        return 0.0
    shares = values / total
    shares = shares[shares > 0.0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def relation_statistics(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    labels: NDArray[np.int64],
    instances: NDArray[np.int64],
) -> RelationStatistics:
    """Figures of a table.

    :param first: unit vectors ``[n, d]``, the rows' things.
    :param second: unit vectors ``[n, d]`` of the same things, the columns.
    :param labels: ``[n]``.
    :param instances: a number for each thing ``[n]``; views of one share it.
    """
    table = first.astype(np.float64) @ second.T.astype(np.float64)
    different = instances[:, None] != instances[None, :]
    others = table[different]
    hidden = np.where(different, table, -np.inf)
    nearest = np.argsort(-hidden, axis=1, kind='stable')[:, :_NEAREST]
    counted = np.take_along_axis(different, nearest, axis=1)
    same = (labels[nearest] == labels[:, None]) & counted
    # mean taken away, as the losses do: a constant is no relation
    return RelationStatistics(
        mean=float(others.mean()) if others.size else 0.0,
        deviation=float(others.std()) if others.size else 0.0,
        effective_rank=effective_rank(table - table.mean()),
        class_share=float(same.sum() / max(int(counted.sum()), 1)),
    )


def relations_of(
    vectors: TeacherVectors, rows: NDArray[np.int64], *, seed: int = 0
) -> dict[str, RelationStatistics]:
    """Figures of the tables that students learn from, over some rows.

    ``image-label`` is what the cross-modal relation would be with prompts alone instead of
    captions: its rank is at most the number of classes.

    :param rows: of the vectors; at most 1500 of them are used.
    :param seed: of which.
    """
    if len(rows) > _MOST:
        rows = np.sort(generator('relations', seed).choice(rows, _MOST, replace=False))
    image, caption = vectors.image[rows], vectors.caption[rows]
    label = vectors.labels[vectors.label[rows]]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(vectors.instances))}
    instances = np.array([numbers[vectors.instances[row]] for row in rows.tolist()], np.int64)
    tables = {
        'image-image': (image, image),
        'caption-caption': (caption, caption),
        'image-caption': (image, caption),
        'image-label': (image, label),
        'label-label': (label, label),
    }
    return {
        name: relation_statistics(first, second, vectors.label[rows], instances)
        for name, (first, second) in tables.items()
    }
