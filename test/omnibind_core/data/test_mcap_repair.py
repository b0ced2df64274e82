"""Bags that were cut off: what was complete is read again."""

from __future__ import annotations

from pathlib import Path

from little_bags import little_bag
from little_bags import Said
from little_bags import split_bag
import pytest

from omnibind_core.data.bag_source import BagReadError
from omnibind_core.data.bag_source import BagSource
from omnibind_core.data.mcap_repair import repaired

pytest.importorskip('rosbags')

SAID = [Said('/a', 0.1 * n, f'{n:040d}') for n in range(20)]


def heard(path: Path) -> list[tuple[str, int, bytes]]:
    """All messages of a bag."""
    with BagSource(path) as bag:
        return [tuple(message) for message in bag.messages(bag.begin, bag.end + 1)]


@pytest.mark.parametrize('share', [0.3, 0.6, 0.95])
def test_a_bag_that_was_cut_off(tmp_path: Path, share: float) -> None:
    """The messages before the cut, and none that never was; without its metadata as well."""
    path = little_bag(tmp_path / 'bag', SAID)
    whole = heard(path)
    (file,) = path.glob('*.mcap')
    content = file.read_bytes()
    file.write_bytes(content[: round(len(content) * share)])
    with pytest.raises(BagReadError):
        heard(path)
    for metadata in (True, False):
        if not metadata:
            (path / 'metadata.yaml').unlink()
        folder = tmp_path / f'copy_{metadata}'
        folder.mkdir()
        copy = repaired(path, folder)
        if copy is None:
            assert share < 0.5
            continue
        try:
            found = heard(copy)
        except BagReadError as error:
            assert share < 0.9
            assert 'empty' in str(error)
            continue
        assert found == whole[: len(found)]
    assert file.read_bytes() == content[: round(len(content) * share)]


def test_at_every_place(tmp_path: Path) -> None:
    """Wherever it is cut: no error but that it is empty, and never a message too many."""
    path = little_bag(tmp_path / 'bag', SAID[:4])
    whole = heard(path)
    (file,) = path.glob('*.mcap')
    content = file.read_bytes()
    lengths = set()
    for cut in range(0, len(content), 61):
        file.write_bytes(content[:cut])
        folder = tmp_path / str(cut)
        folder.mkdir()
        copy = repaired(path, folder)
        if copy is None:
            continue
        try:
            found = heard(copy)
        except BagReadError as error:
            assert 'empty' in str(error)
            found = []
        assert found == whole[: len(found)]
        lengths.add(len(found))
    assert lengths == {0, len(whole)}  # one chunk


def test_a_split_bag(tmp_path: Path) -> None:
    """The whole parts are taken as they are."""
    path = split_bag(tmp_path / 'bag', [SAID[:5], SAID[5:]])
    last = path / 'bag_1.mcap'
    last.write_bytes(last.read_bytes()[:-20])
    folder = tmp_path / 'copy'
    folder.mkdir()
    copy = repaired(path, folder)
    assert copy == folder
    assert len(heard(copy)) == 20


def test_what_cannot_be_repaired(tmp_path: Path) -> None:
    """Nothing there, a whole bag, another format, and a file that is something else."""
    folder = tmp_path / 'copy'
    folder.mkdir()
    assert repaired(tmp_path / 'none', folder) is None
    assert repaired(little_bag(tmp_path / 'good', SAID), folder) is None
    assert repaired(little_bag(tmp_path / 'sqlite', SAID, storage='sqlite3'), folder) is None
    (tmp_path / 'text.mcap').write_text('no bag')
    assert repaired(tmp_path / 'text.mcap', folder) is None
