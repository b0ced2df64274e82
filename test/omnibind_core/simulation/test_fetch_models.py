from __future__ import annotations

import hashlib
from pathlib import Path
import shutil
import subprocess

import pytest

from omnibind_core.simulation import fetch_models as module
from omnibind_core.simulation.errors import ModelSourceError
from omnibind_core.simulation.fetch_models import Expected
from omnibind_core.simulation.fetch_models import fetch_models
from omnibind_core.simulation.fetch_models import missing_libraries

CONTENT = {'One.sh3f': b'first library' * 1000, 'Two.sh3f': b'second'}
EXPECTED = {
    name: Expected(len(content), hashlib.sha256(content).hexdigest())
    for name, content in CONTENT.items()
}
NEEDS_DPKG = pytest.mark.skipif(shutil.which('dpkg-deb') is None, reason='dpkg-deb not installed')


def unpacked(folder: Path, **replaced: bytes) -> Path:
    """A folder as the package leaves it."""
    inner = folder / 'usr/share/sweethome3d/furniture'
    inner.mkdir(parents=True)
    for name, content in CONTENT.items():
        (inner / name).write_bytes(replaced.get(name.partition('.')[0], content))
    (inner / 'unrelated.sh3f').write_bytes(b'?')
    return folder


def package(folder: Path, **replaced: bytes) -> Path:
    """A Debian package of them."""
    tree = unpacked(folder / 'tree', **replaced)
    (tree / 'DEBIAN').mkdir()
    (tree / 'DEBIAN/control').write_text(
        'Package: sweethome3d-furniture\nVersion: 0.1\nArchitecture: all\n'
        'Maintainer: Nobody <nobody@example.org>\nDescription: made for a test\n'
    )
    (tree / 'usr/share/link').symlink_to('/etc/passwd')
    path = folder / 'sweethome3d-furniture_0.1_all.deb'
    subprocess.run(
        ['dpkg-deb', '--root-owner-group', '-b', str(tree), str(path)],
        check=True,
        capture_output=True,
    )
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob('*') if path.is_file()}


def test_from_a_folder(tmp_path: Path) -> None:
    source, folder = unpacked(tmp_path / 'source'), tmp_path / 'data' / 'models'
    said: list[str] = []
    assert fetch_models(folder, source, expected=EXPECTED, report=said.append) == folder
    assert files(folder) == CONTENT
    assert sorted(path.name for path in folder.iterdir()) == ['One.sh3f', 'Two.sh3f']
    fetch_models(folder, expected=EXPECTED, report=said.append)
    assert said[-1] == f'models are complete in {folder}'


def test_only_what_is_missing_or_altered_is_needed(tmp_path: Path) -> None:
    folder = tmp_path / 'models'
    assert missing_libraries(folder, EXPECTED) == ['One.sh3f', 'Two.sh3f']
    fetch_models(folder, unpacked(tmp_path / 'source'), expected=EXPECTED)
    assert missing_libraries(folder, EXPECTED) == []
    (folder / 'Two.sh3f').write_bytes(b'secund')
    assert missing_libraries(folder, EXPECTED) == ['Two.sh3f']
    fetch_models(folder, tmp_path / 'source', expected=EXPECTED)
    assert files(folder) == CONTENT


@NEEDS_DPKG
def test_from_a_package(tmp_path: Path) -> None:
    folder = tmp_path / 'models'
    fetch_models(folder, package(tmp_path), expected=EXPECTED)
    assert files(folder) == CONTENT
    assert sorted(path.name for path in folder.iterdir()) == ['One.sh3f', 'Two.sh3f']


@NEEDS_DPKG
@pytest.mark.parametrize('content', [b'second!', b'secund', b's' * 100000, b''])
def test_another_version_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / 'models'
    with pytest.raises(ModelSourceError, match=r'Two\.sh3f is not the one of .* 1\.8-1'):
        fetch_models(folder, package(tmp_path, Two=content), expected=EXPECTED)
    assert files(folder) == {}


@NEEDS_DPKG
def test_no_package_at_all(tmp_path: Path) -> None:
    broken = tmp_path / 'broken.deb'
    broken.write_bytes(b'!<arch>\nnonsense')
    with pytest.raises(ModelSourceError, match='no readable Debian package'):
        fetch_models(tmp_path / 'models', broken, expected=EXPECTED)


def test_a_source_that_is_neither(tmp_path: Path) -> None:
    with pytest.raises(
        ModelSourceError, match=r'neither a folder nor a \.deb file; get the Debian'
    ):
        fetch_models(tmp_path / 'models', tmp_path / 'gone', expected=EXPECTED)


def test_a_folder_without_the_libraries(tmp_path: Path) -> None:
    (tmp_path / 'empty').mkdir()
    with pytest.raises(ModelSourceError, match=r'does not hold One\.sh3f, Two\.sh3f; get the'):
        fetch_models(tmp_path / 'models', tmp_path / 'empty', expected=EXPECTED)


def fake_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put another ``apt-get`` first on the path."""
    program = tmp_path / 'bin/apt-get'
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setenv('PATH', str(program.parent), prepend=':')


@NEEDS_DPKG
def test_downloads_with_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deb = package(tmp_path)
    fake_apt(tmp_path, monkeypatch, f'test "$1 $2" = "download {module.PACKAGE}" && cp {deb} .')
    folder = tmp_path / 'models'
    fetch_models(folder, expected=EXPECTED)
    assert files(folder) == CONTENT


def test_apt_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_apt(tmp_path, monkeypatch, 'echo "E: Unable to locate package x" >&2; exit 100')
    with pytest.raises(ModelSourceError, match=r'\(Unable to locate package x\); run "apt-get upd'):
        fetch_models(tmp_path / 'models', expected=EXPECTED)


def test_a_machine_without_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(ModelSourceError, match='no apt-get on this machine; get the Debian packa'):
        fetch_models(tmp_path / 'models', expected=EXPECTED)


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / 'models'
    source = unpacked(tmp_path / 'source')
    fetch_models(folder, source, expected=EXPECTED)
    (folder / 'Two.sh3f').unlink()

    def full(*_: object) -> None:
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(module, '_store', full)
    with pytest.raises(ModelSourceError, match=r'cannot be written to .*No space left on device'):
        fetch_models(folder, source, expected=EXPECTED)
    assert files(folder) == {'One.sh3f': CONTENT['One.sh3f']}
    assert [path.name for path in folder.iterdir()] == ['One.sh3f']
