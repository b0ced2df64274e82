"""Two series of answers beside each other, counted by hand."""

from __future__ import annotations

from bag_answers import answer
from bag_answers import truth
import pytest

from omnibind_core.evaluation.bag.agreement import ABSTAINED
from omnibind_core.evaluation.bag.agreement import agreement
from omnibind_core.evaluation.bag.agreement import said
from omnibind_core.evaluation.bag.answers import Answer


def _cause(live: Answer | None, offline: Answer | None) -> str:
    return f'{said(live)}/{said(offline)}'


def test_counted_by_hand() -> None:
    """Twenty moments: a cup for a second, then nothing; an answer stands until the next one."""
    there = truth((0.0, 1.0, 'cup'), (1.0, 2.0, ''))
    live = [answer(0.0, 'cup'), answer(0.5, 'mug'), answer(1.0, '')]
    offline = [answer(0.0, 'cup'), answer(0.5, 'cup'), answer(0.8, ''), answer(1.0, '')]
    found = agreement(live, offline, there, _cause)
    assert found['samples'] == 20
    assert found['agreement'] == pytest.approx(15 / 20)
    assert found['at_things'] == pytest.approx(5 / 10)
    assert found['at_nothing'] == 1.0
    assert found['right_live'] == pytest.approx(15 / 20)
    assert found['right_offline'] == pytest.approx(18 / 20)
    assert found['one_abstains'] == 2
    assert found['differences'] == {'mug/cup': 3, f'mug/{ABSTAINED}': 2}
    assert found['live_said_offline_said'] == {'mug -> cup': 3, f'mug -> {ABSTAINED}': 2}


def test_silence_and_abstaining_are_one_class() -> None:
    """An answer of more than a second ago does not stand any more."""
    there = truth((0.0, 3.0, 'cup'))
    found = agreement([answer(0.0, '')], [], there, _cause)
    assert found['agreement'] == 1.0
    found = agreement([answer(0.0, 'cup')], [], there, _cause)
    assert found['agreement'] == pytest.approx(20 / 30)


def test_what_is_not_known_does_not_count() -> None:
    found = agreement([answer(5.0, 'cup')], [answer(5.0, 'mug')], truth((0.0, 1.0, '')), _cause)
    assert (found['samples'], found['agreement'], found['at_things']) == (10, 1.0, None)
    assert agreement([], [], truth(), _cause)['agreement'] is None
