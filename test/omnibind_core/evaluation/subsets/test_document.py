"""The JSON document: complete, plain, consistent with the samples, goals decided by its figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from measured_table import measured
from measured_table import measured_document
import numpy as np
import pytest
from sensor_table import sensor_table
from sensor_table import SENSORS

from omnibind_core.errors import ConfigError
from omnibind_core.evaluation.subsets.document import document
from omnibind_core.evaluation.subsets.evaluate import evaluate
from omnibind_core.evaluation.subsets.evaluate import Plan
from omnibind_core.evaluation.subsets.goals import goals
from omnibind_core.evaluation.subsets.predictions import write_predictions
from omnibind_core.evaluation.subsets.print_summary import lines
from omnibind_core.evaluation.subsets.settings import Settings

METHODS = ['best_single', 'mean', 'max_confidence', 'product', 'af']


def test_every_cell_is_there() -> None:
    """Subsets x methods x pairings clean; conditions for subsets with the sensor; plain JSON."""
    found = measured_document()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    rows = {(row['method'], row['pairing'], tuple(row['modalities'])) for row in found['subsets']}
    assert len(rows) == len(found['subsets']) == 5 * 2 * 7
    assert {row['method'] for row in found['subsets']} == set(METHODS)
    for row in found['subsets']:
        assert row['n'] == 60
        assert row['seed'] == 0
        assert 0.0 <= row['top1'] <= 1.0
        assert 0.0 <= row['ece_low'] <= row['ece_high']
    assert len(found['conditions']) == 5 * 2 * 3 * 3 * 4
    conditions = {row['condition'] for row in found['conditions']}
    assert conditions == {'garbled', 'corrupted', 'nothing'}
    assert found['views'] == 60
    assert found['instances'] == 20
    assert found['bundle'] == 'tiny-0123'


def test_summary_from_rows() -> None:
    """The mean over the four subsets of two and more, as the rows have it; ends around it."""
    found = measured_document()
    for key, pairing in (('summary', 'instance'), ('summary_by_class', 'class')):
        for method in METHODS:
            own = [
                row['top1']
                for row in found['subsets']
                if (row['method'], row['pairing']) == (method, pairing)
                and len(row['modalities']) > 1
            ]
            assert len(own) == found[key][method]['subsets'] == 4
            assert found[key][method]['mean_top1'] == pytest.approx(np.mean(own), abs=2e-5)
            low, high = found[key][method]['ci95']
            assert low < found[key][method]['mean_top1'] < high
    assert found['comparisons']['instance'][0]['method'] == 'af'


def test_goals() -> None:
    """A fusion that is the product is not above it; one that ignores a liar loses nothing by it."""
    found = {item['goal']: item for item in measured_document()['goals']}
    assert len(found) == 5
    above = next(item for name, item in found.items() if 'calibrated product' in name)
    assert above['met'] is False
    assert above['difference'] == 0.0
    garbled = next(item for name, item in found.items() if 'garbled' in name)
    assert garbled['difference'] < -0.02
    assert garbled['met'] is False


def decided(difference: float, p_holm: float, garbled: float, harmful: bool = False) -> list[bool]:
    """Which goals are met by figures made up."""
    from omnibind_core.evaluation.statistics.bootstrap import Estimate
    from omnibind_core.evaluation.subsets.comparison import Addition

    comparisons = [
        {'against': name, 'difference': difference, 'ci95': [0.0, 1.0], 'p_holm': p_holm}
        for name in METHODS[:-1]
    ]
    estimate = Estimate(-0.1, -0.2, -0.05, 0.001, 0.0005)
    added = [Addition(('image',), 'audio', 60, estimate, 0.01 if harmful else 0.2)]
    value = {'against_without': {'difference': garbled, 'ci95': [0.0, 0.0]}}
    spoilt = {'garbled': {'methods': {'af': value, 'mean': value}}}
    return [item['met'] for item in goals(comparisons, added, spoilt, 'af')]


def test_goals_by_made_up_figures() -> None:
    """Each limit on its own."""
    assert decided(0.0405, 0.05, -0.02) == [True, True, True, True, True]
    assert decided(0.0404, 0.05, -0.02) == [True, False, False, True, True]
    assert decided(0.05, 0.06, -0.021) == [False, True, True, True, False]
    assert decided(-0.05, 0.001, 0.0, harmful=True) == [False, False, False, False, True]
    assert goals([], [], {}, 'af') == []


def test_saved_predictions_say_the_same(tmp_path: Path) -> None:
    """Accuracy, likelihood and the spoilt sensor's cost from the file alone."""
    found = measured_document()
    write_predictions(tmp_path / 'p.npz', measured())
    with np.load(tmp_path / 'p.npz', allow_pickle=False) as given:
        arrays = {name: given[name] for name in given.files}
    methods, subsets = arrays['methods'].tolist(), arrays['subsets'].tolist()
    assert methods == METHODS
    for row in found['subsets']:
        place = methods.index(row['method']), subsets.index('+'.join(row['modalities']))
        predicted = arrays[f'clean_{row["pairing"]}_predicted'][place]
        right = predicted == arrays[f'{row["pairing"]}_label']
        assert right.mean() == pytest.approx(row['top1'], abs=1e-5)
        truth = arrays[f'clean_{row["pairing"]}_truth'][place].astype(float)
        assert -np.log(np.maximum(truth, 1e-6)).mean() == pytest.approx(row['nll'], abs=0.05)
    garbled = arrays['garbled_instance_image_predicted']
    assert garbled.shape == (5, 4, 20)
    assert arrays['garbled_instance_image_subsets'].tolist() == [
        name for name in subsets if 'image' in name
    ]
    chosen = arrays['garbled_instance_image_tuples']
    right = garbled[:, 0] == arrays['instance_label'][chosen]
    wanted = {'sensor': 'image', 'condition': 'garbled', 'pairing': 'instance'}
    rows = [
        row
        for row in found['conditions']
        if row['modalities'] == ['image'] and wanted.items() <= row.items()
    ]
    assert [row['top1'] for row in rows] == right.mean(axis=1).tolist()


def test_same_seed_same_document() -> None:
    """Nothing but the seed decides."""
    again = document(measured.__wrapped__(), {'bundle': 'x', 'split': 0})
    first = measured_document()
    for key in ('subsets', 'summary', 'conditions', 'added_sensors', 'spoilt'):
        assert again[key] == first[key]


def test_with_a_text() -> None:
    """Its subsets stand apart; the headline is that of the sensors."""
    found = measured_document(text=True)
    assert found['sensors'] == list(SENSORS)
    assert len(found['with_text']) == 5 * 8
    assert all('text' in row['modalities'] for row in found['with_text'])
    assert not any('text' in row['modalities'] for row in found['subsets'])
    alone = [row for row in found['with_text'] if row['modalities'] == ['text']]
    assert all(row['top1'] > 0.9 for row in alone)


def test_without_a_learned_fusion_or_conditions() -> None:
    """What is not there is left out, and nothing fails."""
    table = sensor_table(corrupted=False)
    table = table.select(~table.nothing)
    settings = Settings(dict.fromkeys(SENSORS, 0.2), 0.1, {})
    found = document(evaluate(table, settings, Plan(resamples=200), fuser=None), {'bundle': 'x'})
    assert found['methods'] == ['mean', 'max_confidence', 'product']
    assert found['goals'] == []
    assert found['conditions'] == []
    assert found['severity'] == []
    assert found['nothing_at_all'] == []
    assert found['comparisons'] == {'instance': [], 'class': []}
    assert lines(found)


def test_printed() -> None:
    """The figures that matter, simulated data called so, and the ten worst additions."""
    text = '\n'.join(lines(measured_document()))
    assert 'simulated' in text
    assert 'missed significantly above the calibrated product' in text
    assert text.count(' to ') >= 9
    assert 'subsets with a text are absent' in text
    assert 'Adaptive fusion' in text


@pytest.mark.parametrize(
    'wrong', [{'fold': 'exam'}, {'seed': -1}, {'resamples': 5}, {'threshold': 1.5}]
)
def test_wrong_plans(wrong: dict[str, Any]) -> None:
    """One ConfigError."""
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Plan(**wrong)
