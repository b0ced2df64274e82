from __future__ import annotations

import contextlib
import functools
import io
from pathlib import Path
import zipfile

from hypothesis import given
from hypothesis import strategies as st
import pytest

from omnibind_core.simulation.errors import ModelSourceError
from omnibind_core.simulation.model_archive import ModelArchive


@functools.cache
def archive_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('chair/chair.obj', b'v 0 0 0\n' * 20)
        archive.writestr('chair/wood.jpg', b'picture')
        archive.writestr('../outside.jpg', b'not reachable by a reference')
    return buffer.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / 'Tiny.sh3f'
    file.write_bytes(archive_bytes())
    return file


def test_reads_members(path: Path) -> None:
    with ModelArchive(path) as archive:
        assert archive.read('chair/wood.jpg') == b'picture'
        assert 'chair/chair.obj' in archive
        assert archive.members()[0] == 'chair/chair.obj'


def test_nothing_is_written_beside_the_archive(path: Path) -> None:
    with ModelArchive(path) as archive:
        for member in archive.members():
            archive.read(member)
    assert list(path.parent.rglob('*')) == [path]


@pytest.mark.parametrize(
    ('reference', 'member'),
    [
        ('wood.jpg', 'chair/wood.jpg'),
        ('C:\\Textures\\old\\wood.jpg', 'chair/wood.jpg'),
        ('/home/modeller/wood.jpg', 'chair/wood.jpg'),
        ('../outside.jpg', None),
        ('../../etc/passwd', None),
        ('missing.png', None),
        ('', None),
    ],
)
def test_references_stay_in_the_archive(path: Path, reference: str, member: str | None) -> None:
    with ModelArchive(path) as archive:
        assert archive.resolve('chair', reference) == member


def test_a_member_larger_than_the_limit_is_refused_before_reading(path: Path) -> None:
    with ModelArchive(path) as archive, pytest.raises(ModelSourceError, match='160 bytes'):
        archive.read('chair/chair.obj', limit=100)


def test_a_missing_member_is_named(path: Path) -> None:
    with ModelArchive(path) as archive, pytest.raises(ModelSourceError, match=r'bed\.obj'):
        archive.read('bed.obj')


def test_a_missing_archive_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelSourceError, match='does not exist; fetch'):
        ModelArchive(tmp_path / 'Gone.sh3f')


def test_no_zip(tmp_path: Path) -> None:
    file = tmp_path / 'Tiny.sh3f'
    file.write_bytes(b'no zip')
    with pytest.raises(ModelSourceError, match='cannot be opened as a zip'):
        ModelArchive(file)


@pytest.mark.malformed
@given(st.lists(st.integers(0, 2**20), min_size=1, max_size=4))
def test_altered_archives_give_the_typed_error(changes: list[int]) -> None:
    content = bytearray(archive_bytes())
    for change in changes:
        content[(change >> 8) % len(content)] = change & 255
    stream = io.BytesIO(bytes(content))
    with contextlib.suppress(ModelSourceError), ModelArchive(Path('any'), stream) as archive:
        for member in archive.members():
            assert len(archive.read(member, limit=1000)) <= 1000
