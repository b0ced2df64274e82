"""What is met, what is said, what is written."""

from __future__ import annotations

import json

import pytest

from omnibind_core.evaluation.live.outcome import Outcome
from omnibind_core.evaluation.live.outcome import Target


@pytest.mark.parametrize(
    ('sign', 'found', 'met'),
    [
        ('<=', 5.0, True),
        ('<=', 5.1, False),
        ('>=', 5.0, True),
        ('>=', 4.9, False),
        ('=', 5.0, True),
        ('=', 5.1, False),
        ('<=', float('nan'), False),
        ('>=', float('nan'), False),
        ('<=', float('inf'), False),
    ],
)
def test_a_target_is_met_or_missed(sign: str, found: float, met: bool) -> None:
    target = Target('delay', found, 5.0, 'ms', sign)
    assert target.met is met
    assert target.line().endswith(': met' if met else ': MISSED')


def test_lines_and_document() -> None:
    """Figure, wanted, met; one missed target makes the scenario missed."""
    good = Target('p99', 4.25, 5.0, 'ms')
    outcome = Outcome('window', {'windows': 3}, [good], ['a note'])
    assert outcome.met
    assert outcome.lines() == ['window: p99: 4.25 ms, wanted <= 5 ms: met', 'window: a note']
    document = json.loads(json.dumps(outcome.document()))
    assert document['windows'] == 3
    assert document['met'] is True
    assert document['wanted'] == [
        {'what': 'p99', 'found': 4.25, 'sign': '<=', 'limit': 5.0, 'unit': 'ms', 'met': True}
    ]
    missed = Outcome('window', {}, [good, Target('share', 0.9, 1.0, sign='>=')])
    assert not missed.met
    assert missed.document()['met'] is False


def test_a_failure_is_said_and_not_met() -> None:
    outcome = Outcome('kill', failure='no recognition')
    assert not outcome.met
    assert outcome.lines() == ['kill: FAILED: no recognition']
    assert outcome.document() == {'wanted': [], 'met': False, 'failure': 'no recognition'}


def test_nothing_wanted_is_met() -> None:
    assert Outcome('composed').met


def test_what_is_not_finite_is_null_in_the_file() -> None:
    """Strict JSON has no infinity; a target that is missed for it says so."""
    never = Target('late by', float('inf'), 150.0, 'ms')
    document = Outcome('silence', {'late': [1.23456, float('inf')]}, [never]).document()
    assert document['late'] == [1.2346, None]
    assert (document['wanted'][0]['found'], document['wanted'][0]['met']) == (None, False)
    json.dumps(document, allow_nan=False)
