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

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.statistics.bootstrap import Bootstrap
from omnibind_core.evaluation.statistics.bootstrap import Estimate
from omnibind_core.evaluation.statistics.bootstrap import estimate
from omnibind_core.training.ablation_plan import VARIANTS
from omnibind_core.training.errors import TrainingError

REFERENCE = 'in'
_RESAMPLES = 4000


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

    Intervals are a bootstrap over test instances; runs of several seeds add up within each.

    :param seed: of the bootstrap.
    """
    groups: dict[tuple[str, float], dict[str, dict[int, Mapping[str, Any]]]] = defaultdict(dict)
    for result in results:
        group = groups[str(result['modality']), float(result['share'])]
        group.setdefault(str(result['variant']), {})[int(result['seed'])] = result
    rows = []
    for (modality, share), variants in sorted(groups.items()):
        first = next(iter(next(iter(variants.values())).values()))
        bootstrap = Bootstrap(len(first['test']['right']), resamples=_RESAMPLES, seed=seed)
        order = [name for name in VARIANTS if name in variants]
        rows.append(
            AblationRow(
                modality=modality,
                share=share,
                readings=int(first['readings']),
                seeds={name: len(variants[name]) for name in order},
                top1={name: _top1(bootstrap, variants[name].values()) for name in order},
                gain={
                    name: _gain(bootstrap, variants[name], variants[REFERENCE])
                    for name in order
                    if name != REFERENCE
                    and REFERENCE in variants
                    and set(variants[name]) & set(variants[REFERENCE])
                },
            )
        )
    return rows


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


def _top1(bootstrap: Bootstrap, results: Iterable[Mapping[str, Any]]) -> Estimate:
    right, total = _sums(results)
    return estimate(float(right.sum() / total.sum()), bootstrap.ratios(right, total)[:, 0])


def _gain(
    bootstrap: Bootstrap,
    results: Mapping[int, Mapping[str, Any]],
    reference: Mapping[int, Mapping[str, Any]],
) -> Estimate:
    common = sorted(set(results) & set(reference))
    right, total = _sums([results[number] for number in common])
    base, _ = _sums([reference[number] for number in common])
    change = right - base
    return estimate(float(change.sum() / total.sum()), bootstrap.ratios(change, total)[:, 0])
