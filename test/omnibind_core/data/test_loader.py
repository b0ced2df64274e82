"""The loader: the product's own arrays, in order, whatever the number of processes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_readings import tiny_data_set

from omnibind_core.data.errors import ContainerError
from omnibind_core.data.loader import Preparation
from omnibind_core.data.loader import prepared
from omnibind_core.data.reader import read_raw
from omnibind_core.data.shard import Files
from omnibind_core.data.shard import shard_writer
from omnibind_core.errors import ConfigError
from omnibind_core.modalities.image import ImageSpecification
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import SENSOR_NAMES


def test_as_the_product_prepares(tmp_path: Path) -> None:
    """Every modality through its own preprocess; the asked-for specification is used."""
    manifest = tiny_data_set(tmp_path / 'set', instances=1, modalities=SENSOR_NAMES)
    files = Files(manifest.root)
    small = ImageSpecification(size=32)
    preparation = Preparation(manifest.root, {'image': small})
    for record, item in zip(manifest.records, prepared(preparation, manifest.records), strict=True):
        found = modality(record.modality)
        specification = small if record.modality == 'image' else found.specification()
        expected = found.prepare(read_raw(files, record), specification, found.sensor())
        assert item.array.shape == specification.shape
        assert np.array_equal(item.array, expected.array)
        assert item.informative == expected.informative


def test_processes_change_nothing(tmp_path: Path) -> None:
    """Two processes, more chunks than are kept ahead: the same arrays in the same order."""
    manifest = tiny_data_set(tmp_path / 'set', instances=6, views=8, modalities=('thermal',))
    records = manifest.records * 2
    alone = [item.array for item in prepared(Preparation(manifest.root), records)]
    pooled = [item.array for item in prepared(Preparation(manifest.root), records, workers=2)]
    assert len(alone) == len(pooled) == 216
    assert all(np.array_equal(a, b) for a, b in zip(alone, pooled, strict=True))


@pytest.mark.parametrize('workers', [0, 1])
def test_a_bad_file_is_named(tmp_path: Path, workers: int) -> None:
    """By a ContainerError, from this process or another."""
    manifest = tiny_data_set(tmp_path / 'set', instances=1, modalities=('image',), nothing=0)
    with shard_writer(manifest.root / 'shards' / 'cup_0.tar') as shard:
        for view in (0, 1):
            shard.add(f'view_{view:02d}.image.png', b'no picture')
    with pytest.raises(ContainerError, match=r'cup_0\.tar/view_00\.image\.png'):
        list(prepared(Preparation(manifest.root), manifest.records, workers=workers))


def test_texts_have_no_array(tmp_path: Path) -> None:
    """One ConfigError, before anything is read."""
    manifest = tiny_data_set(tmp_path / 'set', instances=1)
    with pytest.raises(ConfigError, match="'text'"):
        next(prepared(Preparation(manifest.root), manifest.records))


def test_an_abandoned_loader_ends(tmp_path: Path) -> None:
    """Closing it early leaves no waiting work behind."""
    manifest = tiny_data_set(tmp_path / 'set', instances=4, views=8, modalities=('thermal',))
    stream = prepared(Preparation(manifest.root), manifest.records * 4, workers=1)
    assert next(stream).array.shape == (1, 96, 96)
    stream.close()
    assert next(stream, None) is None
