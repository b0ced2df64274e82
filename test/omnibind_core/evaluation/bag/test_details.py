"""Classes, confusion, calibration, sensors and latency, by hand."""

from __future__ import annotations

from bag_answers import answer
from bag_answers import at
from bag_answers import part
from bag_answers import truth
import pytest

from omnibind_core.evaluation.bag import details

TRUTH = truth((0.0, 1.0, ''), (1.0, 2.0, 'cup'), (2.0, 3.0, 'sofa'))
ANSWERS = [
    answer(0.2, '', reason='nothing_to_sense', parts={'camera': part('', informative=False)}),
    answer(0.7, 'lamp'),
    answer(1.1, 'sofa', score=0.6),
    answer(1.5, 'cup', score=0.9),
    answer(2.2, '', score=0.3),
    answer(2.6, 'sofa', score=0.9),
]


def test_classes() -> None:
    """And what was said instead, the most frequent first."""
    found = details.per_class(ANSWERS, TRUTH)
    assert found['cup'] == {'recognitions': 2, 'top1': 0.5, 'instead': {'sofa': 1}}
    assert found['sofa'] == {'recognitions': 2, 'top1': 0.5, 'instead': {'(abstained)': 1}}


def test_confusion_holds_every_recognition_once() -> None:
    """Rows: the truth with nothing; columns: what was said, classes that never are there last."""
    found = details.confusion(ANSWERS, TRUTH)
    assert found['truth'] == ['cup', 'sofa', '(nothing)']
    assert found['said'] == ['cup', 'sofa', 'lamp', '(abstained)']
    assert found['counts'] == [[1, 1, 0, 0], [0, 1, 0, 1], [0, 0, 1, 1]]


def test_calibration() -> None:
    """Four recognitions at things: 0.3 wrong, 0.6 wrong, 0.9 right twice: (0.3+0.6+0.2)/4."""
    found = details.calibration(ANSWERS, TRUTH)
    assert found is not None
    assert found['recognitions'] == 4
    assert found['ece'] == pytest.approx((0.3 + 0.6 + 2 * 0.1) / 4)
    assert sum(found['count']) == 4
    assert details.calibration(ANSWERS[:2], TRUTH) is None


def test_abstention_and_its_reasons() -> None:
    """Apart where nothing is there, where a thing is, and where nobody knows."""
    found = details.abstention([*ANSWERS, answer(9.0, '')], TRUTH)
    assert found['at_nothing'] == {
        'recognitions': 2,
        'abstained': 0.5,
        'reasons': {'nothing_to_sense': 1},
    }
    assert found['at_things']['abstained'] == 0.25
    assert found['unknown']['recognitions'] == 1
    assert list(details.abstention(ANSWERS, None)) == ['unknown']


def test_sensors() -> None:
    """The lidar is fresh once, held once and missing twice; alone it was right once of once."""
    answers = [
        answer(1.1, 'cup', missing=('lidar',)),
        answer(1.2, 'cup', parts={'camera': part(), 'lidar': part('cup', weight=0.25)}),
        answer(1.3, 'cup', parts={'camera': part(), 'lidar': part('x', weight=0.75, held=True)}),
        answer(1.4, 'cup', missing=('lidar',), states={'camera': 'periodic', 'lidar': 'lost'}),
    ]
    lidar = details.per_sensor(answers, TRUTH)['lidar']
    assert (lidar['fresh'], lidar['held'], lidar['missing']) == (0.25, 0.25, 0.5)
    assert lidar['mean_weight'] == 0.5
    assert (lidar['alone_judged'], lidar['alone_top1']) == (1, 1.0)
    assert lidar['states'] == {'lost': 0.25}
    assert details.per_sensor(answers, None)['lidar']['alone_top1'] is None


def test_latency() -> None:
    """Milliseconds from the stamp; unknown waits are left out."""
    answers = [
        answer(1.0, 'cup', said=at(1.0) + 10_000_000, added=None),
        answer(2.0, 'cup', said=at(2.0) + 30_000_000, added=4_000_000),
    ]
    found = details.latency(answers)
    assert found['total'] == pytest.approx({'p50': 20.0, 'p95': 29.0, 'p99': 29.8, 'max': 30.0})
    assert found['added_by_window']['max'] == 4.0
    assert details.latency([]) == {'total': None, 'added_by_window': None}
