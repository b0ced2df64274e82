"""One condition measured: all methods on the same tuples and subsets, and the conditions there are.

*Clean*: readings as they came. *Garbled*: one sensor of the subset at severity 5 of ``garbled``,
the picture of a torn transmission. *Corrupted*: one sensor at severity 5 of the kind that was drawn
for its reading. *Nothing*: one sensor reads another moment, when it had nothing to sense.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.corruption_plan import GARBLED
from omnibind_core.evaluation.corruption_plan import WORST
from omnibind_core.evaluation.subsets.choice import membership
from omnibind_core.evaluation.subsets.methods import informative
from omnibind_core.evaluation.subsets.methods import Method
from omnibind_core.evaluation.subsets.methods import Readings
from omnibind_core.evaluation.subsets.scores import Samples
from omnibind_core.evaluation.subsets.scores import samples
from omnibind_core.evaluation.subsets.tuples import corrupted_rows
from omnibind_core.evaluation.subsets.tuples import nothing_rows
from omnibind_core.evaluation.subsets.tuples import SensorTuples

CLEAN = 'clean'
CORRUPTED = 'corrupted'
NOTHING = 'nothing'
CONDITIONS = (CLEAN, GARBLED, CORRUPTED, NOTHING)
Subsets = Sequence[tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Block:
    """What all methods said under one condition.

    :param condition: one of :data:`CONDITIONS`.
    :param sensor: the one that is not clean; ``''`` where all are.
    :param tuples: ``t`` of them.
    :param chosen: their numbers among the clean block's tuples, int64 ``[t]``.
    :param subsets: ``s`` of them.
    :param samples: by method.
    :param weights: by method, mean share of each sensor ``[s, M]``, for methods that tell.
    """

    condition: str
    sensor: str
    tuples: SensorTuples
    chosen: NDArray[np.int64]
    subsets: tuple[tuple[str, ...], ...]
    samples: Mapping[str, Samples]
    weights: Mapping[str, NDArray[np.float64]]


def measure(
    readings: Readings,
    methods: Sequence[Method],
    tuples: SensorTuples,
    subsets: Subsets,
    *,
    condition: str = CLEAN,
    sensor: str = '',
    chosen: NDArray[np.int64] | None = None,
) -> Block:
    """Every method on the same tuples."""
    members = membership(subsets, tuples.modalities)[:, None, :]  # [s, 1, M]
    valid = np.asarray(~(members & (tuples.rows < 0)).any(axis=2), np.bool_)
    answered = np.asarray((members & informative(readings, tuples)).any(axis=2), np.bool_)
    found: dict[str, Samples] = {}
    weights: dict[str, NDArray[np.float64]] = {}
    for method in methods:
        outcome = method.fuse(readings, tuples, members[:, 0])
        found[method.name] = samples(outcome.logs, tuples.label, valid=valid, answered=answered)
        if outcome.weights is not None:
            counted = (valid & answered)[..., None]
            total = np.where(counted, outcome.weights, 0.0).sum(axis=1, dtype=np.float64)
            weights[method.name] = total / np.maximum(counted.sum(axis=1), 1)
    numbers = np.arange(len(tuples), dtype=np.int64) if chosen is None else chosen
    return Block(condition, sensor, tuples, numbers, tuple(subsets), found, weights)


def condition_blocks(
    readings: Readings,
    methods: Sequence[Method],
    tuples: SensorTuples,
    subsets: Subsets,
    *,
    fold: str,
    seed: int,
    step: Callable[[int], None] = lambda _: None,
) -> Iterator[Block]:
    """Each sensor in turn garbled, corrupted, and with nothing to sense.

    Only subsets that hold the sensor, and only tuples that have such a reading of it; a condition
    that the table has no readings of gives no block.

    :param tuples: clean.
    :param seed: of the readings of nothing that are drawn.
    :param step: called with 1 after each of three conditions of each sensor.
    """
    for column, name in enumerate(tuples.modalities):
        clean = tuples.rows[:, column]
        others = {
            GARBLED: corrupted_rows(readings.table, clean, name=GARBLED, severity=WORST),
            CORRUPTED: corrupted_rows(readings.table, clean, name='', severity=WORST),
            NOTHING: nothing_rows(readings.table, fold, name, count=len(tuples), seed=seed),
        }
        holding = [chosen for chosen in subsets if name in chosen]
        for condition, rows in others.items():
            there = (rows >= 0) & (clean >= 0)
            if there.any() and holding:
                yield measure(
                    readings,
                    methods,
                    tuples.replaced(column, rows).select(there),
                    holding,
                    condition=condition,
                    sensor=name,
                    chosen=np.flatnonzero(there).astype(np.int64),
                )
            step(1)


@dataclass(frozen=True)
class SeverityPoint:
    """All sensors together, one of them corrupted.

    :param sensor: which.
    :param severity: 0 (clean) to 5.
    :param n: tuples.
    :param weight: mean share of the sensor, by method that tells.
    :param top1: by method.
    """

    sensor: str
    severity: int
    n: int
    weight: Mapping[str, float]
    top1: Mapping[str, float]


def severity_curve(
    readings: Readings, methods: Sequence[Method], tuples: SensorTuples
) -> list[SeverityPoint]:
    """Shares and accuracy as one sensor gets worse, the same tuples at every severity.

    :param tuples: clean.
    :return: empty where the table has no reading at all severities.
    """
    found = []
    for column, name in enumerate(tuples.modalities):
        clean = tuples.rows[:, column]
        levels = [clean] + [
            corrupted_rows(readings.table, clean, name='', severity=severity)
            for severity in range(1, WORST + 1)
        ]
        there = np.all(np.stack(levels) >= 0, axis=0) & (tuples.rows >= 0).all(axis=1)
        if not there.any():
            continue
        for severity, rows in enumerate(levels):
            changed = tuples.replaced(column, rows).select(there)
            block = measure(readings, methods, changed, [tuples.modalities])
            found.append(
                SeverityPoint(
                    sensor=name,
                    severity=severity,
                    n=int(there.sum()),
                    weight={key: float(item[0, column]) for key, item in block.weights.items()},
                    top1={key: float(item.correct.mean()) for key, item in block.samples.items()},
                )
            )
    return found


@dataclass(frozen=True)
class NothingAtAll:
    """A subset whose sensors all had nothing to sense.

    :param subset: its sensors.
    :param n: tuples.
    :param abstained: share in which none of them was informative: the recognition abstains.
    :param below: by method, share that abstains with the bundle's threshold too.
    """

    subset: tuple[str, ...]
    n: int
    abstained: float
    below: Mapping[str, float]


def nothing_at_all(
    readings: Readings,
    methods: Sequence[Method],
    tuples: SensorTuples,
    subsets: Subsets,
    *,
    threshold: float,
) -> list[NothingAtAll]:
    """Whether nothing is recognised as nothing.

    :param tuples: of readings of nothing.
    :param threshold: posterior below which a recognition abstains.
    """
    block = measure(readings, methods, tuples, subsets, condition=NOTHING)
    found = []
    for number, chosen in enumerate(subsets):
        any_method = next(iter(block.samples.values()))
        rows = any_method.valid[number]
        if not rows.any():
            continue
        silent = any_method.predicted[number][rows] < 0
        below = {
            name: float((silent | (item.confidence[number][rows] < threshold)).mean())
            for name, item in block.samples.items()
        }
        found.append(NothingAtAll(chosen, int(rows.sum()), float(silent.mean()), below))
    return found
