"""What was there when."""

from __future__ import annotations

from pathlib import Path

from bag_answers import at
from bag_answers import truth
import pytest

from omnibind_core.evaluation.bag.truth import read_truth
from omnibind_core.evaluation.bag.truth import truth_from_changes
from omnibind_core.evaluation.bag.truth import TruthError


def test_a_moment_is_in_one_interval_or_unknown() -> None:
    """The begin belongs to it, the end does not."""
    one = truth((2.0, 3.0, ''), (1.0, 2.0, 'cup'))
    times = (0.9, 1.0, 1.999, 2.0, 3.0)
    assert [one.at(at(time)) for time in times] == [None, 'cup', 'cup', '', None]
    assert one.class_ids == ('cup',)


def test_intervals_that_overlap_are_refused() -> None:
    """With both of them."""
    with pytest.raises(TruthError, match=r"'cup' until .* and 'nothing' from .* overlap"):
        truth((1.0, 2.0, 'cup'), (1.5, 3.0, ''))


def test_a_change_holds_until_the_next() -> None:
    """The last one until the end; of two at one time the later word counts."""
    one = truth_from_changes([(30, ''), (10, 'sofa'), (10, 'cup')], 50)
    assert [(item.begin, item.end, item.class_id) for item in one.intervals] == [
        (10, 30, 'cup'),
        (30, 50, ''),
    ]
    assert truth_from_changes([(60, 'cup')], 50).at(60) == 'cup'


def test_it_is_cut_to_a_bag() -> None:
    """What was latched before counts from the begin on."""
    cut = truth((1.0, 4.0, 'cup'), (4.0, 6.0, ''), (7.0, 8.0, 'cup')).within(at(2.0), at(5.0))
    assert [(item.begin, item.end) for item in cut.intervals] == [
        (at(2.0), at(4.0)),
        (at(4.0), at(5.0)),
    ]


@pytest.mark.parametrize(
    'text',
    [
        'begin_ns,end_ns,class_id,instance\n1000,2000,cup,one\n2000,3000,,\n',
        'class_id,begin_s,end_s\ncup,0.0000009,0.0000019\n\n,0.0000019,0.0000029\n',
    ],
)
def test_a_table_in_both_units(tmp_path: Path, text: str) -> None:
    """Nanoseconds of ROS time, or seconds from the begin of the bag."""
    path = tmp_path / 'truth.csv'
    path.write_text(text)
    found = read_truth(path, begin=100)
    assert [(one.begin, one.end, one.class_id) for one in found.intervals] == [
        (1000, 2000, 'cup'),
        (2000, 3000, ''),
    ]


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('begin,end,class_id\n', r'must name begin_ns, end_ns and class_id'),
        ('', r'must name begin_ns'),
        ('begin_ns,end_ns,class_id\n', 'no interval'),
        ('begin_ns,end_ns,class_id\n1,x,cup\n', 'line 2: begin and end must be numbers'),
        ('begin_ns,end_ns,class_id\n1,2\n', 'line 2'),
        ('begin_ns,end_ns,class_id\n1,2,a\n2,2,b\n', 'line 3: the end must lie after'),
        ('begin_s,end_s,class_id\n0,inf,a\n', 'line 2'),
        ('begin_ns,end_ns,class_id\n1,5,a\n2,8,b\n', 'overlap'),
    ],
)
def test_a_table_that_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    """One sentence with the file and the line."""
    path = tmp_path / 'truth.csv'
    path.write_text(text)
    with pytest.raises(TruthError, match=said) as caught:
        read_truth(path, begin=0)
    assert str(path) in str(caught.value)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(TruthError, match=r'none\.csv cannot be read'):
        read_truth(tmp_path / 'none.csv', begin=0)
