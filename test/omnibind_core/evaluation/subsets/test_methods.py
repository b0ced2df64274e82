"""All ways of fusing, vectorised, against the product's functions one sample at a time."""

from __future__ import annotations

from dataclasses import replace

from fusers import ProductFuser
import numpy as np
import pytest
from sensor_table import sensor_table
from sensor_table import SENSORS

from omnibind_core.errors import ConfigError
from omnibind_core.evaluation.subsets.choice import all_subsets
from omnibind_core.evaluation.subsets.choice import membership
from omnibind_core.evaluation.subsets.methods import BestSingle
from omnibind_core.evaluation.subsets.methods import Learned
from omnibind_core.evaluation.subsets.methods import MaxConfidence
from omnibind_core.evaluation.subsets.methods import Mean
from omnibind_core.evaluation.subsets.methods import Method
from omnibind_core.evaluation.subsets.methods import Product
from omnibind_core.evaluation.subsets.methods import Readings
from omnibind_core.evaluation.subsets.tuples import instance_tuples
from omnibind_core.inference.classification import posterior
from omnibind_core.inference.classification import product_of_posteriors
from omnibind_core.inference.mean_fusion import mean_fusion

TEMPERATURES = {'image': 0.2, 'thermal': 0.3, 'audio': 0.45}
ACCURACY = {'image': 0.6, 'thermal': 0.8, 'audio': 0.3}
SUBSETS = all_subsets(SENSORS)
MEMBERS = membership(SUBSETS, SENSORS)


@pytest.fixture(scope='module')
def readings() -> Readings:
    """A table in which every fifth reading is uninformative and holds another vector."""
    table = sensor_table(corrupted=False)
    dull = np.random.default_rng(1).random(len(table)) < 0.2
    return Readings(replace(table, informative=~dull), TEMPERATURES)


def expected(name: str, readings: Readings, rows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The posterior of one tuple and subset, by the product's own functions."""
    table = readings.table
    mask = chosen & table.informative[rows]
    each = np.array([TEMPERATURES[sensor] for sensor in SENSORS])
    cosines = table.vectors[rows].astype(float) @ table.labels.T.astype(float)
    if not mask.any():
        return np.full(cosines.shape[1], 1.0 / cosines.shape[1])
    if name in ('product', 'af'):
        return product_of_posteriors(cosines, each, mask)
    if name == 'mean':
        output = mean_fusion(table.vectors[rows], mask, table.labels)
        return posterior(output.logits, 0.1)
    alone = posterior(cosines, each)
    order = np.array([ACCURACY[s] for s in SENSORS]) if name == 'best_single' else alone.max(axis=1)
    return alone[int(np.where(mask, order, -1.0).argmax())]


@pytest.mark.parametrize(
    'method',
    [
        BestSingle(ACCURACY),
        Mean(0.1),
        MaxConfidence(),
        Product(),
        Learned(ProductFuser(TEMPERATURES)),
    ],
    ids=lambda method: method.name,
)
def test_as_one_at_a_time(readings: Readings, method: Method) -> None:
    """Every subset of every tuple; a fuser that is the product gives the product."""
    tuples = instance_tuples(readings.table, 'test', SENSORS)
    outcome = method.fuse(readings, tuples, MEMBERS)
    assert outcome.logs.shape == (7, 60, 5)
    assert np.allclose(np.exp(outcome.logs).sum(axis=2), 1.0)
    empty = 0
    for s in range(7):
        for t in range(60):
            wanted = expected(method.name, readings, tuples.rows[t], MEMBERS[s])
            assert np.abs(np.exp(outcome.logs[s, t]) - wanted).max() < 3e-5, (s, t)
            empty += np.allclose(wanted, 0.2)
    assert empty > 10  # subsets in which nothing is informative do occur
    if outcome.weights is not None:
        total = outcome.weights.sum(axis=2)
        mask = MEMBERS[:, None] & readings.table.informative[tuples.rows]
        assert np.allclose(total, mask.any(axis=2), atol=1e-5)
        assert (outcome.weights[~mask] == 0).all()


@pytest.mark.parametrize(
    'method',
    [BestSingle(ACCURACY), Mean(0.1), MaxConfidence(), Product()],
    ids=lambda method: method.name,
)
def test_masked_readings_are_never_read(readings: Readings, method: Method) -> None:
    """Other vectors in their place, and absent members: the same answers."""
    table = readings.table
    tuples = instance_tuples(table, 'test', SENSORS)
    before = method.fuse(readings, tuples, MEMBERS).logs
    other = table.vectors.copy()
    other[~table.informative] = other[0]
    changed = method.fuse(Readings(replace(table, vectors=other), TEMPERATURES), tuples, MEMBERS)
    assert np.array_equal(before, changed.logs)
    gone = np.where(table.informative[tuples.rows], tuples.rows, -1)
    absent = method.fuse(readings, replace(tuples, rows=gone), MEMBERS)
    assert np.allclose(before, absent.logs, rtol=0, atol=1e-12)


def test_a_modality_without_a_temperature() -> None:
    """Refused, by name."""
    with pytest.raises(ConfigError, match='audio'):
        Readings(sensor_table(), {'image': 0.1, 'thermal': 0.1})


def test_large_batches_are_split(readings: Readings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The learned fusion in several runs gives the same."""
    from omnibind_core.evaluation.subsets import methods

    tuples = instance_tuples(readings.table, 'test', SENSORS)
    fuser = ProductFuser(TEMPERATURES)
    whole = Learned(fuser).fuse(readings, tuples, MEMBERS)
    calls = fuser.calls
    monkeypatch.setattr(methods, '_BATCH', 16)
    parts = Learned(fuser).fuse(readings, tuples, MEMBERS)
    assert fuser.calls - calls > calls
    assert np.allclose(whole.logs, parts.logs, atol=1e-6)
    assert whole.weights is not None and parts.weights is not None
    assert np.allclose(whole.weights, parts.weights, atol=1e-6)
