from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
import pytest

from omnibind_core.simulation.curation import Instance
from omnibind_core.simulation.errors import CurationError
from omnibind_core.simulation.folds import fold_counts
from omnibind_core.simulation.folds import FOLDS
from omnibind_core.simulation.folds import FoldSizes
from omnibind_core.simulation.folds import SEEDS
from omnibind_core.simulation.folds import split


def instances(class_id: str, group_sizes: list[int]) -> list[Instance]:
    """A class of groups of these sizes."""
    return [
        Instance(f'{class_id}_{group}_{member}', class_id, 'name', f'{class_id}_{group}')
        for group, size in enumerate(group_sizes)
        for member in range(size)
    ]


GROUPS = st.lists(st.sampled_from([1, 1, 1, 1, 2, 3, 5]), min_size=1, max_size=30)


@given(st.lists(GROUPS, min_size=1, max_size=4), st.integers(0, 2**31))
def test_folds_are_whole_seeded_and_large_enough(classes: list[list[int]], seed: int) -> None:
    listed = [
        item for number, groups in enumerate(classes) for item in instances(f'c{number}', groups)
    ]
    sizes = FoldSizes()
    try:
        folds = split(listed, seed, sizes)
    except CurationError as error:
        assert 'cannot be split' in str(error)
        return
    # Every instance in exactly one fold, groups undivided, minima kept, and the same again.
    assert list(folds) == [item.model_id for item in listed]
    assert set(folds.values()) <= set(FOLDS)
    for group in {item.group for item in listed}:
        assert len({folds[item.model_id] for item in listed if item.group == group}) == 1
    for row in fold_counts(listed, folds).values():
        for fold, minimum in sizes.minimum().items():
            assert row[fold] >= minimum
    assert split(listed, seed, sizes) == folds


@given(st.integers(8, 60), st.integers(0, 2**31))
def test_without_groups_the_targets_are_met_exactly(count: int, seed: int) -> None:
    listed = instances('chair', [1] * count)
    row = fold_counts(listed, split(listed, seed))['chair']
    assert row == FoldSizes().target(count)
    assert row['test'] == max(3, round(0.25 * count))
    assert sum(row.values()) == count


def test_eight_instances_are_enough() -> None:
    listed = instances('stool', [1] * 8)
    assert fold_counts(listed, split(listed, 0)) == {
        'stool': {'student': 2, 'fusion': 2, 'val': 1, 'test': 3}
    }


def test_seeds_differ_and_every_instance_is_tested_by_some() -> None:
    listed = instances('chair', [1] * 12)
    splits = [split(listed, seed) for seed in SEEDS]
    assert len({tuple(sorted(folds.items())) for folds in splits}) == 3
    tested = Counter(
        model for seed in range(60) for model, fold in split(listed, seed).items() if fold == 'test'
    )
    assert set(tested) == {item.model_id for item in listed}
    assert max(tested.values()) < 30


def test_a_class_is_split_the_same_whatever_other_classes_there_are() -> None:
    chairs, tables = instances('chair', [1] * 12), instances('table', [2, 3] + [1] * 9)
    alone = split(chairs, 5)
    both = split([*tables, *chairs], 5)
    assert {model: both[model] for model in alone} == alone


def test_the_order_of_the_instances_does_not_matter() -> None:
    listed = instances('chair', [1, 2, 1, 1, 3, 1, 1, 1, 2])
    assert split(listed[::-1], 3) == split(listed, 3)


def test_large_groups_are_repaired_around() -> None:
    listed = instances('door', [5, 5, 1, 1, 1, 1])
    for seed in range(20):
        row = fold_counts(listed, split(listed, seed))['door']
        assert row['test'] >= 3
        assert row['fusion'] >= 2
        assert row['val'] >= 1
        assert row['student'] >= 2


@pytest.mark.parametrize('groups', [[1] * 7, [8], [4, 4], [3, 3, 1, 1]])
def test_what_cannot_be_split_says_why(groups: list[int]) -> None:
    with pytest.raises(CurationError, match=f"class 'x' cannot be split: {sum(groups)} instances"):
        split(instances('x', groups), 0)


def test_an_instance_listed_twice() -> None:
    listed = instances('chair', [1] * 9)
    with pytest.raises(CurationError, match='listed twice'):
        split([*listed, listed[0]], 0)
