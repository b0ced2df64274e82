"""Recognitions beside each other, as objects of their shape."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from omnibind_ros.agreement.said_again import difference


def _stamp(nanoseconds: int) -> SimpleNamespace:
    return SimpleNamespace(sec=nanoseconds // 10**9, nanosec=nanoseconds % 10**9)


def _part(**fields: Any) -> SimpleNamespace:
    given: dict[str, Any] = {
        'sensor': 'camera',
        'modality': 'image',
        'stamp': _stamp(5),
        'held': False,
        'informative': True,
        'weight': 1.0,
        'class_id': 'cup',
        'score': 0.5,
    }
    return SimpleNamespace(**(given | fields))


def _message(**fields: Any) -> SimpleNamespace:
    given: dict[str, Any] = {
        'header': SimpleNamespace(stamp=_stamp(5)),
        'space': 's',
        'labels_id': 'l',
        'class_ids': ['cup', 'mug'],
        'scores': [0.75, 0.25],
        'calibrated': True,
        'abstained': False,
        'closed_by': 'complete',
        'window_start': _stamp(5),
        'window_end': _stamp(85),
        'contributions': [_part()],
        'missing': ['lidar'],
    }
    return SimpleNamespace(**(given | fields))


def test_the_same() -> None:
    assert difference(_message(), _message()) == ('', 0.0)
    text, largest = difference(_message(), _message(scores=[0.750005, 0.249995]))
    assert text == ''
    assert largest == pytest.approx(5e-6)


@pytest.mark.parametrize(
    ('fields', 'said'),
    [
        ({'header': SimpleNamespace(stamp=_stamp(6))}, 'stamp: 5 heard, 6 replayed'),
        ({'window_start': _stamp(4)}, 'window_start'),
        ({'window_end': _stamp(86)}, 'window_end'),
        ({'closed_by': 'timeout'}, 'closed_by: complete heard, timeout replayed'),
        ({'abstained': True}, 'abstained'),
        ({'labels_id': 'x'}, 'labels_id'),
        ({'missing': []}, "missing: ['lidar'] heard"),
        ({'class_ids': ['mug', 'cup']}, 'class_ids'),
        ({'scores': [0.7502, 0.2498]}, 'scores or weights: 0.0002 apart'),
        ({'contributions': []}, 'contributions'),
        ({'contributions': [_part(held=True)]}, 'contributions'),
        ({'contributions': [_part(stamp=_stamp(4))]}, 'contributions'),
        ({'contributions': [_part(weight=0.9)]}, 'scores or weights: 0.1 apart'),
    ],
)
def test_every_difference_is_told(fields: dict[str, Any], said: str) -> None:
    assert said in difference(_message(), _message(**fields))[0]
