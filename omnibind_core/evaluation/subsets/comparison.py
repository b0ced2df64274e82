"""From samples to statements: means over subsets with intervals, and paired differences.

The figure of a method is the mean over subsets of the accuracy of each. What is drawn again is
clusters, see :mod:`~omnibind_core.evaluation.statistics.bootstrap`; all differences are paired.

Notation: ``k`` clusters, ``s`` subsets, ``R`` draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.statistics.bootstrap import Bootstrap
from omnibind_core.evaluation.statistics.bootstrap import Estimate
from omnibind_core.evaluation.statistics.bootstrap import estimate
from omnibind_core.evaluation.statistics.bootstrap import mean_of_columns
from omnibind_core.evaluation.statistics.bootstrap import sums_by_cluster
from omnibind_core.evaluation.statistics.holm import holm
from omnibind_core.evaluation.subsets.blocks import Block
from omnibind_core.evaluation.subsets.choice import additions


@dataclass(frozen=True)
class Comparison:
    """Two methods on the same samples.

    :param first: whose accuracy minus ...
    :param second: ... whose.
    :param difference: from -1 to 1.
    :param p_holm: two-sided, adjusted for all the methods that ``first`` is compared with.
    """

    first: str
    second: str
    difference: Estimate
    p_holm: float


@dataclass(frozen=True)
class Addition:
    """What one more sensor does to a method's accuracy.

    :param subset: without it.
    :param sensor: that is added.
    :param n: samples that have all of them.
    :param difference: accuracy with it minus without.
    :param p_holm: that it does not harm, adjusted for all pairs of subset and sensor.
    """

    subset: tuple[str, ...]
    sensor: str
    n: int
    difference: Estimate
    p_holm: float


def subset_counts(block: Block, method: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Right answers, and samples, of each cluster and subset: both ``[k, s]``."""
    given = block.samples[method]
    size = len(block.tuples.clusters)
    right = sums_by_cluster((given.correct & given.valid).T, block.tuples.cluster, size)
    return right, sums_by_cluster(given.valid.T, block.tuples.cluster, size)


def mean_accuracy(
    right: NDArray[np.float64],
    count: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    bootstrap: Bootstrap,
) -> tuple[float, NDArray[np.float64]]:
    """Mean over the chosen subsets of each one's accuracy, and the same in every draw ``[R]``.

    Subsets that no sample has are left out.

    :param right: ``[k, s]``.
    :param count: ``[k, s]``.
    :param chosen: ``[s]``.
    """
    used = chosen & (count.sum(axis=0) > 0)
    if not used.any():
        return float('nan'), np.full(bootstrap.resamples, np.nan)
    right, count = right[:, used], count[:, used]
    value = float((right.sum(axis=0) / count.sum(axis=0)).mean())
    return value, mean_of_columns(bootstrap.ratios(right, count))


def compare(draws: Mapping[str, tuple[float, NDArray[np.float64]]], first: str) -> list[Comparison]:
    """One method against every other.

    :param draws: by method, as :func:`mean_accuracy` gives them, of one bootstrap.
    """
    value, own = draws[first]
    found = [
        Comparison(first, name, estimate(value - other, own - drawn), 1.0)
        for name, (other, drawn) in draws.items()
        if name != first
    ]
    adjusted = holm([item.difference.p_two_sided for item in found])
    return [replace(item, p_holm=float(value)) for item, value in zip(found, adjusted, strict=True)]


def added_sensors(block: Block, method: str, bootstrap: Bootstrap) -> list[Addition]:
    """Every way of adding a sensor, the most harmful first.

    :param block: clean, of all subsets.
    """
    given = block.samples[method]
    sensors = block.tuples.modalities
    pairs = additions(block.subsets, sensors)
    if not pairs:
        return []
    smaller = np.array([pair[0] for pair in pairs])
    larger = np.array([pair[2] for pair in pairs])
    both = given.valid[larger]
    gain = np.where(both, given.correct[larger].astype(np.int8) - given.correct[smaller], 0)
    size = len(block.tuples.clusters)
    sums = sums_by_cluster(gain.T.astype(np.float64), block.tuples.cluster, size)
    counts = sums_by_cluster(both.T, block.tuples.cluster, size)
    kept = np.flatnonzero(counts.sum(axis=0) > 0)
    draws = bootstrap.ratios(sums[:, kept], counts[:, kept])
    found = []
    for place, number in enumerate(kept):
        subset, sensor, _ = pairs[number]
        total = float(counts[:, number].sum())
        value = float(sums[:, number].sum()) / total
        found.append(
            Addition(
                block.subsets[subset], sensor, int(total), estimate(value, draws[:, place]), 1.0
            )
        )
    adjusted = holm([item.difference.p_below for item in found])
    found = [replace(item, p_holm=float(p)) for item, p in zip(found, adjusted, strict=True)]
    return sorted(found, key=lambda item: (item.difference.value, item.difference.p_below))


def harm_counts(
    clean: Block, blocks: Sequence[Block], method: str, least: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[tuple[tuple[str, ...], str]]]:
    """What a spoilt sensor costs against not having it, by cluster.

    :param clean: of all subsets.
    :param blocks: of one condition, one for each sensor.
    :param least: size of the smallest subset, the spoilt sensor included.
    :return: right answers with it minus without, and samples, both ``[k, q]``, and the ``q`` pairs
        of subset and spoilt sensor.
    """
    numbers = {chosen: number for number, chosen in enumerate(clean.subsets)}
    before = clean.samples[method]
    size = len(clean.tuples.clusters)
    sums, counts, pairs = [np.zeros((size, 0))], [np.zeros((size, 0))], []
    for block in blocks:
        given = block.samples[method]
        kept, without = [], []
        for number, chosen in enumerate(block.subsets):
            left = tuple(name for name in chosen if name != block.sensor)
            if len(chosen) >= max(least, 2) and left in numbers:
                kept.append(number)
                without.append(numbers[left])
                pairs.append((chosen, block.sensor))
        if kept:
            valid = given.valid[kept]
            gain = given.correct[kept].astype(np.float64) - before.correct[without][:, block.chosen]
            gain = np.where(valid, gain, 0.0)
            sums.append(sums_by_cluster(gain.T, block.tuples.cluster, size))
            counts.append(sums_by_cluster(valid.T, block.tuples.cluster, size))
    return np.concatenate(sums, axis=1), np.concatenate(counts, axis=1), pairs
