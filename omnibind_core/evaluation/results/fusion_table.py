"""Fusions of several seeds and splits together: means, paired differences, harm.

Drawn again are the instances, the same over all splits (an instance may be tested in several), and
the seeds within each split. The splits are the benchmark's and stay as they are. So an interval
says what other instances and other seeds would give.

Notation: ``k`` instances of all splits, ``R`` draws, ``q`` columns.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.seeding import generator
from omnibind_core.evaluation.results.fusion_result import FusionResult
from omnibind_core.evaluation.statistics.bootstrap import Bootstrap
from omnibind_core.evaluation.statistics.bootstrap import Estimate
from omnibind_core.evaluation.statistics.bootstrap import estimate
from omnibind_core.evaluation.statistics.bootstrap import RESAMPLES
from omnibind_core.evaluation.statistics.holm import holm
from omnibind_core.evaluation.subsets.choice import additions
from omnibind_core.evaluation.subsets.comparison import Addition
from omnibind_core.evaluation.subsets.comparison import Comparison
from omnibind_core.evaluation.subsets.document import LEARNED

Columns = tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]
"""Names of clusters, sums and counts ``[k, q]`` of one result."""


@dataclass(frozen=True)
class FusionTable:
    """Everything that several results say together.

    :param runs: by split, the seeds.
    :param accuracy: by method, mean over subsets of two and more, splits and seeds; same instance.
    :param by_class: the same for tuples by class.
    :param by_split: by split and method, the mean over its seeds.
    :param seeds_sd: standard deviation of the learned fusion between seeds, mean over splits.
    :param comparisons: the learned fusion against the others, same instance.
    :param added: every way of adding a sensor, the most harmful first.
    :param spoilt: by condition and method, a spoilt sensor against not having it.
    """

    runs: Mapping[int, tuple[int, ...]]
    accuracy: Mapping[str, Estimate]
    by_class: Mapping[str, Estimate]
    by_split: Mapping[int, Mapping[str, float]]
    seeds_sd: float
    comparisons: Sequence[Comparison]
    added: Sequence[Addition]
    spoilt: Mapping[str, Mapping[str, Estimate]]


def fusion_table(
    results: Sequence[FusionResult], *, resamples: int = RESAMPLES, seed: int = 0
) -> FusionTable:
    """Put results together, whichever of them are finished.

    :param results: of one variant, at least one.
    :param seed: of the draws.
    """
    runs: dict[int, list[FusionResult]] = {}
    for item in sorted(results, key=lambda item: (item.split, item.seed)):
        runs.setdefault(item.split, []).append(item)
    draw = _Draws(runs, resamples, seed)
    methods = list(results[0].sizes['instance'].right)
    same = {name: draw(partial(_several, pairing='instance', method=name)) for name in methods}
    other = {name: draw(partial(_several, pairing='class', method=name)) for name in methods}
    by_split = {
        split: {name: float(np.mean(_accuracies(items, name))) for name in methods}
        for split, items in runs.items()
    }
    return FusionTable(
        runs={split: tuple(item.seed for item in items) for split, items in runs.items()},
        accuracy={name: _first(found) for name, found in same.items()},
        by_class={name: _first(found) for name, found in other.items()},
        by_split=by_split,
        seeds_sd=_between_seeds(runs),
        comparisons=_compared(same),
        added=_added(results, draw),
        spoilt=_spoilt(results, methods, draw),
    )


class _Draws:
    """Draws of instances and seeds, the same for every statistic, so that all are paired."""

    def __init__(
        self, runs: Mapping[int, Sequence[FusionResult]], resamples: int, seed: int
    ) -> None:
        self._runs = runs
        self._bootstraps: dict[tuple[str, ...], tuple[Bootstrap, dict[str, int]]] = {}
        self._resamples, self._seed = resamples, seed
        self._seeds = {
            split: generator('seeds', split, seed)
            .multinomial(len(items), np.full(len(items), 1.0 / len(items)), size=resamples)
            .astype(np.float64)
            / len(items)
            for split, items in runs.items()
        }

    def __call__(
        self, columns: Callable[[FusionResult], Columns]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The mean over splits of the mean over seeds of ``sum / count``.

        :param columns: sums and counts of a result.
        :return: measured ``[q]``, and in every draw ``[R, q]``.
        """
        given = {split: [columns(item) for item in items] for split, items in self._runs.items()}
        names = {name for items in given.values() for columns_of in items for name in columns_of[0]}
        bootstrap, places = self._of(tuple(sorted(names)))
        values: list[NDArray[np.float64]] = []
        drawn: list[NDArray[np.float64]] = []
        for split, items in given.items():
            mean = np.zeros((self._resamples, items[0][1].shape[1]))
            for number, (clusters, sums, counts) in enumerate(items):
                rows = [places[name] for name in clusters]
                all_sums = np.zeros((len(names), sums.shape[1]))
                all_counts = np.zeros_like(all_sums)
                all_sums[rows], all_counts[rows] = sums, counts
                weight = self._seeds[split][:, [number]]
                mean += weight * bootstrap.ratios(all_sums, all_counts)
            drawn.append(mean)
            each = [sums.sum(axis=0) / counts.sum(axis=0) for _, sums, counts in items]
            values.append(np.mean(each, axis=0))
        return np.mean(values, axis=0), np.mean(drawn, axis=0)

    def _of(self, names: tuple[str, ...]) -> tuple[Bootstrap, dict[str, int]]:
        if names not in self._bootstraps:
            places = {name: place for place, name in enumerate(names)}
            self._bootstraps[names] = (Bootstrap(len(names), self._resamples, self._seed), places)
        return self._bootstraps[names]


def _several(item: FusionResult, pairing: str, method: str) -> Columns:
    """One column: subsets of two and more sensors together."""
    counts = item.sizes[pairing]
    return (
        counts.clusters,
        counts.right[method][:, 1:].sum(axis=1, keepdims=True),
        counts.of[:, 1:].sum(axis=1, keepdims=True),
    )


def _spoilt_columns(item: FusionResult, condition: str, method: str) -> Columns:
    counts = item.spoilt[condition]
    return counts.clusters, counts.right[method], counts.of


def _accuracies(items: Sequence[FusionResult], method: str) -> list[float]:
    """Of each result, same instance."""
    columns = [_several(item, 'instance', method) for item in items]
    return [float(sums.sum() / counts.sum()) for _, sums, counts in columns]


def _first(found: tuple[NDArray[np.float64], NDArray[np.float64]]) -> Estimate:
    return estimate(float(found[0][0]), found[1][:, 0])


def _between_seeds(runs: Mapping[int, Sequence[FusionResult]]) -> float:
    found = [
        np.std(_accuracies(items, LEARNED), ddof=1) for items in runs.values() if len(items) > 1
    ]
    return float(np.mean(found)) if found else float('nan')


def _compared(
    drawn: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> list[Comparison]:
    value, own = drawn[LEARNED]
    found = [
        Comparison(LEARNED, name, estimate(float(value[0] - at[0]), own[:, 0] - draws[:, 0]), 1.0)
        for name, (at, draws) in drawn.items()
        if name != LEARNED
    ]
    adjusted = holm([item.difference.p_two_sided for item in found])
    return [replace(item, p_holm=float(p)) for item, p in zip(found, adjusted, strict=True)]


def _added(results: Sequence[FusionResult], draw: _Draws) -> list[Addition]:
    """Pairs that every view has all sensors of; others cannot be paired by counts alone."""
    subsets = [tuple(key.split('+')) for key in results[0].subsets]
    pairs = [
        pair
        for pair in additions(subsets, results[0].sensors)
        if all(
            np.array_equal(item.learned.of[:, pair[0]], item.learned.of[:, pair[2]])
            and item.learned.of[:, pair[2]].any()
            for item in results
        )
    ]
    if not pairs:
        return []
    smaller, larger = [pair[0] for pair in pairs], [pair[2] for pair in pairs]

    def gain(item: FusionResult) -> Columns:
        right, of = item.learned.right[LEARNED], item.learned.of
        return item.learned.clusters, right[:, larger] - right[:, smaller], of[:, larger]

    values, draws = draw(gain)
    found = []
    for place, (subset, sensor, large) in enumerate(pairs):
        count = int(sum(item.learned.of[:, large].sum() for item in results))
        difference = estimate(float(values[place]), draws[:, place])
        found.append(Addition(subsets[subset], sensor, count, difference, 1.0))
    adjusted = holm([item.difference.p_below for item in found])
    found = [replace(item, p_holm=float(p)) for item, p in zip(found, adjusted, strict=True)]
    return sorted(found, key=lambda item: (item.difference.value, item.difference.p_below))


def _spoilt(
    results: Sequence[FusionResult], methods: Sequence[str], draw: _Draws
) -> dict[str, dict[str, Estimate]]:
    common = [name for name in results[0].spoilt if all(name in item.spoilt for item in results)]
    return {
        condition: {
            name: _first(draw(partial(_spoilt_columns, condition=condition, method=name)))
            for name in methods
        }
        for condition in common
    }
