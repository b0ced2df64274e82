"""What one fusion, trained with one seed on one split, comes to: small enough to be kept for ever.

Right answers are kept by instance, so that runs of several seeds and splits can be compared in one
paired bootstrap long after the models are gone.

Notation: ``k`` instances, ``s`` subsets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.errors import DataError
from omnibind_core.evaluation.subsets.blocks import Block
from omnibind_core.evaluation.subsets.blocks import CONDITIONS
from omnibind_core.evaluation.subsets.choice import key_of
from omnibind_core.evaluation.subsets.comparison import harm_counts
from omnibind_core.evaluation.subsets.comparison import subset_counts
from omnibind_core.evaluation.subsets.document import LEARNED
from omnibind_core.evaluation.subsets.document import least_sensors
from omnibind_core.evaluation.subsets.evaluate import Measured

VERSION = 1
MOST_BYTES = 2**26


class ResultError(DataError):
    """A file is no result of a run, or does not fit the others; the message names it."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Right answers, or differences of them, and how many there were.

    :param clusters: names ``[k]``.
    :param right: by method, ``[k, q]``.
    :param of: ``[k, q]``.
    """

    clusters: tuple[str, ...]
    right: Mapping[str, NDArray[np.float64]]
    of: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FusionResult:
    """One file's content.

    :param path: the file.
    :param split: of the data set.
    :param seed: of the fusion's training.
    :param variant: what tuples it was trained on, ``mix``, ``instance`` or ``class``.
    :param space: of the embeddings.
    :param simulated: whether its data is; ``None`` where unknown.
    :param sensors: in order.
    :param subsets: of the learned fusion's own columns, ``image+touch``, ``s`` of them.
    :param sizes: by pairing, counts by number of sensors: one column each.
    :param learned: of the learned fusion, same instance, one column a subset.
    :param spoilt: by condition, differences between having the spoilt sensor and not.
    :param mean: by method, means over subsets of two and more, same instance: ``nll``, ``ece`` ...
    """

    path: Path
    split: int
    seed: int
    variant: str
    space: str
    simulated: bool | None
    sensors: tuple[str, ...]
    subsets: tuple[str, ...]
    sizes: Mapping[str, Counts]
    learned: Counts
    spoilt: Mapping[str, Counts]
    mean: Mapping[str, Mapping[str, float]]


def fusion_result(
    measured: Measured, about: Mapping[str, Any], document: Mapping[str, Any]
) -> dict[str, Any]:
    """The small file's content.

    :param about: ``bundle``, ``space``, ``split``, ``simulated``, and ``fusion``: the summary of
        the fusion's training, whose seed and mix are taken.
    :param document: everything measured, for the means.
    :raises ResultError: there is no learned fusion.
    """
    clean = measured.clean['instance']
    if LEARNED not in clean.samples:
        raise ResultError('there is no learned fusion to keep a result of')
    training = about.get('fusion') or {}
    right, of = subset_counts(clean, LEARNED)
    return {
        'version': VERSION,
        'split': about['split'],
        'seed': _whole(training.get('seed', 0)),
        'variant': _variant(training),
        'bundle': about['bundle'],
        'space': about['space'],
        'simulated': about.get('simulated'),
        'fold': measured.plan.fold,
        'sensors': list(measured.sensors),
        'subsets': [key_of(chosen) for chosen in clean.subsets],
        'sizes': {pairing: _sizes(block) for pairing, block in measured.clean.items()},
        'learned': {
            'clusters': list(clean.tuples.clusters),
            'right': {LEARNED: _whole_rows(right)},
            'of': _whole_rows(of),
        },
        'spoilt': {
            condition: _spoilt(measured, condition)
            for condition in CONDITIONS[1:]
            if any(block.condition == condition for block in measured.spoilt['instance'])
        },
        'mean': {
            method: {
                name.removeprefix('mean_'): value
                for name, value in values.items()
                if name.startswith('mean_') and value is not None
            }
            for method, values in document['summary'].items()
        },
    }


def _variant(training: Mapping[str, Any]) -> str:
    """What tuples a fusion was trained on, by its summary."""
    by_class = training.get('settings', {}).get('mix', {}).get('by_class')
    return {0.0: 'instance', 1.0: 'class'}.get(by_class, 'mix')


def _sizes(block: Block) -> dict[str, Any]:
    """Counts by number of sensors."""
    sizes = np.array([len(chosen) for chosen in block.subsets])
    columns = np.stack([sizes == size for size in range(1, int(sizes.max()) + 1)], axis=1)
    right = {}
    for method in block.samples:
        counts, of = subset_counts(block, method)
        right[method] = _whole_rows(counts @ columns)
    return {
        'clusters': list(block.tuples.clusters),
        'right': right,
        'of': _whole_rows(of @ columns),
    }


def _spoilt(measured: Measured, condition: str) -> dict[str, Any]:
    """One column: over all pairs of a subset and its spoilt sensor."""
    clean = measured.clean['instance']
    blocks = [item for item in measured.spoilt['instance'] if item.condition == condition]
    right = {}
    for method in clean.samples:
        sums, counts, _ = harm_counts(clean, blocks, method, least_sensors(condition))
        right[method] = _whole_rows(sums.sum(axis=1, keepdims=True))
    return {
        'clusters': list(clean.tuples.clusters),
        'right': right,
        'of': _whole_rows(counts.sum(axis=1, keepdims=True)),
    }


def read_fusion_results(folder: Path) -> list[FusionResult]:
    """All results in a folder and its subfolders, by name.

    :raises ResultError: a file is no result, or differs from the others in sensors; names it.
    """
    found = [_read(path) for path in sorted(folder.rglob('*.json'))]
    for item in found[1:]:
        if item.sensors != found[0].sensors:
            raise ResultError(
                f'{item.path}: of the sensors {", ".join(item.sensors)}, but {found[0].path} is of '
                f'{", ".join(found[0].sensors)}; keep them in different folders'
            )
    seen: dict[tuple[str, int, int], Path] = {}
    for item in found:
        key = (item.variant, item.split, item.seed)
        if key in seen:
            raise ResultError(
                f'{item.path}: split {item.split}, seed {item.seed} as {seen[key]}; delete one'
            )
        seen[key] = item.path
    return found


def _read(path: Path) -> FusionResult:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ResultError(f'{path}: larger than {MOST_BYTES} bytes')
        given = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise ResultError(f'{path} cannot be read: {error}') from None
    if not isinstance(given, dict) or given.get('version') != VERSION:
        raise ResultError(f'{path}: no result of a fusion of version {VERSION}')
    try:
        return FusionResult(
            path=path,
            split=_whole(given['split']),
            seed=_whole(given['seed']),
            variant=str(given['variant']),
            space=str(given['space']),
            simulated=given['simulated'],
            sensors=tuple(given['sensors']),
            subsets=tuple(given['subsets']),
            sizes={name: _counts(value) for name, value in given['sizes'].items()},
            learned=_counts(given['learned'], len(given['subsets'])),
            spoilt={name: _counts(value, 1) for name, value in given['spoilt'].items()},
            mean={name: dict(value) for name, value in given['mean'].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ResultError(f'{path}: no usable result of a fusion ({error}); delete it') from None


def _counts(given: Mapping[str, Any], columns: int | None = None) -> Counts:
    clusters = tuple(str(name) for name in given['clusters'])
    of = _array(given['of'], len(clusters), columns)
    right = {
        str(name): _array(value, len(clusters), of.shape[1])
        for name, value in given['right'].items()
    }
    return Counts(clusters, right, of)


def _array(given: Any, rows: int, columns: int | None) -> NDArray[np.float64]:
    array = np.asarray(given, np.float64)
    if array.ndim != 2 or len(array) != rows or columns not in (None, array.shape[1]):
        raise ValueError(f'counts of shape {list(array.shape)}')
    if not np.isfinite(array).all():
        raise ValueError('counts that are not finite')
    return array


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f'{value!r} is no whole number')
    return value


def _whole_rows(counts: NDArray[np.float64]) -> list[list[int]]:
    rows: list[list[int]] = np.rint(counts).astype(np.int64).tolist()
    return rows
