"""Results of several seeds and splits: kept small, read back, put together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fusion_results import small
from fusion_results import written
from measured_table import measured_document
import numpy as np
import pytest

from omnibind_core.evaluation.results.fusion_result import read_fusion_results
from omnibind_core.evaluation.results.fusion_result import ResultError
from omnibind_core.evaluation.results.fusion_table import fusion_table


def test_one_result_says_what_the_evaluation_said(tmp_path: Path) -> None:
    """The same means, differences, worst pairs and costs of a garbled sensor."""
    document = measured_document()
    (result,) = read_fusion_results(written(tmp_path, small(0, 3)))
    assert (result.split, result.seed, result.variant) == (0, 3, 'mix')
    assert result.simulated is True
    table = fusion_table([result], resamples=2000)
    for name, value in document['summary'].items():
        assert table.accuracy[name].value == pytest.approx(value['mean_top1'], abs=1e-5)
        assert table.accuracy[name].low == pytest.approx(value['ci95'][0], abs=0.01)
        by_class = document['summary_by_class'][name]
        assert table.by_class[name].value == pytest.approx(by_class['mean_top1'], abs=1e-5)
        assert table.by_split[0][name] == pytest.approx(value['mean_top1'], abs=1e-5)
    for item in document['comparisons']['instance']:
        (own,) = [found for found in table.comparisons if found.second == item['against']]
        assert own.difference.value == pytest.approx(item['difference'], abs=1e-5)
    expected = {(tuple(row['subset']), row['added']): row for row in document['added_sensors']}
    assert len(table.added) == len(expected) == 9
    for addition in table.added:
        row = expected[addition.subset, addition.sensor]
        assert addition.difference.value == pytest.approx(row['difference'], abs=1e-5)
        assert addition.n == row['n']
    garbled = document['spoilt']['instance']['garbled']['methods']['mean']['against_without']
    assert table.spoilt['garbled']['mean'].value == pytest.approx(garbled['difference'], abs=1e-5)
    assert np.isnan(table.seeds_sd)


def test_means_over_seeds_and_splits(tmp_path: Path) -> None:
    """Seeds within a split first, then splits; seeds that differ widen the interval."""
    given = [small(0, 0), small(0, 1, ignored=('image',)), small(1, 0, data=1)]
    results = read_fusion_results(written(tmp_path, *given))
    table = fusion_table(results, resamples=3000)
    each = {
        (item.split, item.seed): fusion_table([item], resamples=200).accuracy['af'].value
        for item in results
    }
    expected = ((each[0, 0] + each[0, 1]) / 2 + each[1, 0]) / 2
    assert table.accuracy['af'].value == pytest.approx(expected)
    assert table.runs == {0: (0, 1), 1: (0,)}
    assert table.by_split[0]['af'] == pytest.approx((each[0, 0] + each[0, 1]) / 2)
    assert table.seeds_sd == pytest.approx(abs(each[0, 0] - each[0, 1]) / np.sqrt(2))
    assert each[0, 1] < each[0, 0] - 0.05
    twins = read_fusion_results(written(tmp_path / 'twins', small(0, 0), small(0, 1)))
    steady = fusion_table(twins, resamples=3000)
    mixed = fusion_table(results[:2], resamples=3000)
    difference, alike = mixed.comparisons[-1].difference, steady.comparisons[-1].difference
    assert mixed.comparisons[-1].second == 'product'
    assert alike.low == alike.high == 0.0  # the fusion is the product, whatever the draw
    assert difference.low < difference.value < difference.high


def test_instances_are_drawn_together_over_splits(tmp_path: Path) -> None:
    """The same instances tested in two splits are no more evidence than in one."""
    once = read_fusion_results(written(tmp_path / 'one', small(0, 0)))
    twice = read_fusion_results(written(tmp_path / 'two', small(0, 0), small(1, 0)))
    first = fusion_table(once, resamples=2000).accuracy['mean']
    second = fusion_table(twice, resamples=2000).accuracy['mean']
    assert (second.low, second.high) == pytest.approx((first.low, first.high))


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda given: given.update(version=7), 'version 1'),
        (lambda given: given['learned']['of'].pop(), 'counts of shape'),
        (lambda given: given.pop('sizes'), 'sizes'),
        (lambda given: given.update(seed='1'), 'whole number'),
        (lambda given: given['learned'].update(right={'af': [[None]]}), 'delete it'),
    ],
)
def test_damaged_results(tmp_path: Path, change: Any, message: str) -> None:
    """Named, never half used."""
    given = json.loads(json.dumps(small(0, 0)))
    change(given)
    (tmp_path / 'bad.json').write_text(json.dumps(given))
    with pytest.raises(ResultError, match=rf'bad\.json.*{message}'):
        read_fusion_results(tmp_path)


def test_results_that_do_not_fit_each_other(tmp_path: Path) -> None:
    """The same run twice, other sensors, no JSON."""
    written(tmp_path, small(0, 0))
    (tmp_path / 'copy.json').write_text(json.dumps(small(0, 0)))
    with pytest.raises(ResultError, match=r'split 0, seed 0 as .*copy\.json'):
        read_fusion_results(tmp_path)
    other = json.loads(json.dumps(small(0, 1)))
    other['sensors'] = ['image', 'audio']
    (tmp_path / 'copy.json').write_text(json.dumps(other))
    with pytest.raises(ResultError, match='of the sensors'):
        read_fusion_results(tmp_path)
    (tmp_path / 'copy.json').write_text('{')
    with pytest.raises(ResultError, match=r'copy\.json cannot be read'):
        read_fusion_results(tmp_path)
