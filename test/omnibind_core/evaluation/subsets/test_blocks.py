"""Conditions: which reading is replaced, by what, and what that does."""

from __future__ import annotations

from measured_table import measured
from measured_table import TEMPERATURES
import numpy as np
from sensor_table import sensor_table
from sensor_table import SENSORS

from omnibind_core.evaluation.subsets.blocks import condition_blocks
from omnibind_core.evaluation.subsets.blocks import measure
from omnibind_core.evaluation.subsets.blocks import nothing_at_all
from omnibind_core.evaluation.subsets.blocks import severity_curve
from omnibind_core.evaluation.subsets.choice import all_subsets
from omnibind_core.evaluation.subsets.methods import MaxConfidence
from omnibind_core.evaluation.subsets.methods import Product
from omnibind_core.evaluation.subsets.methods import Readings
from omnibind_core.evaluation.subsets.tuples import instance_tuples
from omnibind_core.evaluation.subsets.tuples import nothing_tuples

TABLE = sensor_table()
READINGS = Readings(TABLE, {name: TEMPERATURES[name] for name in SENSORS})
TUPLES = instance_tuples(TABLE, 'test', SENSORS)
SUBSETS = all_subsets(SENSORS)


def test_one_sensor_is_replaced() -> None:
    """The garbled, corrupted or empty reading stands in its column; the others are the clean."""
    blocks = list(condition_blocks(READINGS, [Product()], TUPLES, SUBSETS, fold='test', seed=0))
    assert [(block.condition, block.sensor) for block in blocks] == [
        (condition, name) for name in SENSORS for condition in ('garbled', 'corrupted', 'nothing')
    ]
    for block in blocks:
        column = SENSORS.index(block.sensor)
        assert all(block.sensor in chosen for chosen in block.subsets)
        assert len(block.subsets) == 4
        clean = TUPLES.rows[block.chosen]
        same = np.arange(3) != column
        assert np.array_equal(block.tuples.rows[:, same], clean[:, same])
        rows = block.tuples.rows[:, column]
        if block.condition == 'nothing':
            assert len(block.tuples) == 60
            assert TABLE.nothing[rows].all()
        else:
            assert len(block.tuples) == 20  # first views only
            kind = 'garbled' if block.condition == 'garbled' else 'noise'
            assert {TABLE.corruptions[k] for k in TABLE.corruption[rows]} == {
                f'{block.sensor}:{kind}'
            }
            assert set(TABLE.severity[rows].tolist()) == {5}


def test_a_garbled_sensor_alone_is_lost() -> None:
    """It points away from its label; clean it was mostly right."""
    blocks = condition_blocks(READINGS, [Product()], TUPLES, SUBSETS, fold='test', seed=0)
    garbled = next(block for block in blocks if block.sensor == 'image')
    assert garbled.subsets[0] == ('image',)
    assert garbled.samples['product'].correct[0].mean() < 0.1
    clean = measure(READINGS, [Product()], TUPLES, SUBSETS)
    assert clean.samples['product'].correct[0].mean() > 0.7


def test_missing_members() -> None:
    """A tuple counts only for subsets all of whose members it has."""
    rows = TUPLES.rows.copy()
    rows[:10, 2] = -1
    block = measure(READINGS, [MaxConfidence()], TUPLES.replaced(2, rows[:, 2]), SUBSETS)
    valid = block.samples['max_confidence'].valid
    for number, chosen in enumerate(SUBSETS):
        assert valid[number].sum() == (50 if 'audio' in chosen else 60)


def test_mean_weights() -> None:
    """Of the learned fusion, over what was answered; they sum to 1."""
    block = measured().clean['instance']
    shares = block.weights['af']
    assert np.allclose(shares.sum(axis=1), 1.0)
    pair = block.subsets.index(('image', 'audio'))
    inverse = np.array([1 / 0.15, 0.0, 1 / 0.25])
    assert np.allclose(shares[pair], inverse / inverse.sum(), atol=1e-5)


def test_severity_curve() -> None:
    """Six points a sensor, the first of them clean; accuracy of a worse sensor is not better."""
    points = severity_curve(READINGS, [Product()], TUPLES)
    assert [(point.sensor, point.severity) for point in points] == [
        (name, severity) for name in SENSORS for severity in range(6)
    ]
    assert {point.n for point in points} == {20}
    image = [point.top1['product'] for point in points[:6]]
    first = TUPLES.select(TUPLES.view == 0)
    clean = measure(READINGS, [Product()], first, [SENSORS]).samples['product'].correct.mean()
    assert image[0] == clean
    assert image[5] < image[0]
    plain = TABLE.select(TABLE.severity < 5)
    assert severity_curve(Readings(plain, READINGS.temperatures), [Product()], TUPLES) == []


def test_nothing_at_all() -> None:
    """The share without an informative reading falls with the sensors; the threshold adds."""
    empty = nothing_tuples(TABLE, 'test', SENSORS)
    assert empty is not None
    methods = [Product(), MaxConfidence()]
    found = nothing_at_all(READINGS, methods, empty, SUBSETS, threshold=0.9)
    assert [item.subset for item in found] == SUBSETS
    informative = TABLE.informative[empty.rows]
    for item in found:
        columns = [SENSORS.index(name) for name in item.subset]
        assert item.n == 20
        assert item.abstained == (~informative[:, columns].any(axis=1)).mean()
        assert all(item.abstained <= value <= 1.0 for value in item.below.values())
    lenient = nothing_at_all(READINGS, methods, empty, SUBSETS, threshold=0.0)
    assert all(item.below['product'] == item.abstained for item in lenient)
