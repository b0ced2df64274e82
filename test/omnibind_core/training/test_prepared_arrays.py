"""Prepared readings: equal to the loader's, found again, and made anew when anything changed."""

from __future__ import annotations

from dataclasses import replace
import os
from pathlib import Path

import numpy as np
import pytest
from tiny_readings import tiny_data_set

from omnibind_core.data.errors import ContainerError
from omnibind_core.data.loader import Preparation
from omnibind_core.data.loader import prepared
from omnibind_core.data.manifest import Manifest
from omnibind_core.errors import ConfigError
from omnibind_core.modalities.thermal import ThermalSpecification
from omnibind_core.training.prepared_arrays import prepared_arrays

SMALL = ThermalSpecification(size=32)


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return tiny_data_set(tmp_path / 'data', modalities=('thermal', 'touch', 'text'))


def test_rows_are_what_the_loader_prepares(manifest: Manifest, tmp_path: Path) -> None:
    found = prepared_arrays(manifest, 'thermal', SMALL, tmp_path / 'cache', workers=0)
    records = [item for item in manifest.records if item.modality == 'thermal']
    assert list(found.records) == records
    preparation = Preparation(manifest.root, specifications={'thermal': SMALL})
    for row, reading in enumerate(prepared(preparation, records)):
        assert np.abs(found.arrays[row] - reading.array).max() < 1e-3  # float16 of -1 to 1
        assert found.informative[row] == reading.informative


def test_second_time_nothing_is_prepared(manifest: Manifest, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def observe(done: int, total: int) -> None:
        seen.append((done, total))

    first = prepared_arrays(manifest, 'thermal', SMALL, tmp_path, workers=0, observe=observe)
    assert seen[-1] == (len(first.records), len(first.records))
    seen.clear()
    second = prepared_arrays(manifest, 'thermal', SMALL, tmp_path, workers=0, observe=observe)
    assert not seen
    assert second.key == first.key
    assert np.array_equal(second.arrays, first.arrays)
    assert isinstance(second.arrays, np.memmap)


def test_key_changes_with_specification_data_and_modality(
    manifest: Manifest, tmp_path: Path
) -> None:
    first = prepared_arrays(manifest, 'thermal', SMALL, tmp_path, workers=0)
    other = prepared_arrays(manifest, 'thermal', replace(SMALL, high=50.0), tmp_path, workers=0)
    shard = manifest.root / first.records[0].shard[0]
    os.utime(shard, ns=(1, 1))
    touched = prepared_arrays(manifest, 'thermal', SMALL, tmp_path, workers=0)
    assert len({first.key, other.key, touched.key}) == 3


@pytest.mark.parametrize('suffix', ['.npy', '.json'])
def test_half_written_files_are_made_again(manifest: Manifest, tmp_path: Path, suffix: str) -> None:
    first = prepared_arrays(manifest, 'thermal', SMALL, tmp_path, workers=0)
    wanted = np.array(first.arrays)
    path = tmp_path / f'{first.key}{suffix}'
    path.write_bytes(path.read_bytes()[:40])
    again = prepared_arrays(manifest, 'thermal', SMALL, tmp_path, workers=0)
    assert np.array_equal(again.arrays, wanted)
    assert np.array_equal(again.informative, first.informative)


def test_a_broken_reading_leaves_nothing_behind(manifest: Manifest, tmp_path: Path) -> None:
    shard = manifest.root / manifest.records[-1].shard[0]
    shard.write_bytes(b'\0' * 512)
    cache = tmp_path / 'cache'
    with pytest.raises(ContainerError, match=shard.name):
        prepared_arrays(manifest, 'thermal', SMALL, cache, workers=0)
    assert list(cache.iterdir()) == []


def test_no_reading_of_the_modality(manifest: Manifest, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='audio'):
        prepared_arrays(manifest, 'audio', SMALL, tmp_path, workers=0)
