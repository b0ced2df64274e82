"""Shards: standard tar files with equal bytes for equal content, read at random, within bounds."""

from __future__ import annotations

import io
from pathlib import Path
import pickle
import subprocess
import tarfile

from hypothesis import given
from hypothesis import strategies as st
import pytest

from omnibind_core.data import shard as shard_module
from omnibind_core.data.errors import ContainerError
from omnibind_core.data.errors import DataError
from omnibind_core.data.shard import Files
from omnibind_core.data.shard import Shard
from omnibind_core.data.shard import shard_writer

CONTENT = {'view_00.image.png': b'\x89PNG' * 300, 'view_00.json': b'{}', 'empty': b''}


def write(path: Path, content: dict[str, bytes]) -> None:
    with shard_writer(path) as writer:
        for name, data in content.items():
            writer.add(name, data)


def test_any_tar_program_reads_it(tmp_path: Path) -> None:
    """The system's tar lists and unpacks it."""
    write(tmp_path / 'a.tar', CONTENT)
    listed = subprocess.run(
        ['tar', '-tf', str(tmp_path / 'a.tar')], capture_output=True, text=True, check=True
    ).stdout
    assert listed.split() == list(CONTENT)
    subprocess.run(['tar', '-xf', 'a.tar'], cwd=tmp_path, check=True)
    assert {name: (tmp_path / name).read_bytes() for name in CONTENT} == CONTENT


def test_equal_content_equal_bytes(tmp_path: Path) -> None:
    """No time, owner or process shows."""
    write(tmp_path / 'a.tar', CONTENT)
    write(tmp_path / 'b.tar', CONTENT)
    assert (tmp_path / 'a.tar').read_bytes() == (tmp_path / 'b.tar').read_bytes()
    with tarfile.open(tmp_path / 'a.tar') as archive:
        assert {(item.mtime, item.uid, item.gid, item.uname) for item in archive} == {(0, 0, 0, '')}


def test_random_access(tmp_path: Path) -> None:
    """Members in any order, and their names and sizes."""
    write(tmp_path / 'a.tar', CONTENT)
    with Shard(tmp_path / 'a.tar') as shard:
        assert list(shard) == list(CONTENT)
        assert len(shard) == 3
        for name in reversed(CONTENT):
            assert shard.read(name) == CONTENT[name]
            assert shard.size(name) == len(CONTENT[name])
        with pytest.raises(ContainerError, match="no member 'x'"):
            shard.read('x')
        with pytest.raises(ContainerError, match='1200 bytes, more than 1000'):
            shard.read('view_00.image.png', limit=1000)


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    """A half-written shard does not appear, and its draft is removed."""
    write(tmp_path / 'a.tar', CONTENT)
    before = (tmp_path / 'a.tar').read_bytes()
    with pytest.raises(OSError, match='full'), shard_writer(tmp_path / 'a.tar') as writer:
        writer.add('x', b'1')
        raise OSError(28, 'disk full')
    assert (tmp_path / 'a.tar').read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ['a.tar']


@pytest.mark.parametrize('name', ['', 'x' * 101, '/x', '../x', 'view_00.json'])
def test_names_that_cannot_be_stored(tmp_path: Path, name: str) -> None:
    """Empty, long, absolute, climbing and doubled names."""
    with pytest.raises(DataError), shard_writer(tmp_path / 'a.tar') as writer:
        writer.add('view_00.json', b'')
        writer.add(name, b'')


def test_what_is_refused_when_reading(tmp_path: Path) -> None:
    """Doubled members and truncated files; links and folders are passed over."""
    path = tmp_path / 'a.tar'
    with tarfile.open(path, 'w') as archive:
        for _ in range(2):
            archive.addfile(tarfile.TarInfo('x'), io.BytesIO())
    with pytest.raises(ContainerError, match='twice'):
        Shard(path)
    with tarfile.open(path, 'w') as archive:
        link = tarfile.TarInfo('link')
        link.type, link.linkname = tarfile.SYMTYPE, '/etc/passwd'
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo('x'), io.BytesIO())
    assert list(Shard(path)) == ['x']
    write(path, CONTENT)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(ContainerError):
        Shard(path)
    path.write_bytes(b'no tar' * 1000)
    with pytest.raises(ContainerError, match='no readable tar'):
        Shard(path)


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is bounded."""
    write(tmp_path / 'a.tar', CONTENT)
    monkeypatch.setattr(shard_module, 'MEMBERS_LIMIT', 2)
    with pytest.raises(ContainerError, match='more than 2 members'):
        Shard(tmp_path / 'a.tar')


def test_files_in_and_outside_of_shards(tmp_path: Path) -> None:
    """One way to read both; a bounded number of shards stays open; it can be sent elsewhere."""
    (tmp_path / 'plain.bin').write_bytes(b'plain')
    for number in range(70):
        write(tmp_path / f'{number}.tar', {'x': str(number).encode()})
    files: Files = pickle.loads(pickle.dumps(Files(tmp_path)))
    assert files.read('plain.bin') == b'plain'
    for number in [*range(70), *range(70)]:
        assert files.read(f'{number}.tar/x') == str(number).encode()
    assert len(files._open) == 64
    assert files.exists('0.tar/x')
    assert not files.exists('0.tar/y')
    assert not files.exists('none.tar/y')
    with pytest.raises(ContainerError, match='more than 2 bytes'):
        files.read('plain.bin', limit=2)
    with pytest.raises(ContainerError, match='No such file'):
        files.read('none.bin')
    files.close()


@pytest.mark.malformed
@given(st.data())
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Flipped and cut archives: an index within the file, or a ContainerError."""
    path = tmp_path_factory.getbasetemp() / 'any.tar'
    if not (path.parent / 'good.tar').exists():
        write(path.parent / 'good.tar', CONTENT)
    content = bytearray((path.parent / 'good.tar').read_bytes()[:4096])
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(0, 1023))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        with Shard(path) as shard:
            for name in shard:
                assert len(shard.read(name)) == shard.size(name) <= len(content)
    except ContainerError as error:
        assert 'any.tar' in str(error)
