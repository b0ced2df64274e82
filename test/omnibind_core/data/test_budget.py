"""Budgets: exact, nested, balanced, and only for students."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
import pytest
from tiny_readings import records_only

from omnibind_core.data.budget import within_budget
from omnibind_core.data.record import FOLDS
from omnibind_core.data.record import Record
from omnibind_core.data.record import UNUSED
from omnibind_core.errors import ConfigError

TABLE = [
    (f'{label}_{number}', label, (FOLDS[number % 4],))
    for label, size in (('cup', 12), ('sofa', 8), ('bed', 4))
    for number in range(size)
]
RECORDS = records_only(TABLE, modalities=('image', 'audio'), views=3, nothing=2)


def students(records: tuple[Record, ...], modality: str, nothing: bool = False) -> list[Record]:
    return [
        record
        for record in records
        if record.folds[0] == 'student'
        and record.modality == modality
        and record.nothing == nothing
    ]


@given(image=st.integers(0, 30), audio=st.integers(0, 30), seed=st.integers(0, 50))
def test_exact_and_nested(image: int, audio: int, seed: int) -> None:
    """Exactly the budget; more keeps what less kept; the other folds are untouched."""
    kept = within_budget(RECORDS, {'image': image, 'audio': audio}, split=0, seed=seed)
    available = len(students(RECORDS, 'image'))
    assert available == 18
    assert len(students(kept, 'image')) == min(image, available)
    assert len(students(kept, 'audio')) == min(audio, available)
    assert [record for record in kept if record.folds[0] != 'student'] == [
        record for record in RECORDS if record.folds[0] != 'student'
    ]
    assert kept == within_budget(RECORDS, {'image': image, 'audio': audio}, split=0, seed=seed)
    more = within_budget(RECORDS, {'image': image + 3, 'audio': audio}, split=0, seed=seed)
    assert set(kept) <= set(more)
    empty = len(students(kept, 'image', nothing=True))
    assert empty == -(-12 * min(image, available) // available)
    assert list(kept) == [record for record in RECORDS if record in set(kept)]


def test_classes_are_spread_evenly() -> None:
    """Nine of 9 + 6 + 3 are three of each; the seed says which."""
    kept = within_budget(RECORDS, {'image': 9}, split=0, seed=0)
    assert Counter(record.label for record in students(kept, 'image')) == {
        'cup': 3,
        'sofa': 3,
        'bed': 3,
    }
    other = within_budget(RECORDS, {'image': 9}, split=0, seed=1)
    assert students(kept, 'image') != students(other, 'image')
    assert students(kept, 'audio') == students(RECORDS, 'audio')


def test_copies_are_students_like_others() -> None:
    """Taken at their share; what a split does not use is left out of it."""
    copies = tuple(
        replace(
            record,
            path=f'c/{record.path}',
            instance=f'{record.instance}+1',
            copy_of=record.instance,
            folds=('student' if record.folds[0] == 'student' else UNUSED,),
        )
        for record in RECORDS
    )
    shares = []
    for seed in range(40):
        kept = within_budget((*copies, *RECORDS), {'image': 18}, split=0, seed=seed)
        assert not any(record.folds[0] == UNUSED for record in kept)
        taken = students(kept, 'image')
        assert len(taken) == 18
        shares.append(sum(bool(record.copy_of) for record in taken) / 18)
    assert abs(sum(shares) / 40 - 0.5) < 0.08
    kept = within_budget((*copies, *RECORDS), {'image': 100}, split=0, seed=0)
    assert Counter(bool(record.copy_of) for record in students(kept, 'image')) == {
        False: 18,
        True: 18,
    }


@pytest.mark.parametrize(
    ('budgets', 'split'), [({'smell': 1}, 0), ({'image': -1}, 0), ({}, 1), ({}, -1)]
)
def test_unusable_settings(budgets: dict[str, int], split: int) -> None:
    """One ConfigError."""
    with pytest.raises(ConfigError):
        within_budget(RECORDS, budgets, split=split, seed=0)
