"""Paired statements about methods and sensors, against plain loops and known truths."""

from __future__ import annotations

from dataclasses import replace

from measured_table import measured
import numpy as np
import pytest

from omnibind_core.evaluation.statistics.bootstrap import Bootstrap
from omnibind_core.evaluation.subsets.comparison import added_sensors
from omnibind_core.evaluation.subsets.comparison import compare
from omnibind_core.evaluation.subsets.comparison import harm_counts
from omnibind_core.evaluation.subsets.comparison import mean_accuracy
from omnibind_core.evaluation.subsets.comparison import subset_counts

BOOTSTRAP = Bootstrap(20, 2000)


def test_mean_over_subsets() -> None:
    """The mean of the accuracies, and its draws by a plain loop over resampled instances."""
    block = measured().clean['instance']
    chosen = np.array([len(item) > 1 for item in block.subsets])
    value, draws = mean_accuracy(*subset_counts(block, 'product'), chosen, BOOTSTRAP)
    correct = block.samples['product'].correct
    assert value == pytest.approx(correct[chosen].mean(axis=1).mean())
    for number in range(3):
        times = BOOTSTRAP.weights[number].astype(int)
        rows = np.concatenate(
            [np.repeat(np.flatnonzero(block.tuples.cluster == k), times[k]) for k in range(20)]
        )
        assert draws[number] == pytest.approx(correct[chosen][:, rows].mean())
    nothing = mean_accuracy(*subset_counts(block, 'product'), chosen & False, BOOTSTRAP)
    assert np.isnan(nothing[0])


def test_equal_methods_do_not_differ() -> None:
    """A fusion that is the product: no difference from it, p = 1; Holm over all four."""
    block = measured().clean['instance']
    chosen = np.array([len(item) > 1 for item in block.subsets])
    draws = {
        name: mean_accuracy(*subset_counts(block, name), chosen, BOOTSTRAP)
        for name in block.samples
    }
    found = {item.second: item for item in compare(draws, 'af')}
    assert set(found) == {'best_single', 'mean', 'max_confidence', 'product'}
    assert found['product'].difference.value == 0.0
    assert found['product'].p_holm == 1.0
    best = found['best_single']
    assert best.difference.value > 0.05
    assert best.p_holm >= best.difference.p_two_sided
    assert best.difference.low < best.difference.value < best.difference.high


def test_a_sensor_that_is_ignored_adds_nothing() -> None:
    """Of a fusion that ignores audio: audio changes nothing, and the others are as without it."""
    block = measured(ignored=('audio',)).clean['instance']
    found = added_sensors(block, 'af', BOOTSTRAP)
    assert len(found) == 3 * (2**2 - 1)
    for item in found:
        if item.sensor == 'audio':
            assert item.difference.value == 0.0
            assert item.p_holm == 1.0
        assert item.n == 60
    values = [item.difference.value for item in found]
    assert values == sorted(values)


def test_a_harmful_sensor_is_found() -> None:
    """Answers turned wrong wherever audio takes part: significant, and nothing else is."""
    block = measured().clean['instance']
    given = block.samples['af']
    harmed = np.array(['audio' in item for item in block.subsets])
    correct = given.correct & ~harmed[:, None]
    spoilt = replace(block, samples={'af': replace(given, correct=correct)})
    found = added_sensors(spoilt, 'af', BOOTSTRAP)
    worst = {(item.subset, item.sensor) for item in found if item.p_holm <= 0.05}
    assert worst == {
        (subset, 'audio') for subset in (('image',), ('thermal',), ('image', 'thermal'))
    }


def test_a_spoilt_sensor_against_not_having_it() -> None:
    """By a plain loop over subsets and samples."""
    found = measured()
    clean = found.clean['instance']
    blocks = [item for item in found.spoilt['instance'] if item.condition == 'garbled']
    sums, counts, pairs = harm_counts(clean, blocks, 'mean', 2)
    assert len(pairs) == 3 * 2 + 3  # pairs of two sensors, and all three with each garbled
    numbers = {chosen: number for number, chosen in enumerate(clean.subsets)}
    for column, (subset, sensor) in enumerate(pairs):
        block = next(item for item in blocks if item.sensor == sensor)
        left = tuple(name for name in subset if name != sensor)
        total = 0
        for place, tuple_number in enumerate(block.chosen):
            row = block.subsets.index(subset)
            total += int(block.samples['mean'].correct[row, place])
            total -= int(clean.samples['mean'].correct[numbers[left], tuple_number])
        assert sums[:, column].sum() == total
        assert counts[:, column].sum() == 20
    assert sums.sum() < 0
    _, _, large = harm_counts(clean, blocks, 'mean', 3)
    assert {len(subset) for subset, _ in large} == {3}
    heeding = measured(ignored=('audio',))
    audio = [
        item
        for item in heeding.spoilt['instance']
        if (item.condition, item.sensor) == ('garbled', 'audio')
    ]
    sums, _, _ = harm_counts(heeding.clean['instance'], audio, 'af', 2)
    assert not sums.any()  # what is ignored cannot harm
