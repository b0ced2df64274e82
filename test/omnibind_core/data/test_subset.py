"""A shipped part: every class, within the size, the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_readings import tiny_data_set

from omnibind_core.data.errors import DataError
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.manifest import read_manifest
from omnibind_core.data.reader import contents
from omnibind_core.data.shard import Files
from omnibind_core.data.subset import write_subset


@pytest.fixture(scope='module')
def whole(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Three classes with four instances each, two of them to test on."""
    root = tmp_path_factory.mktemp('whole') / 'set'
    classes = ('bed', 'cup', 'sofa')
    return tiny_data_set(
        root, classes=classes, instances=4, views=4, nothing=1, folds=('test', 'student')
    )


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob('*') if file.is_file())


def test_all_of_a_fold(whole: Manifest, tmp_path: Path) -> None:
    """With room for all, all test readings with their exact bytes and nothing else."""
    write_subset(whole, tmp_path / 'part', most_bytes=10**8)
    part = read_manifest(tmp_path / 'part')
    wanted = {
        (item.instance, item.view, item.modality) for item in whole.records
        if item.folds[0] == 'test'
    }  # fmt: skip
    assert {(item.instance, item.view, item.modality) for item in part.records} == wanted
    assert part.classes == whole.classes
    originals = {(item.instance, item.view, item.modality): item for item in whole.records}
    ours, theirs = Files(part.root), Files(whole.root)
    for item in part.records:
        original = originals[item.instance, item.view, item.modality]
        assert contents(ours, item) == contents(theirs, original)
        assert item.folds == original.folds


@pytest.mark.parametrize('most', [320_000, 400_000, 500_000])
def test_within_the_size(whole: Manifest, tmp_path: Path, most: int) -> None:
    """First every class, then every instance, then more views; complete views only."""
    part = write_subset(whole, tmp_path / 'part', most_bytes=most)
    assert size_of(tmp_path / 'part') <= most
    assert {item.label for item in part.records} - {''} == {'bed', 'cup', 'sofa'}
    views: dict[tuple[str, int], set[str]] = {}
    for item in part.records:
        views.setdefault((item.instance, item.view), set()).add(item.modality)
    assert {len(names) for names in views.values()} <= {6, 7}
    numbers = [view for instance, view in views if view < 4]
    counts = [numbers.count(view) for view in range(4)]
    assert counts == sorted(counts, reverse=True)


def test_the_same_every_time(whole: Manifest, tmp_path: Path) -> None:
    """Byte by byte."""
    for name in ('a', 'b'):
        write_subset(whole, tmp_path / name, most_bytes=400_000)
    for file in (tmp_path / 'a').rglob('*'):
        if file.is_file():
            other = tmp_path / 'b' / file.relative_to(tmp_path / 'a')
            assert other.read_bytes() == file.read_bytes()


def test_what_cannot_be_done(whole: Manifest, tmp_path: Path) -> None:
    """Too small, an empty fold, a folder in use: one sentence each."""
    with pytest.raises(DataError, match='allow more'):
        write_subset(whole, tmp_path / 'part', most_bytes=210_000)
    with pytest.raises(DataError, match="fold 'val'"):
        write_subset(whole, tmp_path / 'part', most_bytes=10**6, fold='val')
    (tmp_path / 'part').mkdir(exist_ok=True)
    (tmp_path / 'part' / 'mine').touch()
    with pytest.raises(DataError, match='not empty'):
        write_subset(whole, tmp_path / 'part', most_bytes=10**6)
