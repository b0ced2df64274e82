"""A text encoder added to a bundle: in one step, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import tiny_bundle

from omnibind_core.errors import BackendError
from omnibind_core.errors import BundleError
from omnibind_core.errors import ConfigError
from omnibind_core.errors import SpaceError
from omnibind_core.inference import bundle_text
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.bundle_models import open_text
from omnibind_core.inference.bundle_text import add_text
from omnibind_core.inference.bundle_text import TextExport

pytest.importorskip('tokenizers')
TEXT = tiny_bundle.text_export()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle without a text encoder."""
    return tiny_bundle.make_textual(tmp_path / 'bundles' / 'b', TEXT)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_is_added_in_place(folder: Path) -> None:
    """Everything else, and the id, is as it was."""
    before, name = contents(folder), open_bundle(folder).manifest.bundle_id
    assert add_text(folder, TEXT) == folder
    after, bundle = contents(folder), open_bundle(folder)
    new = {'text.onnx', 'text_tokenizer.json', 'text_projection.safetensors'}
    assert set(after) - set(before) == new
    assert all(after[name] == before[name] for name in set(before) - {'bundle.json'})
    assert bundle.manifest.bundle_id == name
    assert bundle.manifest.text is not None
    assert bundle.manifest.text.templates == ('a {}', '{}')
    assert open_text(bundle).dimension == 64


def test_it_is_added_to_a_copy(folder: Path, tmp_path: Path) -> None:
    """The bundle itself stays."""
    before = contents(folder)
    out = add_text(folder, TEXT, out=tmp_path / 'new' / 'copy')
    assert contents(folder) == before
    open_text(open_bundle(out))
    assert [path.name for path in out.parent.iterdir()] == ['copy']


@pytest.mark.parametrize(
    ('text', 'error', 'expected'),
    [
        (replace(TEXT, teacher='other'), SpaceError, 'space of the text encoder'),
        (tiny_bundle.text_export(seed=1), SpaceError, 'space of the text encoder'),
        (replace(TEXT, tokenizer=b'{}'), BackendError, 'tokenizer'),
        (replace(TEXT, model=TEXT.model[:-9]), BundleError, 'not a readable ONNX model'),
        (replace(TEXT, templates=('no place',)), ConfigError, 'templates'),
    ],
)
def test_what_does_not_belong_there_is_refused(
    folder: Path, text: TextExport, error: type[Exception], expected: str
) -> None:
    """And nothing is left behind."""
    before = contents(folder)
    with pytest.raises(error, match=expected):
        add_text(folder, text)
    assert contents(folder) == before


def test_a_second_one_and_an_existing_copy_are_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / 'there').mkdir()
    with pytest.raises(BundleError, match='exists already'):
        add_text(folder, TEXT, out=tmp_path / 'there')
    add_text(folder, TEXT)
    before = contents(folder)
    with pytest.raises(BundleError, match='has a text encoder already'):
        add_text(folder, TEXT)
    assert contents(folder) == before


@pytest.mark.parametrize('copy', [False, True])
def test_a_full_disk_leaves_the_bundle_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, copy: bool
) -> None:
    """Whether it is filled by the files or by the table of contents."""
    before = contents(folder)
    real = bundle_text.write_atomically
    for fails_at in ('text_projection.safetensors', 'bundle.json'):

        def write(path: Path, content: bytes, fails_at: str = fails_at) -> None:
            if path.name == fails_at:
                raise OSError(28, 'No space left on device', str(path))
            real(path, content)

        monkeypatch.setattr(bundle_text, 'write_atomically', write)
        with pytest.raises(OSError, match='No space'):
            add_text(folder, TEXT, out=tmp_path / 'out' / 'copy' if copy else None)
        assert contents(folder) == before
        assert not copy or not list((tmp_path / 'out').iterdir())
