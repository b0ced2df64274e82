"""Counts and sizes of a data set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
import tarfile

from tiny_readings import tiny_data_set

from omnibind_core.data.manifest import Manifest
from omnibind_core.data.statistics import statistics
from omnibind_core.data.statistics import table


def test_counts_against_the_files(tmp_path: Path) -> None:
    """Instances, readings and bytes as the tar program sees them."""
    manifest = tiny_data_set(tmp_path / 'set', instances=4, views=3, nothing=2)
    found = statistics(manifest)
    assert found.instances['cup'] == {'student': 1, 'fusion': 1, 'val': 1, 'test': 1}
    assert found.readings['touch'] == dict.fromkeys(('student', 'fusion', 'val', 'test'), 6)
    assert found.nothing['audio']['test'] == 4
    total = 0
    for shard in (tmp_path / 'set' / 'shards').iterdir():
        with tarfile.open(shard) as archive:
            total += sum(entry.size for entry in archive if 'touch' in entry.name)
    assert found.size['touch'] == total
    second = statistics(manifest, split=1)
    assert second.instances['cup'] == {'student': 4}


def test_copies_are_counted_apart(tmp_path: Path) -> None:
    """And only where they are students."""
    manifest = tiny_data_set(tmp_path / 'set', instances=2)
    copies = tuple(
        replace(record, copy_of='cup_0', folds=('student', 'unused'))
        if record.instance == 'cup_1'
        else record
        for record in manifest.records
    )
    changed = Manifest(manifest.root, copies, manifest.classes)
    assert statistics(changed).copies == {'cup': 1}
    assert statistics(changed).instances['cup'] == {'student': 1}
    assert statistics(changed, split=1).copies == {}


def test_the_table(tmp_path: Path) -> None:
    """Sums stand below the classes, sizes beside the modalities."""
    manifest = tiny_data_set(tmp_path / 'set', instances=4)
    lines = {line.split()[0]: line.split()[1:] for line in table(statistics(manifest)).split('\n')
             if line}  # fmt: skip
    assert lines['cup'] == ['1', '1', '1', '1', '4', '0']
    assert lines['instances'] == ['2', '2', '2', '2', '8', '0']
    assert lines['thermal'][:5] == ['4', '4', '4', '4', '8']
    size = 16 * 12 * 2 / 1000
    assert abs(float(lines['thermal'][5]) - size) < 0.3
