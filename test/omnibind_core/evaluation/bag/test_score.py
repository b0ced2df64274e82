"""Scores against figures computed by hand."""

from __future__ import annotations

from bag_answers import answer
from bag_answers import at
from bag_answers import truth
import pytest

from omnibind_core.evaluation.bag.score import sampled
from omnibind_core.evaluation.bag.score import score

TRUTH = truth((0.0, 1.0, ''), (1.0, 2.0, 'cup'), (2.0, 3.0, 'sofa'))


def test_recognitions_by_hand() -> None:
    """Four at things: one right, one wrong, one right, one abstains; two at nothing."""
    found = score(
        [
            answer(0.2, ''),
            answer(0.7, 'cup'),
            answer(1.1, 'sofa'),
            answer(1.5, 'cup'),
            answer(2.2, ''),
            answer(2.6, 'sofa'),
            answer(3.5, 'sofa'),  # nobody knows what is there
        ],
        TRUTH,
    )
    assert found['recognitions'] == 7
    assert (found['at_things'], found['right_at_things']) == (4, 2)
    assert found['top1'] == 0.5
    assert found['answered'] == 0.75
    assert found['top1_answered'] == pytest.approx(2 / 3)
    assert found['best_class_top1'] == 0.5  # the abstention would have been `cup`, at the sofa
    assert (found['at_nothing'], found['abstained_at_nothing']) == (2, 0.5)


def test_the_first_correct_recognition_counts_its_latency() -> None:
    """0.5 s after the cup came, and 50 ms until it was said; the sofa is never named."""
    found = score([answer(1.1, 'sofa'), answer(1.5, 'cup'), answer(2.5, 'cup')], TRUTH)
    first = found['first_correct']
    assert (first['things'], first['recognised']) == (2, 1)
    assert first['each_s'] == [pytest.approx(0.55), None]
    assert first['median_s'] == first['longest_s'] == pytest.approx(0.55)


def test_time_is_sampled_ten_times_a_second() -> None:
    """By hand: `cup` from 1.25 stands until 2.2; 13 samples of it, 7 of them at the cup."""
    said = [*sampled([answer(1.25, 'cup')], TRUTH)]
    assert len(said) == 30
    standing = [time for time, _, one in said if one is not None]
    assert standing == [at(1.3 + 0.1 * n) for n in range(10)]
    found = score([answer(1.25, 'cup')], TRUTH)['time']
    assert (found['samples'], found['at_things'], found['right_at_things']) == (30, 20, 7)
    assert found['top1'] == pytest.approx(0.35)
    assert found['abstained_at_nothing'] == 1.0
    assert found['right'] == pytest.approx((7 + 10) / 30)
    assert found['without_answer'] == pytest.approx(20 / 30)


def test_an_abstention_counts_as_silence() -> None:
    """It takes the word back, too."""
    found = score([answer(1.0, 'cup'), answer(1.35, '')], TRUTH)['time']
    assert found['right_at_things'] == 4
    assert found['best_class_right_at_things'] == 10  # it would have said `cup` all the same


def test_no_answers_and_no_truth() -> None:
    """Shares of nothing are None, not 0."""
    found = score([], TRUTH)
    assert (found['recognitions'], found['top1'], found['answered']) == (0, None, None)
    assert found['time']['top1'] == 0.0  # a robot that says nothing is never right
    assert found['first_correct']['median_s'] is None
    empty = score([answer(1.0, 'cup')], truth())
    assert (empty['at_things'], empty['top1'], empty['time']['top1']) == (0, None, None)
