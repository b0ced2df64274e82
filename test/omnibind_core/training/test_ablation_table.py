"""The ablation's table, from results made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnibind_core.training.ablation_table import ablation_rows
from omnibind_core.training.ablation_table import markdown
from omnibind_core.training.ablation_table import read_results
from omnibind_core.training.errors import TrainingError


def result(
    variant: str, seed: int, right: list[int], share: float = 0.1, modality: str = 'thermal'
) -> dict[str, Any]:
    return {
        'modality': modality,
        'variant': variant,
        'share': share,
        'seed': seed,
        'readings': 120,
        'test': {'right': right, 'of': [8] * len(right)},
    }


def test_means_and_paired_gains() -> None:
    """Ten instances of eight views; 'all' is right once more in each."""
    base = [0, 1, 2, 3, 4, 5, 6, 7, 2, 5]
    more = [value + 1 for value in base]
    results = [result('in', seed, base) for seed in (0, 1)]
    results += [result('all', seed, more) for seed in (0, 1, 2)]
    (row,) = ablation_rows(results)
    assert row.seeds == {'in': 2, 'all': 3}
    assert row.top1['in'].value == pytest.approx(35 / 80)
    assert row.top1['all'].value == pytest.approx(45 / 80)
    assert row.top1['in'].low < 35 / 80 < row.top1['in'].high
    # paired: the gain is the same in each instance, so there is nothing to doubt
    gain = row.gain['all']
    assert (gain.value, gain.low, gain.high) == pytest.approx((0.125, 0.125, 0.125))
    assert set(row.gain) == {'all'}


def test_a_row_over_all_modalities() -> None:
    """Each modality counts alike; the gains of both are averaged, draw by draw."""
    base, more = [0, 1, 2, 3, 4], [2, 3, 4, 5, 6]
    results = [
        result(variant, 0, right, modality=modality)
        for modality, variant, right in (
            ('event', 'in', base),
            ('event', 'all', more),
            ('thermal', 'in', more),
            ('thermal', 'all', more),
        )
    ]
    *_, row = ablation_rows(results)
    assert (row.modality, row.share, row.readings) == ('mean of sensors', 0.1, 240)
    assert row.top1['in'].value == pytest.approx((10 / 40 + 20 / 40) / 2)
    gain = row.gain['all']
    assert (gain.value, gain.low, gain.high) == pytest.approx((0.125, 0.125, 0.125))
    # where a modality lacks a run, there is no such row: it would compare different things
    assert [row.modality for row in ablation_rows(results[:-1])] == ['event', 'thermal']


def test_interval_is_over_instances_and_not_over_readings() -> None:
    """All views of an instance alike: as uncertain as ten samples, not as eighty."""
    right = [8, 0] * 5
    (row,) = ablation_rows([result('in', 0, right)])
    width = row.top1['in'].high - row.top1['in'].low
    assert width == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 10), rel=0.2)


def test_unfinished_ablation() -> None:
    """No common seed, no gain; missing variants are dashes."""
    rows = ablation_rows(
        [result('in', 0, [1, 2]), result('all', 1, [3, 3]), result('in', 0, [4, 4], 0.5)]
    )
    assert [row.share for row in rows] == [0.1, 0.5]
    assert rows[0].gain == {}
    lines = markdown(rows).splitlines()
    assert len(lines) == 4
    assert lines[0].count('|') == lines[2].count('|') == lines[3].count('|')
    assert '| - |' in lines[2]
    assert '18.8 [' in lines[2]


def test_results_on_disk(tmp_path: Path) -> None:
    (tmp_path / 'thermal').mkdir()
    path = tmp_path / 'thermal' / 'in_120_seed0.json'
    path.write_text(json.dumps(result('in', 0, [1, 2])))
    assert read_results(tmp_path) == [result('in', 0, [1, 2])]
    for content in ('{', '{}', json.dumps({**result('in', 0, [1]), 'variant': 'out'})):
        path.write_text(content)
        with pytest.raises(TrainingError, match=r'in_120_seed0\.json is no result'):
            read_results(tmp_path)
