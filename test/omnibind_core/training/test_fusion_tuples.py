from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from simulated_embeddings import MODALITIES
from simulated_embeddings import simulate
from simulated_embeddings import Simulated

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.embedding_table import TableError
from omnibind_core.data.record import FOLDS
from omnibind_core.errors import ConfigError
from omnibind_core.training.fusion_mix import FusionMix
from omnibind_core.training.fusion_tuples import FusionBatch
from omnibind_core.training.fusion_tuples import FusionTuples
from omnibind_core.training.grouped_rows import GroupedRows

CLEAN = FusionMix(by_class=0.0, several=0.0, nothing_only=0.0, troubled=0.0, unknown=0.0)


@cache
def table() -> EmbeddingTable:
    return simulate(Simulated(classes=6, dimension=16, views=4, instances=(4, 2, 2)))


def drawn(mix: FusionMix, count: int = 3000, seed: int = 0) -> tuple[EmbeddingTable, FusionBatch]:
    tuples = FusionTuples(table(), 'fusion', mix)
    return tuples.table, tuples.draw(np.random.default_rng(seed), count)


def test_rows_by_group() -> None:
    groups = GroupedRows(np.array([2, 0, 2, 2]), np.array([10, 11, 12, 13]), 4)
    found = groups.draw(np.random.default_rng(0), np.repeat([[0, 1, 2, 3]], 3000, axis=0))
    assert set(found[:, 0]) == {11}
    assert set(found[:, 1]) == set(found[:, 3]) == {-1}
    values, counts = np.unique(found[:, 2], return_counts=True)
    assert values.tolist() == [10, 12, 13]
    assert counts.min() > 900


def test_clean_tuples_are_views_of_one_thing() -> None:
    of, batch = drawn(CLEAN)
    taken = batch.mask
    assert (of.fold == FOLDS.index('fusion')).all()
    for column in ('instance', 'view', 'label', 'corruption', 'severity'):
        values = np.where(taken, getattr(of, column)[batch.rows], -9)
        first = values.max(axis=1, keepdims=True)
        assert (values[taken] == np.broadcast_to(first, values.shape)[taken]).all(), column
    assert (of.instance[batch.rows][taken] == np.repeat(batch.instance, taken.sum(1))).all()
    assert (of.modality[batch.rows][taken] == batch.modality[taken]).all()
    assert (batch.age == 0.0).all()
    sizes = np.bincount(taken.sum(axis=1), minlength=7)
    assert sizes[0] == 0
    assert sizes[1:].min() > 0.8 * len(taken) / 6  # evenly over sizes
    assert np.bincount(batch.label).min() > 0.8 * len(taken) / 6  # and over classes


def test_sizes_and_weights_are_those_of_the_combinations() -> None:
    sizes = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    _, batch = drawn(replace(CLEAN, sizes=sizes, weights={'touch': 0.0}))
    assert (batch.mask.sum(axis=1) == 2).all()
    assert MODALITIES.index('touch') not in batch.modality[batch.mask]


def test_tuples_by_class() -> None:
    of, batch = drawn(replace(CLEAN, by_class=1.0))
    labels = of.label[batch.rows]
    assert (labels[batch.mask] == np.repeat(batch.label, batch.mask.sum(axis=1))).all()
    several = batch.mask.sum(axis=1) > 3
    instances = np.where(batch.mask, of.instance[batch.rows], -1)[several]
    assert np.mean([len(set(row) - {-1}) > 1 for row in instances]) > 0.8


def test_several_sensors_of_one_modality() -> None:
    of, batch = drawn(replace(CLEAN, several=1.0))
    extra = batch.mask[:, len(MODALITIES) :]
    assert extra[:, 0].all()
    assert 0.25 < extra[:, 1].mean() < 0.42
    for row in range(200):
        kinds = batch.modality[row][batch.mask[row]].tolist()
        assert max(kinds.count(kind) for kind in kinds) == 1 + extra[row].sum()
    assert (of.instance[batch.rows[:, 6]] == batch.instance).all()


def test_corrupted_readings_are_of_the_same_reading() -> None:
    of, batch = drawn(replace(CLEAN, troubled=1.0, corrupted=1.0, nothing=0.0, stale=0.0))
    rows = batch.rows[batch.mask]
    assert (of.corruption[rows] > 0).all()
    assert set(of.severity[rows]) == {1, 3, 5}
    assert (of.instance[rows] == np.repeat(batch.instance, batch.mask.sum(axis=1))).all()
    views = np.where(batch.mask, of.view[batch.rows], -1)
    assert all(len(set(row) - {-1}) == 1 for row in views)


def test_where_a_reading_has_no_corrupted_row_one_of_its_instance_stands_in() -> None:
    whole = table()
    kept = whole.select((whole.corruption == 0) | (whole.view == 0))
    mix = replace(CLEAN, troubled=1.0, corrupted=1.0, nothing=0.0, stale=0.0)
    tuples = FusionTuples(kept, 'fusion', mix)
    batch = tuples.draw(np.random.default_rng(0), 500)
    rows = batch.rows[batch.mask]
    assert (tuples.table.corruption[rows] > 0).all()
    owners = np.repeat(batch.instance, batch.mask.sum(axis=1))
    assert (tuples.table.instance[rows] == owners).all()


def test_readings_of_nothing_are_masked_where_preprocessing_sees_it() -> None:
    of, batch = drawn(replace(CLEAN, troubled=1.0, corrupted=0.0, nothing=0.5, stale=0.0))
    empty = of.nothing[batch.rows]
    assert empty[batch.mask].any()  # some look as if there was something
    assert (of.informative[batch.rows[batch.mask]]).all()
    lone = (batch.label == -1) & batch.mask.any(axis=1)
    assert lone.any()
    assert all(empty[row][batch.mask[row]].all() for row in np.flatnonzero(lone))
    named = batch.label >= 0
    senses = (batch.mask & ~empty).any(axis=1)
    assert senses[named].mean() > 0.9


def test_nothing_only() -> None:
    of, batch = drawn(replace(CLEAN, nothing_only=0.5))
    nothing = batch.label == -1
    assert 0.45 < nothing.mean() < 0.55
    assert of.nothing[batch.rows[nothing]][batch.mask[nothing]].all()
    assert not of.nothing[batch.rows[~nothing]][batch.mask[~nothing]].any()


def test_stale_vectors_are_older_and_of_another_view_or_thing() -> None:
    mix = replace(CLEAN, troubled=1.0, corrupted=0.0, nothing=0.0, stale=0.5, oldest=2.0)
    of, batch = drawn(mix)
    stale = batch.mask & (batch.age > 0.0)
    assert 0.45 < stale.sum() / batch.mask.sum() < 0.55
    assert 1.8 < batch.age[stale].max() <= 2.0
    same = of.instance[batch.rows] == batch.instance[:, None]
    assert same[batch.mask & ~stale].all()
    assert 0.45 < same[stale].mean() < 0.6  # half, and by chance a few more


def test_hidden_modalities() -> None:
    _, batch = drawn(replace(CLEAN, unknown=0.2))
    assert 0.17 < (batch.modality[batch.mask] == -1).mean() < 0.23


def test_same_seed_same_tuples() -> None:
    first, second, other = (drawn(FusionMix(), 50, seed)[1] for seed in (1, 1, 2))
    for name in ('rows', 'modality', 'mask', 'age', 'label', 'instance'):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    assert not np.array_equal(first.rows, other.rows)


def test_a_view_may_lack_sensors() -> None:
    whole = table()
    lacking = (whole.modality == 2) & (whole.view > 0)
    tuples = FusionTuples(whole.select(~lacking), 'fusion', CLEAN)
    batch = tuples.draw(np.random.default_rng(0), 500)
    events = batch.mask & (batch.modality == 2)
    assert (tuples.table.view[batch.rows[events]] == 0).all()
    assert batch.mask.any(axis=1).all()


def test_an_empty_fold_is_refused() -> None:
    whole = table()
    with pytest.raises(TableError, match="no clean reading in the fold 'val'"):
        FusionTuples(whole.in_fold('fusion'), 'val', CLEAN)


def test_troubles_are_at_most_everything() -> None:
    with pytest.raises(ConfigError, match=r'1\.2 together'):
        FusionMix(corrupted=0.6, nothing=0.3, stale=0.3)
