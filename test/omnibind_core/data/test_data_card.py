"""The data card: figures from the data itself, every licence, nothing unsaid."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from dataclasses import replace
import json
from pathlib import Path

import pytest
from tiny_readings import tiny_data_set

from omnibind_core.cli import data_card as command
from omnibind_core.data.data_card import data_card
from omnibind_core.data.data_card import table
from omnibind_core.data.errors import DataError
from omnibind_core.data.leakage import material_probe
from omnibind_core.data.leakage import read_about
from omnibind_core.data.leakage import temperature_probe
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.manifest import read_manifest
from omnibind_core.data.probe import Probed
from omnibind_core.data.shard import Shard
from omnibind_core.data.shard import shard_writer


def described(root: Path) -> Manifest:
    """A tiny set whose shards tell about things and temperatures."""
    manifest = tiny_data_set(root, instances=8, views=2)
    for number, path in enumerate(sorted((root / 'shards').iterdir())):
        with Shard(path) as shard:
            content = {name: shard.read(name) for name in shard}
        about = {
            'name': f'Thing | {number}',
            'creator': 'A. Modeller',
            'licence': 'CC0-1.0' if number % 2 else 'CC-BY-3.0',
            'library': 'Some',
            'warnings': ['texture missing'] if number == 0 else [],
            'substances': {'wood': 1.0 if 'cup' in path.name else 0.1, 'steel': 0.0},
        }
        with shard_writer(path) as writer:
            writer.add('instance.json', json.dumps(about).encode())
            for view in range(2):
                heat = {'ambient': 20.0 + (number * 7 + view * 3) % 5, 'source': 'sun'}
                # what a picture shows of the shape is no temperature, and not looked at
                drawn = {'thermal': {**heat, 'coverage': 0.9 if 'cup' in path.name else 0.1}}
                writer.add(f'view_{view:02d}.json', json.dumps(drawn).encode())
            for name, data in content.items():
                writer.add(name, data)
    return manifest


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """With all reports beside it."""
    root = tmp_path / 'set'
    described(root)
    reports = {
        'dataset.json': {
            'name': 'Tiny',
            'simulated': True,
            'seed': 5,
            'split_seeds': [0, 1],
            'copies': 1,
            'copy_views': 4,
            'budgets': {'touch': 12},
            'sensors': {'touch': {'force': 1.5}},
        },
        'generation.json': {'seconds': 90.0, 'bytes': 2_000_000, 'workers': 2, 'total_hash': 'abc'},
        'funnel.json': [{'text': 'models', 'removed': 0, 'left': 16}],
        'probes.json': [
            asdict(Probed('touch', (0.5, 0.7), 0.1, 0.02, 9, 0.95)),
            asdict(Probed('temperature only', (0.1, 0.11), 0.1, 0.02, 9)),
        ],
    }
    for name, content in reports.items():
        (root / name).write_text(json.dumps(content))
    return root


def test_the_card(data: Path, tmp_path: Path) -> None:
    """Its figures, with the word simulated, all instances and licences."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    out = tmp_path / 'docs' / 'card.md'
    assert command.run(parser.parse_args([str(data), '--out', str(out)])) == 0
    text = out.read_text()
    assert text.startswith('# Tiny: data card')
    assert '**Every reading is simulated**' in text
    assert '| size | 2 MB |' in text
    assert '| time | 1.5 min with 2 processes |' in text
    assert '| cup | 2/8 | 2/0 | 2/0 | 2/0 | 8 |' in text
    assert '| touch | 0.600 | 0.500 0.700 | 0.140 | above chance | 95.0% |' in text
    assert (
        '| temperature only | 0.105 | 0.100 0.110 | 0.140 | within 2 sigma of chance |  |' in text
    )
    assert '| 12 |' in next(line for line in text.split('\n') if line.startswith('| Touch |'))
    assert '8 CC-BY-3.0, 8 CC0-1.0' in text
    assert 'Thing \\| 3' in text
    assert text.count('A. Modeller') == 16
    assert '1 models lack something' in text


@pytest.mark.parametrize('name', ['generation.json', 'funnel.json', 'probes.json', 'dataset.json'])
def test_a_missing_report_is_named(data: Path, name: str) -> None:
    """With the command that makes it."""
    (data / name).unlink()
    with pytest.raises(DataError, match=name):
        data_card(read_manifest(data), command='x')


def test_leakage_probes_read_what_was_drawn(tmp_path: Path) -> None:
    """Materials that tell the class are found out; temperatures by their numbers only."""
    pytest.importorskip('sklearn')
    both = described(tmp_path / 'set')
    with pytest.raises(DataError, match='split 1 has no students'):
        material_probe(both)
    records = tuple(replace(record, folds=record.folds[:1]) for record in both.records)
    manifest = Manifest(both.root, records, both.classes)
    assert material_probe(manifest).mean == 1.0
    found = temperature_probe(manifest)
    assert found.chance == pytest.approx(0.5, abs=0.02)
    assert not found.above_chance
    with pytest.raises(DataError, match='what its things are made of'):
        material_probe(tiny_data_set(tmp_path / 'silent'))
    with pytest.raises(DataError, match='temperatures'):
        temperature_probe(read_manifest(tmp_path / 'silent'))


def test_a_damaged_description(tmp_path: Path) -> None:
    """Is named."""
    manifest = tiny_data_set(tmp_path / 'set', instances=1, modalities=('text',))
    with shard_writer(tmp_path / 'set' / 'shards' / 'cup_0.tar') as shard:
        shard.add('instance.json', b'[1')
    with pytest.raises(DataError, match=r'cup_0\.tar/instance\.json is damaged'):
        read_about(manifest, manifest.records[:1], 'instance.json')


def test_table() -> None:
    """Markdown that survives what is in the cells."""
    assert table(('a', 'b'), [(1, 'x|y\nz')]) == '| a | b |\n|---|---|\n| 1 | x\\|y z |'
