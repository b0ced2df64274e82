"""Tuples: deterministic, covering, and never across folds."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import pytest
from tiny_readings import records_only

from omnibind_core.data.combinations import Combinations
from omnibind_core.data.record import FOLDS
from omnibind_core.data.record import UNUSED
from omnibind_core.data.tuples import complete_views
from omnibind_core.data.tuples import Tuples
from omnibind_core.errors import ConfigError

MODALITIES = ('image', 'audio', 'touch')
TABLE = [
    (f'{label}_{number}', label, (FOLDS[number % 4], FOLDS[(number + 1) % 4]))
    for label in ('cup', 'sofa')
    for number in range(8)
]
RECORDS = records_only(TABLE, modalities=MODALITIES)


def tuples(**changes: Any) -> Tuples:
    settings: dict[str, Any] = {
        'fold': 'student',
        'split': 0,
        'pairing': 'instance',
        'combinations': Combinations(MODALITIES),
        'nothing': 0.2,
        'seed': 1,
    }
    return Tuples(RECORDS, **{**settings, **changes})


@given(
    fold=st.sampled_from(FOLDS),
    split=st.integers(0, 1),
    pairing=st.sampled_from(['instance', 'class']),
    number=st.integers(0, 10**9),
    seed=st.integers(0, 10**6),
)
def test_members_belong_together(
    fold: str, split: int, pairing: str, number: int, seed: int
) -> None:
    """One fold; one instance and view, or one class; the same every time."""
    found = tuples(fold=fold, split=split, pairing=pairing, seed=seed)[number]
    assert found == tuples(fold=fold, split=split, pairing=pairing, seed=seed)[number]
    members = {name: RECORDS[index] for name, index in found.members.items()}
    assert members
    assert all(record.modality == name for name, record in members.items())
    assert {record.folds[split] for record in members.values()} == {fold}
    real = [record for record in members.values() if not record.nothing]
    assert {record.label for record in real} == ({found.label} if real else set())
    assert bool(found.label) == bool(real)
    if pairing == 'instance':
        assert {(record.instance, record.view) for record in real} <= {
            (found.instance, record.view) for record in real[:1]
        }


def test_access_in_any_order() -> None:
    """Number i does not depend on what was asked for before."""
    forwards = list(tuples().take(50))
    ours = tuples()
    assert [ours[number] for number in reversed(range(50))] == forwards[::-1]
    assert list(tuples().take(10, start=40)) == forwards[40:]
    assert list(tuples(seed=2).take(50)) != forwards


def test_everything_comes_up() -> None:
    """All subsets, instances, views and classes of the fold; nothing at its rate."""
    drawn = list(tuples().take(3000))
    subsets = {tuple(found.members) for found in drawn}
    assert subsets == {subset for size in (1, 2, 3) for subset in combinations(MODALITIES, size)}
    used = {index for found in drawn for index in found.members.values()}
    assert used == {i for i, record in enumerate(RECORDS) if record.folds[0] == 'student'}
    flags = Counter(RECORDS[index].nothing for found in drawn for index in found.members.values())
    assert abs(flags[True] / flags.total() - 0.2) < 0.03


def test_by_class_mixes_instances() -> None:
    """Most complete tuples come from more than one instance."""
    settings = Combinations(MODALITIES, {}, (0.0, 0.0, 1.0))
    drawn = tuples(pairing='class', combinations=settings, nothing=0.0).take(200)
    mixed = [len({RECORDS[i].instance for i in found.members.values()}) > 1 for found in drawn]
    assert sum(mixed) > 100  # two instances a class: 3/4 of the triples are mixed


def test_unused_copies_take_no_part() -> None:
    """In a split where their original is no student."""
    table = [('cup_0', 'cup', ('student', 'test')), ('cup_0+1', 'cup', ('student', UNUSED))]
    records = records_only(table, modalities=('image',), nothing=0)
    for split, fold, expected in ((0, 'student', {0, 1, 2, 3}), (1, 'test', {0, 1})):
        found = Tuples(
            records,
            fold=fold,
            split=split,
            pairing='instance',
            combinations=Combinations(('image',)),
        ).take(200)
        assert {index for item in found for index in item.members.values()} == expected
    assert complete_views(records, fold='test', split=1) == [{'image': 0}, {'image': 1}]


def test_complete_views_are_each_view_once() -> None:
    """Of the fold, without readings of nothing."""
    found = complete_views(RECORDS, fold='val', split=0)
    assert len(found) == 2 * 2 * 2
    assert all(list(view) == list(MODALITIES) for view in found)
    indices = [index for view in found for index in view.values()]
    assert len(set(indices)) == len(indices)
    assert all(RECORDS[i].folds[0] == 'val' and not RECORDS[i].nothing for i in indices)


@pytest.mark.parametrize(
    'changes',
    [
        {'fold': 'train'},
        {'split': 2},
        {'split': -1},
        {'pairing': 'chance'},
        {'nothing': 1.5},
        {'combinations': Combinations(('event',))},
    ],
)
def test_unusable_settings(changes: dict[str, Any]) -> None:
    """One ConfigError, also for a fold without such readings."""
    with pytest.raises(ConfigError):
        tuples(**changes)
    with pytest.raises(IndexError):
        tuples()[-1]
