"""Folds of whole instances: which are learnt from, fused, validated and tested on.

Stage 1 learns from *student*, stage 2 from *fusion* (instances that no student saw), choices are
made on *val*, and *test* is opened once.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
import zlib

import numpy as np

from omnibind_core.configuration.option import option
from omnibind_core.simulation.curation import Instance
from omnibind_core.simulation.errors import CurationError

Fold = Literal['student', 'fusion', 'val', 'test']
FOLDS: tuple[Fold, ...] = ('student', 'fusion', 'val', 'test')
SEEDS = (0, 1, 2)
"""Seeds of the benchmark's three splits."""


@dataclass(frozen=True, kw_only=True)
class FoldSizes:
    """How many instances of each class go where; the student fold gets the rest."""

    test_share: float = option(0.25, 'share of a class to test on', minimum=0.0, maximum=0.9)
    fusion_share: float = option(0.2, 'share of a class to fuse on', minimum=0.0, maximum=0.9)
    val_share: float = option(0.1, 'share of a class to validate on', minimum=0.0, maximum=0.9)
    test_minimum: int = option(3, 'instances of each class to test on, at least', minimum=0)
    fusion_minimum: int = option(2, 'instances of each class to fuse on, at least', minimum=0)
    val_minimum: int = option(1, 'instances of each class to validate on, at least', minimum=0)
    student_minimum: int = option(2, 'instances of each class to learn from, at least', minimum=0)

    def minimum(self) -> dict[Fold, int]:
        """Least number of instances of a class in each fold."""
        return {
            'student': self.student_minimum,
            'fusion': self.fusion_minimum,
            'val': self.val_minimum,
            'test': self.test_minimum,
        }

    def target(self, count: int) -> dict[Fold, int]:
        """Number of instances in each fold aimed at, for a class of ``count``."""
        test = max(self.test_minimum, round(self.test_share * count))
        fusion = max(self.fusion_minimum, round(self.fusion_share * count))
        val = max(self.val_minimum, round(self.val_share * count))
        rest = count - test - fusion - val
        return {'student': rest, 'fusion': fusion, 'val': val, 'test': test}


def split(
    instances: Iterable[Instance], seed: int, sizes: FoldSizes | None = None
) -> dict[str, Fold]:
    """Assign every instance to a fold, by class; groups stay together.

    The assignment of a class depends on its own instances and the seed only: adding another class
    changes nothing.

    :param instances: at most one of each model; groups do not reach across classes.
    :param seed: which split.
    :param sizes: how many go where.
    :returns: the fold by model id, in the order given.
    :raises CurationError: a class has too few instances, or groups too large, for the minima.
    """
    sizes = sizes or FoldSizes()
    listed = list(instances)
    classes: dict[str, dict[str, list[str]]] = {}
    for item in listed:
        classes.setdefault(item.class_id, {}).setdefault(item.group, []).append(item.model_id)
    folds: dict[str, Fold] = {}
    for class_id, groups in classes.items():
        members = sorted(sorted(group) for group in groups.values())
        rng = np.random.default_rng([seed, zlib.crc32(class_id.encode())])
        for group, fold in zip(members, _assign(members, sizes, rng, class_id), strict=True):
            folds.update(dict.fromkeys(group, fold))
    if len(folds) != len(listed):
        raise CurationError('an instance is listed twice')
    return {item.model_id: folds[item.model_id] for item in listed}


def fold_counts(
    instances: Iterable[Instance], folds: Mapping[str, Fold]
) -> dict[str, dict[Fold, int]]:
    """Instances by class and fold, classes in alphabetical order."""
    counts: dict[str, dict[Fold, int]] = {}
    for item in sorted(instances, key=lambda item: item.class_id):
        row = counts.setdefault(item.class_id, dict.fromkeys(FOLDS, 0))
        row[folds[item.model_id]] += 1
    return counts


def _assign(
    groups: Sequence[Sequence[str]], sizes: FoldSizes, rng: np.random.Generator, class_id: str
) -> list[Fold]:
    """A fold for each group of a class: large groups first, at random where there is room."""
    count = sum(len(group) for group in groups)
    left = sizes.target(count)
    chosen: dict[int, Fold] = {}
    order = sorted(rng.permutation(len(groups)).tolist(), key=lambda index: -len(groups[index]))
    for index in order:
        size = len(groups[index])
        room = [fold for fold in FOLDS if left[fold] >= size]
        if room:
            weight = np.array([left[fold] for fold in room], float)
            fold = room[int(rng.choice(len(room), p=weight / weight.sum()))]
        else:
            fold = max(FOLDS, key=lambda name: left[name])
        chosen[index] = fold
        left[fold] -= size
    _repair(chosen, groups, order, sizes, class_id)
    return [chosen[index] for index in range(len(groups))]


def _repair(
    chosen: dict[int, Fold],
    groups: Sequence[Sequence[str]],
    order: Sequence[int],
    sizes: FoldSizes,
    class_id: str,
) -> None:
    """Move small groups to folds that large ones left below their minimum."""
    minimum = sizes.minimum()
    have = dict.fromkeys(FOLDS, 0)
    for index, fold in chosen.items():
        have[fold] += len(groups[index])
    for fold in FOLDS:
        while have[fold] < minimum[fold]:
            movable = [
                index
                for index in reversed(order)
                if chosen[index] != fold
                and have[chosen[index]] - len(groups[index]) >= minimum[chosen[index]]
            ]
            if not movable:
                largest = max(len(group) for group in groups)
                raise CurationError(
                    f'class {class_id!r} cannot be split: {sum(map(len, groups))} instances in '
                    f'{len(groups)} groups (largest {largest}) do not give {minimum}'
                )
            index = movable[0]
            have[chosen[index]] -= len(groups[index])
            have[fold] += len(groups[index])
            chosen[index] = fold
