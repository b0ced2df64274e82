"""Corruption plans: how many of each reading, and that nothing but the seed decides."""

from __future__ import annotations

from collections import Counter

import pytest
from tiny_readings import records_only

from omnibind_core.errors import ConfigError
from omnibind_core.evaluation.corruption.registry import corruptions
from omnibind_core.evaluation.corruption_plan import corrupted_records
from omnibind_core.evaluation.corruption_plan import CorruptionPlan
from omnibind_core.modalities.registry import SENSOR_NAMES

RECORDS = records_only(
    [(f'cup_{n}', 'cup', ('test',)) for n in range(20)], modalities=SENSOR_NAMES, views=3
)


def test_garbled_and_curves() -> None:
    """The first view of each instance, each sensor: once garbled, one kind at five severities."""
    found = corrupted_records(RECORDS, CorruptionPlan(garbled_views=1, curve_views=1))
    assert {item.view for item in found} == {0}
    assert not any(item.nothing for item in found)
    by_reading: dict[str, list[tuple[str, int]]] = {}
    for item in found:
        by_reading.setdefault(item.path + item.modality, []).append(
            (item.corruption, item.severity)
        )
    assert len(by_reading) == 20 * len(SENSOR_NAMES)
    for variants in by_reading.values():
        assert ('garbled', 5) in variants
        kinds = Counter(kind for kind, _ in variants)
        curve = [kind for kind, count in kinds.items() if count == 5]
        assert len(curve) == 1
        assert len(variants) == (5 if curve == ['garbled'] else 6)  # each once
    curves = {(item.modality, item.corruption) for item in found}
    for name in SENSOR_NAMES:  # 20 draws of about 7 kinds
        assert len({kind for of, kind in curves if of == name}) > 3


def test_drawn_anew_for_every_reading_by_seed_alone() -> None:
    """Order and company do not matter; the seed does."""
    plan = CorruptionPlan(drawn=2)
    all_of_them = {(item.path, item.modality, item.corruption, item.severity, item.seed)
                   for item in corrupted_records(RECORDS, plan)}  # fmt: skip
    few = corrupted_records(RECORDS[40:20:-1], plan)
    keys = {(item.path, item.modality, item.corruption, item.severity, item.seed) for item in few}
    assert keys <= all_of_them
    assert len(few) > 20
    other = corrupted_records(RECORDS[40:20:-1], CorruptionPlan(drawn=2, seed=1))
    assert [item.corruption for item in other] != [item.corruption for item in few]
    assert {item.severity for item in corrupted_records(RECORDS, plan)} == {1, 2, 3, 4, 5}


def test_left_out_kinds() -> None:
    """By name for every sensor, or for one; not all of them."""
    plan = CorruptionPlan(drawn=3, without=('garbled', 'thermal:noise'))
    found = {(item.modality, item.corruption) for item in corrupted_records(RECORDS, plan)}
    assert 'garbled' not in {kind for _, kind in found}
    assert ('thermal', 'noise') not in found
    assert ('image', 'noise') in found
    with pytest.raises(ConfigError, match='without'):
        CorruptionPlan(without=tuple(corruptions('audio'))).names('audio')
    with pytest.raises(ConfigError, match=r'drawn.*\n.*seed'):
        CorruptionPlan(drawn=-1, seed=-1)
