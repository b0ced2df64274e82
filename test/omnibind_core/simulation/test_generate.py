"""Generating: the same for any number of processes, resumable; a bad thing costs only itself."""

from __future__ import annotations

import json
from pathlib import Path
import subprocess
import tarfile
from typing import Any

from fake_stage import FakeStage
import pytest

from omnibind_core.data.class_map import ClassMap
from omnibind_core.data.manifest import read_manifest
from omnibind_core.data.reader import read_raw
from omnibind_core.data.shard import Files
from omnibind_core.simulation.generate import generate
from omnibind_core.simulation.generate import Generated
from omnibind_core.simulation.generation_folder import GenerationError
from omnibind_core.simulation.instance_shard import Outcome
from omnibind_core.simulation.plan import plan_instances
from omnibind_core.simulation.plan import PlannedInstance

MUGS = tuple(
    PlannedInstance(
        instance=f'mug_{number}',
        model=f'mug_{number}',
        label='mug',
        name='Mug',
        folds=('student', 'test'),
        views=2,
    )
    for number in range(4)
)


def planned(model: str) -> PlannedInstance:
    folds = ('val', 'val')
    return PlannedInstance(
        instance=model, model=model, label='mug', name='Mug', folds=folds, views=2
    )


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Which instances were begun, over all processes."""
    path = tmp_path / 'log'
    path.touch()
    monkeypatch.setenv('FAKE_STAGE_LOG', str(path))
    return path


def run(root: Path, items: tuple[PlannedInstance, ...] = MUGS, **changes: Any) -> Generated:
    settings: dict[str, Any] = {
        'begin': FakeStage,
        'seed': 7,
        'classes': ClassMap(('mug', 'sofa')),
        'configuration': {'seed': 7, 'sensors': {'image': {'noise': 1.0}}},
        'workers': 1,
    }
    return generate(root, items, **{**settings, **changes})


def test_one_and_two_processes_give_the_same(tmp_path: Path, log: Path) -> None:
    """File by file; `sha256sum` agrees; everything can be read back."""
    one = run(tmp_path / 'one')
    two = run(tmp_path / 'two', workers=2)
    assert one.total_hash == two.total_hash
    assert one.readings == 4 * (7 * 2 + 6)
    assert not one.problems
    for file in sorted((tmp_path / 'one').rglob('*')):
        if file.is_file() and 'done' not in file.parts:
            other = tmp_path / 'two' / file.relative_to(tmp_path / 'one')
            assert file.read_bytes() == other.read_bytes()
    subprocess.run(['sha256sum', '--quiet', '-c', 'SHA256SUMS'], cwd=tmp_path / 'two', check=True)
    manifest = read_manifest(tmp_path / 'two')
    assert manifest.classes.names == ('mug', 'sofa')
    files = Files(manifest.root)
    for record in manifest.records:
        assert read_raw(files, record) is not None
    assert sum(record.nothing for record in manifest.records) == 4 * 6


def test_a_shard_tells_about_itself(tmp_path: Path, log: Path) -> None:
    """JSON members that any tool reads."""
    run(tmp_path / 'set', MUGS[:1])
    with tarfile.open(tmp_path / 'set' / 'shards' / 'mug_0.tar') as archive:
        names = archive.getnames()
        about = json.load(archive.extractfile('instance.json'))  # type: ignore[arg-type]
        view = json.load(archive.extractfile('view_01.json'))  # type: ignore[arg-type]
        nothing = json.load(archive.extractfile('nothing_00.json'))  # type: ignore[arg-type]
    assert names[0] == 'instance.json'
    assert 'view_00.touch_background.png' in names
    assert 'nothing_00.audio.wav' in names
    assert 'nothing_00.text.txt' not in names
    assert about['label'] == 'mug'
    assert about['licence'] == 'CC0-1.0'
    assert about['mass'] is None
    assert view['image']['drawn'] == pytest.approx(view['view']['azimuth'])
    assert 'view' not in nothing


def test_what_is_drawn_depends_on_seed_instance_and_view(tmp_path: Path, log: Path) -> None:
    """Other seeds give other data; a shard does not depend on its company."""
    alone = run(tmp_path / 'alone', MUGS[2:3])
    together = run(tmp_path / 'together')
    assert alone.outcomes[0].sha256 == together.outcomes[2].sha256
    assert len({outcome.sha256 for outcome in together.outcomes}) == 4
    other = run(tmp_path / 'other', MUGS[2:3], seed=8)
    assert other.outcomes[0].sha256 != alone.outcomes[0].sha256


def test_resuming(tmp_path: Path, log: Path) -> None:
    """Only what is missing or altered is made again; the result is that of one run."""
    whole = run(tmp_path / 'whole')
    root = tmp_path / 'set'
    run(root, MUGS[:2])
    log.write_text('')
    seen: list[Outcome] = []
    again = run(root, report=seen.append)
    assert log.read_text().split() == ['mug_2', 'mug_3']
    assert again.resumed == 2
    assert len(seen) == 4
    assert again.total_hash == whole.total_hash
    shard = root / 'shards' / 'mug_1.tar'
    shard.write_bytes(shard.read_bytes() + b'x')
    (root / 'done' / 'mug_3.json').write_text('{')
    log.write_text('')
    assert run(root).total_hash == whole.total_hash
    assert log.read_text().split() == ['mug_1', 'mug_3']


def test_another_configuration_is_refused(tmp_path: Path, log: Path) -> None:
    """One sentence that names what differs; nothing is touched."""
    root = tmp_path / 'set'
    run(root, MUGS[:1])
    other = {'seed': 7, 'sensors': {'image': {'noise': 2.0}}}
    with pytest.raises(GenerationError, match=r'sensors\.image\.noise: 1\.0 there, 2\.0 asked'):
        run(root, configuration=other)
    (root / 'dataset.json').write_text('no JSON')
    with pytest.raises(GenerationError, match='another configuration'):
        run(root)
    (root / 'dataset.json').unlink()
    with pytest.raises(GenerationError, match='choose another folder'):
        run(root)


def test_bad_instances_cost_only_themselves(tmp_path: Path, log: Path) -> None:
    """An unreadable mesh and a fault of ours: reported, left out, the rest complete."""
    items = (MUGS[0], planned('unreadable'), planned('buggy'), MUGS[1])
    found = run(tmp_path / 'set', items)
    assert list(found.problems) == [
        'unreadable: model unreadable: a face without corners',
        'buggy: IndexError in the simulation: list index out of range',
    ]
    manifest = read_manifest(tmp_path / 'set')
    assert {record.instance for record in manifest.records} == {'mug_0', 'mug_1'}
    assert {file.name for file in (tmp_path / 'set' / 'shards').iterdir()} == {
        'mug_0.tar',
        'mug_1.tar',
    }
    with pytest.raises(GenerationError, match='no instance could be generated; the first: buggy'):
        run(tmp_path / 'other', (planned('buggy'),))
    with pytest.raises(GenerationError, match='nothing to generate'):
        run(tmp_path / 'none', ())


def test_a_full_disk_stops_the_run(tmp_path: Path, log: Path) -> None:
    """With one sentence; what was finished is kept and not made again."""
    root = tmp_path / 'set'
    with pytest.raises(GenerationError, match='disk is full after 1 of 3 instances; make room'):
        run(root, (MUGS[0], planned('full'), MUGS[1]))
    log.write_text('')
    run(root, MUGS[:1])
    assert log.read_text() == ''


def test_a_process_that_dies(tmp_path: Path, log: Path) -> None:
    """One sentence; run again, it goes on."""
    with pytest.raises(GenerationError, match='a generating process died'):
        run(tmp_path / 'set', (MUGS[0], planned('deadly')))
    assert run(tmp_path / 'set').resumed == 1


def test_copies(tmp_path: Path, log: Path) -> None:
    """Of students only, unused where the original is none; gone if the original is."""
    splits = (
        {'a': 'student', 'b': 'test', 'unreadable': 'student'},
        {'a': 'val', 'b': 'fusion', 'unreadable': 'student'},
    )
    things = [(name, 'mug', 'Mug') for name in ('a', 'b', 'unreadable')]
    items = plan_instances(things, splits, views=2, nothing=1, copies=2, copy_views=1)
    assert [(item.instance, item.folds) for item in items] == [
        ('a', ('student', 'val')),
        ('a+1', ('student', 'unused')),
        ('a+2', ('student', 'unused')),
        ('b', ('test', 'fusion')),
        ('unreadable', ('student', 'student')),
        ('unreadable+1', ('student', 'student')),
        ('unreadable+2', ('student', 'student')),
    ]
    found = run(tmp_path / 'set', items)
    assert len(found.problems) == 3
    manifest = read_manifest(tmp_path / 'set')
    assert {record.instance for record in manifest.records} == {'a', 'a+1', 'a+2', 'b'}
    copies = [record for record in manifest.records if '+' in record.instance]
    assert {record.copy_of for record in copies} == {'a'}
    assert len(copies) == 2 * 7
    assert not any(record.nothing for record in copies)
