"""The ablation's results as a table with intervals, from the files that its runs left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.statistics.bootstrap import Bootstrap
from omnibind_core.evaluation.statistics.bootstrap import Estimate
from omnibind_core.evaluation.statistics.bootstrap import estimate
from omnibind_core.training.ablation_plan import VARIANTS
from omnibind_core.training.errors import TrainingError

REFERENCE = 'in'
MEAN = 'mean of sensors'
"""Stands for a modality in rows over all of them."""
_RESAMPLES = 4000

_Runs: TypeAlias = dict[int, Mapping[str, Any]]  # by seed
_Variants: TypeAlias = dict[str, _Runs]
_Groups: TypeAlias = dict[tuple[str, float], _Variants]  # by modality and share
_Draws: TypeAlias = tuple[float, NDArray[np.float64]]  # a statistic, and in each draw


@dataclass(frozen=True)
class AblationRow:
    """One modality and budget.

    :param modality: whose student.
    :param share: part of the modality's budget.
    :param readings: how many it learnt from.
    :param seeds: how many runs each variant has.
    :param top1: test top-1 by variant, over seeds and test instances.
    :param gain: what each variant has more than :data:`REFERENCE`, over common seeds, paired by
        instance.
    """

    modality: str
    share: float
    readings: int
    seeds: Mapping[str, int]
    top1: Mapping[str, Estimate]
    gain: Mapping[str, Estimate]


def read_results(folder: Path) -> list[dict[str, Any]]:
    """All runs' results in a folder.

    :raises TrainingError: a file is no result; names it.
    """
    results = []
    for path in sorted(folder.glob('*/*.json')):
        try:
            content = json.loads(path.read_text(encoding='utf-8'))
            right, total = content['test']['right'], content['test']['of']
            usable = content['variant'] in VARIANTS and 0 < len(right) == len(total)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TrainingError(f'{path} is no result of a run ({error}); delete it') from None
        if not usable:
            raise TrainingError(f'{path} is no result of a run; delete it')
        results.append(content)
    return results


def ablation_rows(results: Sequence[Mapping[str, Any]], *, seed: int = 0) -> list[AblationRow]:
    """A row for each modality and budget, whatever part of the runs is finished.

    After them a row for each share of the budgets: the mean over modalities, where each has the
    same variants and seeds.

    Intervals are a bootstrap over test instances; runs of several seeds add up within each.

    :param seed: of the bootstrap.
    """
    groups: _Groups = defaultdict(dict)
    for result in results:
        group = groups[str(result['modality']), float(result['share'])]
        group.setdefault(str(result['variant']), {})[int(result['seed'])] = result
    rows = [
        _row(modality, share, [variants], seed)
        for (modality, share), variants in sorted(groups.items())
    ]
    by_share: dict[float, list[_Variants]] = defaultdict(list)
    for row in rows:
        by_share[row.share].append(groups[row.modality, row.share])
    return rows + [
        _row(MEAN, share, each, seed) for share, each in sorted(by_share.items()) if _alike(each)
    ]


def _row(modality: str, share: float, each: Sequence[_Variants], seed: int) -> AblationRow:
    """Of one modality, or the mean over several, in which each has the same weight.

    :param each: of several modalities all alike.
    """
    variants = each[0]
    bootstrap = Bootstrap(_instances(variants).pop(), resamples=_RESAMPLES, seed=seed)
    order = [name for name in VARIANTS if name in variants]
    return AblationRow(
        modality=modality,
        share=share,
        readings=sum(int(_runs(one)[0]['readings']) for one in each),
        seeds={name: len(variants[name]) for name in order},
        top1={
            name: _mean([_top1_draws(bootstrap, one[name].values()) for one in each])
            for name in order
        },
        gain={
            name: _mean([_gain_draws(bootstrap, one[name], one[REFERENCE]) for one in each])
            for name in order
            if name != REFERENCE
            and REFERENCE in variants
            and set(variants[name]) & set(variants[REFERENCE])
        },
    )


def _alike(each: Sequence[_Variants]) -> bool:
    """Whether there are several modalities, with the same variants, seeds and instances."""
    seeds = [{name: sorted(found) for name, found in one.items()} for one in each]
    instances = set[int]().union(*(_instances(one) for one in each))
    return len(each) > 1 and len(instances) == 1 and all(one == seeds[0] for one in seeds)


def _runs(variants: _Variants) -> list[Mapping[str, Any]]:
    return [run for found in variants.values() for run in found.values()]


def _instances(variants: _Variants) -> set[int]:
    """How many test instances the runs have; one number, if they belong together."""
    return {len(run['test']['right']) for run in _runs(variants)}


def _mean(found: Sequence[_Draws]) -> Estimate:
    """Of paired statistics."""
    values, draws = zip(*found, strict=True)
    return estimate(float(np.mean(values)), np.mean(draws, axis=0))


def markdown(rows: Sequence[AblationRow]) -> str:
    """The rows as a table: percent with 95 % intervals; gains over the reference in points."""
    head = ['modality', 'readings', *VARIANTS, *(f'{n} - {REFERENCE}' for n in _compared())]
    lines = [f'| {" | ".join(head)} |', f'|{"---|" * len(head)}']
    for row in rows:
        cells = [row.modality, str(row.readings)]
        cells += [_cell(row.top1.get(name), row.seeds.get(name, 0)) for name in VARIANTS]
        cells += [_cell(row.gain.get(name), 0, signed=True) for name in _compared()]
        lines.append(f'| {" | ".join(cells)} |')
    return '\n'.join(lines) + '\n'


def _compared() -> list[str]:
    return [name for name in VARIANTS if name != REFERENCE]


def _cell(found: Estimate | None, seeds: int, *, signed: bool = False) -> str:
    if found is None:
        return '-'
    sign = '+' if signed else ''
    middle, low, high = (
        f'{100.0 * item:{sign}.1f}' for item in (found.value, found.low, found.high)
    )
    return f'{middle} [{low}, {high}]' + (f' ({seeds})' if seeds else '')


def _sums(
    results: Iterable[Mapping[str, Any]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Right answers and readings of each instance, over runs, ``[k, 1]`` each."""
    tests = [item['test'] for item in results]
    right = np.array([test['right'] for test in tests], np.float64).sum(axis=0, keepdims=True)
    total = np.array([test['of'] for test in tests], np.float64).sum(axis=0, keepdims=True)
    return right.T, total.T


def _top1_draws(bootstrap: Bootstrap, results: Iterable[Mapping[str, Any]]) -> _Draws:
    right, total = _sums(results)
    return float(right.sum() / total.sum()), bootstrap.ratios(right, total)[:, 0]


def _gain_draws(bootstrap: Bootstrap, results: _Runs, reference: _Runs) -> _Draws:
    common = sorted(set(results) & set(reference))
    right, total = _sums([results[number] for number in common])
    base, _ = _sums([reference[number] for number in common])
    change = right - base
    return float(change.sum() / total.sum()), bootstrap.ratios(change, total)[:, 0]
