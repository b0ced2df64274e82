"""The class table in the repository, as far as it can be checked without the models."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from omnibind_core.simulation.catalogue import snake_case
from omnibind_core.simulation.class_table import ClassTable
from omnibind_core.simulation.class_table import read_class_table
from omnibind_core.simulation.curation import MINIMUM
from omnibind_core.simulation.curation import read_pairs
from omnibind_core.simulation.geometry_hash import DUPLICATE
from omnibind_core.simulation.geometry_hash import SIBLING

CONFIG = Path(__file__).resolve().parents[3] / 'config'


@pytest.fixture(scope='module')
def table() -> ClassTable:
    return read_class_table(
        CONFIG / 'omnihome_classes.csv', CONFIG / 'omnihome_class_definitions.csv'
    )


def test_every_model_of_the_catalogue_has_a_row(table: ClassTable) -> None:
    assert len(table.rows) == 820
    assert all(snake_case(model) == model for model in table.rows)


def test_classes_are_many_and_large_enough_without_duplicates(table: ClassTable) -> None:
    copies = {
        pair.second
        for pair in read_pairs(CONFIG / 'omnihome_similar.csv')
        if pair.distance <= DUPLICATE
        and table.rows[pair.first].class_id == table.rows[pair.second].class_id
    }
    counts = Counter(
        row.class_id for row in table.rows.values() if row.class_id and row.model_id not in copies
    )
    assert set(counts) == set(table.definitions)
    assert len(counts) >= 16
    assert min(counts.values()) >= MINIMUM


def test_kinds_left_out_as_too_few_are_too_few(table: ClassTable) -> None:
    kinds = Counter(row.notes for row in table.rows.values() if row.reason == 'too_few')
    assert max(kinds.values()) < MINIMUM
    assert '' not in kinds


def test_a_series_has_members_within_one_class(table: ClassTable) -> None:
    members: dict[str, list[str]] = {}
    for row in table.rows.values():
        if row.series:
            members.setdefault(row.series, []).append(row.class_id)
    assert all(len(classes) > 1 for classes in members.values())
    assert all(len(set(classes)) == 1 for classes in members.values())
    assert '' not in {class_id for classes in members.values() for class_id in classes}


def test_similar_pairs_name_models_of_the_table(table: ClassTable) -> None:
    pairs = read_pairs(CONFIG / 'omnihome_similar.csv')
    assert pairs
    assert {pair.first for pair in pairs} | {pair.second for pair in pairs} <= set(table.rows)
    assert all(pair.distance <= SIBLING for pair in pairs)
    assert len({frozenset((pair.first, pair.second)) for pair in pairs}) == len(pairs)


@pytest.mark.parametrize(
    ('model', 'class_id'),
    [
        ('blend_swap_cc_by_table_tennis_bat', ''),
        ('blend_swap_cc_0_cupcake', 'food'),
        ('scopia_chaussette', 'clothing'),
        ('blend_swap_cc_by_boiler', ''),
        ('scopia_cooker', 'kitchen_appliance'),
        ('blend_swap_cc_0_motorbike', ''),
        ('scopia_shovel', 'hand_tool'),
    ],
)
def test_misleading_names_did_not_mislead(table: ClassTable, model: str, class_id: str) -> None:
    assert table.rows[model].class_id == class_id
