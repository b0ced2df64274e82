"""Several bags together."""

from __future__ import annotations

from typing import Any

from bag_answers import answer
import pytest

from omnibind_core.evaluation.bag.print_summary import lines
from omnibind_core.evaluation.bag.summary import summary


def counted(right: int, total: int) -> dict[str, Any]:
    """Scores of a subset: of time twice as many."""
    return {
        'right_at_things': right,
        'at_things': total,
        'time': {
            'right_at_things': 2 * right,
            'best_class_right_at_things': 2 * right + 1,
            'at_things': 2 * total,
            'top1': right / total,
        },
    }


def bag(right: int, total: int, subsets: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """A bag's document."""
    return counted(right, total) | {
        'bag': 'one',
        'evaluated': True,
        'simulated': False,
        'duration_s': 10.0,
        'recognitions': total,
        'top1': right / total,
        'best_class_top1': 1.0,
        'at_nothing': 4,
        'abstained_at_nothing': 0.25,
        'first_correct': {'recognised': 1, 'things': 2, 'median_s': 0.5},
        'latency_ms': {'total': {'p50': 1.0, 'p95': 2.0, 'p99': 3.0, 'max': 4.0}},
        'per_subset': {name: counted(*values) for name, values in subsets.items()},
    }


def test_one_bag_is_itself() -> None:
    """No interval can be told from one."""
    found = summary([bag(3, 4, {'a': (1, 4), 'a+b': (3, 4)})], [[answer(1.0, 'cup')]])
    assert (found['top1'], found['time_top1'], found['abstained_at_nothing']) == (0.75, 0.75, 0.25)
    assert found['per_subset']['a'] == {
        'bags': 1,
        'top1': 0.25,
        'time_top1': 0.25,
        'time_best_class_top1': 0.375,
    }
    assert found['latency_ms']['total']['max'] == pytest.approx(50.0)
    assert 'all_against_one' not in found


def test_bags_are_weighted_by_what_is_in_them() -> None:
    """3 of 4 and 1 of 12: 4 of 16; a subset that one bag lacks counts where it is."""
    found = summary([bag(3, 4, {'a': (1, 4), 'a+b': (3, 4)}), bag(1, 12, {'a': (5, 12)})], [[], []])
    assert found['top1'] == 0.25
    assert found['per_subset']['a']['top1'] == pytest.approx(6 / 16)
    assert found['per_subset']['a+b'] == {
        'bags': 1,
        'top1': 0.75,
        'time_top1': 0.75,
        'time_best_class_top1': 0.875,
        'time_top1_ci95': [0.75, 0.75],
    }


def test_intervals_are_over_bags_and_differences_paired() -> None:
    """All sensors are 20 points better in every bag: of that there is no doubt at all."""
    bags = [bag(n + 2, 10, {'a': (n, 10), 'b': (1, 10), 'a+b': (n + 2, 10)}) for n in (1, 3, 5, 7)]
    found = summary(bags, [[]] * 4)
    low, high = found['per_subset']['a']['time_top1_ci95']
    assert low < 0.4 < high
    rows = {row['sensor']: row for row in found['all_against_one']}
    assert rows['a']['difference'] == pytest.approx(0.2)
    assert rows['a']['ci95'] == pytest.approx([0.2, 0.2])
    assert rows['a']['p'] < 0.001
    best = {row['sensor']: row for row in found['all_against_one_best_class']}
    assert best['a']['difference'] == pytest.approx(0.2)
    assert rows['b']['ci95'][0] < rows['b']['difference'] < rows['b']['ci95'][1]


def test_bags_without_a_truth_and_bags_that_failed() -> None:
    """They are counted, but have no part in the shares."""
    broken = {'bag': 'broken', 'evaluated': False}
    untold = {'bag': 'untold', 'evaluated': True, 'duration_s': 5.0, 'top1': None}
    found = summary([broken, untold, bag(1, 2, {})], [[], [], []])
    assert (found['bags_evaluated'], found['duration_s'], found['top1']) == (2, 15.0, 0.5)
    assert summary([broken], [[]])['top1'] is None


def test_what_is_printed() -> None:
    """The headline, the best subsets and every single sensor."""
    documents = [bag(3, 4, {'a': (1, 4), 'b': (0, 4), 'a+b': (3, 4)})] * 2
    found = summary(documents, [[answer(1.0, 'cup')]] * 2)
    found |= {'bags': documents, 'realtime_factor': 7.0}
    text = '\n'.join(lines(found))
    assert '2 bags, 20 s: evaluated at 7.0 times real time' in text
    assert 'top-1 at things 75.0 %' in text
    assert '75.0 %  a+b' in text
    assert 'all sensors minus a alone: +50.0 points' in text
    failed = {'bags': [{'bag': 'broken'}], 'per_subset': {}, 'simulated': True}
    failed |= {'duration_s': 0.0, 'realtime_factor': 0.0}
    assert lines(failed)[-1] == 'broken: nothing could be evaluated'
