"""Bundles: nothing altered, missing or leading outside is ever loaded."""

from __future__ import annotations

import json
import os
from pathlib import Path
import shutil

from hypothesis import given
from hypothesis import strategies as st
import pytest
import tiny_bundle

from omnibind_core.errors import BundleError
from omnibind_core.inference import bundle as bundle_module
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.bundle_models import open_text
from omnibind_core.inference.bundle_text import add_text
from omnibind_core.inference.recognizer import Recognizer


@pytest.fixture(scope='module')
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good bundle; tests that alter it copy it first."""
    return tiny_bundle.make(tmp_path_factory.mktemp('bundle') / 'good')


@pytest.fixture
def copy(bundle: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return Path(shutil.copytree(bundle, tmp_path / 'copy'))


@pytest.fixture(scope='module')
def textual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good bundle with a text encoder."""
    pytest.importorskip('tokenizers')
    text = tiny_bundle.text_export()
    return add_text(tiny_bundle.make_textual(tmp_path_factory.mktemp('textual') / 'b', text), text)


@pytest.fixture(scope='module')
def flipped(textual: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy for tests that put back what they change."""
    return Path(shutil.copytree(textual, tmp_path_factory.mktemp('flipped') / 'copy'))


def edit(folder: Path, **changes: object) -> None:
    """Change top-level entries of the manifest, and seal it again."""
    tiny_bundle.edit(folder, lambda table: table.update(changes))


def test_what_was_written_is_read(bundle: Path) -> None:
    """Specifications come back as the modalities' own dataclasses, lists as tuples."""
    opened = open_bundle(bundle)
    assert set(opened.specifications) == {'image', 'thermal'}
    assert opened.specifications['image'].shape == (3, 128, 128)
    assert isinstance(opened.specifications['image'].mean, tuple)
    assert opened.labels().space == opened.manifest.space


def test_the_same_seed_gives_the_same_bundle(bundle: Path, tmp_path: Path) -> None:
    """Its id is a digest of what it holds."""
    again = tiny_bundle.make(tmp_path / 'again')
    assert open_bundle(again).manifest.bundle_id == open_bundle(bundle).manifest.bundle_id
    other = tiny_bundle.make(tmp_path / 'other', seed=1)
    assert open_bundle(other).manifest.bundle_id != open_bundle(bundle).manifest.bundle_id


FILES = ['bundle.json', 'image.onnx', 'thermal.onnx', 'fusion.onnx', 'labels.safetensors']
TEXT_FILES = ['text.onnx', 'text_tokenizer.json', 'text_projection.safetensors']


def use(folder: Path) -> Recognizer:
    """Load a bundle, and everything in it that is loaded only when it is needed."""
    recognizer = Recognizer.load(folder)
    open_text(open_bundle(folder))
    return recognizer


@given(data=st.data(), name=st.sampled_from([*FILES, *TEXT_FILES]))
def test_any_altered_byte_in_any_file_is_refused_by_name(
    flipped: Path, textual: Path, data: st.DataObject, name: str
) -> None:
    """Whichever byte becomes whichever other; what was there before is as it was."""
    content = bytearray((textual / name).read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    (flipped / name).write_bytes(content)
    try:
        with pytest.raises(BundleError, match=name):
            use(flipped)
    finally:
        shutil.copy(textual / name, flipped / name)


@given(data=st.data(), name=st.sampled_from([*FILES, *TEXT_FILES]))
def test_a_file_of_another_length_is_refused_by_name(
    flipped: Path, textual: Path, data: st.DataObject, name: str
) -> None:
    """Cut off anywhere, or longer."""
    content = (textual / name).read_bytes()
    kept = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.sampled_from([content[:kept], content + b' ']))
    (flipped / name).write_bytes(other)
    try:
        with pytest.raises(BundleError, match=name):
            use(flipped)
    finally:
        shutil.copy(textual / name, flipped / name)


def test_a_good_copy_is_loaded(flipped: Path) -> None:
    """The two above fail for what they changed, and nothing else."""
    assert use(flipped).fusion == 'learned'


@pytest.mark.parametrize('name', FILES)
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    """Whichever it is."""
    (copy / name).unlink()
    with pytest.raises(BundleError, match=name):
        Recognizer.load(copy)


def test_only_the_wanted_modalities_are_read(copy: Path) -> None:
    """A fusion node needs no encoder, a camera no thermal one, and no fusion."""
    (copy / 'thermal.onnx').unlink()
    assert Recognizer.load(copy, modalities=('image',)).modalities == ('image',)
    assert Recognizer.load(copy, modalities=()).modalities == ()
    (copy / 'fusion.onnx').unlink()
    assert Recognizer.load(copy, modalities=('image',), fuse=False).modalities == ('image',)


@pytest.mark.parametrize('path', ['../image.onnx', '/etc/hostname', 'a/../../image.onnx'])
def test_a_path_out_of_the_folder_is_refused(copy: Path, path: str) -> None:
    """Even if the file it names exists and its digest is right."""
    shutil.copy(copy / 'image.onnx', copy.parent / 'image.onnx')
    tiny_bundle.edit(
        copy, lambda table: table['modalities']['image']['model'].update({'path': path})
    )
    with pytest.raises(BundleError, match='leads outside'):
        Recognizer.load(copy)


def test_a_link_out_of_the_folder_is_refused(copy: Path) -> None:
    """A link is followed before the check, not after."""
    shutil.move(copy / 'image.onnx', copy.parent / 'elsewhere.onnx')
    (copy / 'image.onnx').symlink_to(copy.parent / 'elsewhere.onnx')
    with pytest.raises(BundleError, match='leads outside'):
        Recognizer.load(copy)


@pytest.mark.parametrize(
    ('changes', 'expected'),
    [
        ({'schema': 99}, 'schema: got 99'),
        ({'dimension': 1}, 'dimension: got 1'),
        ({'space': 3}, 'space: got 3'),
        ({'modalities': {'sonar': {'model': {'path': 'a', 'sha256': 'b'}}}}, 'sonar'),
        ({'labels': {}}, 'labels.class_ids: missing'),
        ({'colour': 'red'}, 'colour: got an unknown key'),
        ({'fusion': {'modalities': []}}, 'fusion.model: missing'),
        ({'text': 'minilm'}, "text: got 'minilm'"),
    ],
)
def test_a_wrong_manifest_is_explained(
    copy: Path, changes: dict[str, object], expected: str
) -> None:
    """With the key, as any configuration."""
    edit(copy, **changes)
    with pytest.raises(BundleError, match=expected):
        open_bundle(copy)


def test_labels_of_another_length_are_refused(copy: Path) -> None:
    """Names and ids go together, and so do the embeddings."""
    labels = json.loads((copy / 'bundle.json').read_text())['labels']
    edit(copy, labels={**labels, 'names': labels['names'][:-1]})
    with pytest.raises(BundleError, match=r'labels\.names'):
        open_bundle(copy)
    edit(copy, labels={**labels, 'names': labels['names'][:-1], 'class_ids': labels['names'][:-1]})
    with pytest.raises(BundleError, match=r'labels\.safetensors'):
        open_bundle(copy).labels()


def test_embeddings_of_another_length_are_refused(copy: Path) -> None:
    """The dimension stands in the table of contents, and everything has it."""
    edit(copy, dimension=63)
    with pytest.raises(BundleError, match=r'labels\.safetensors.* 64.* 63'):
        open_bundle(copy).labels()


@pytest.mark.parametrize('modalities', [[], ['image', 'image']])
def test_the_modalities_of_the_fusion_are_each_there_once(
    copy: Path, modalities: list[str]
) -> None:
    """They are indices."""
    tiny_bundle.edit(copy, lambda table: table['fusion'].update(modalities=modalities))
    with pytest.raises(BundleError, match=r'fusion\.modalities'):
        open_bundle(copy)


def test_a_file_larger_than_allowed_is_not_read(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither one that says so, nor a table of contents."""
    entry = {'path': 'image.onnx', 'sha256': '0' * 64, 'size': 3_000_000_000}
    tiny_bundle.edit(copy, lambda table: table['modalities']['image'].update(model=entry))
    with pytest.raises(BundleError, match=r'image\.model\.size: got 3000000000'):
        open_bundle(copy)
    monkeypatch.setattr(bundle_module, 'MAX_MANIFEST_BYTES', 100)
    with pytest.raises(BundleError, match=r'bundle\.json: \d+ bytes; at most 100'):
        open_bundle(copy)


def test_what_is_no_regular_file_is_not_waited_for(copy: Path) -> None:
    """A pipe without a writer, a folder."""
    (copy / 'image.onnx').unlink()
    os.mkfifo(copy / 'image.onnx')
    with pytest.raises(BundleError, match=r'image\.onnx: no regular file'):
        Recognizer.load(copy)
    (copy / 'bundle.json').unlink()
    (copy / 'bundle.json').mkdir()
    with pytest.raises(BundleError, match=r'bundle\.json: no regular file'):
        Recognizer.load(copy)


def test_numbers_that_json_does_not_have_are_refused(copy: Path) -> None:
    """Python's own reader would take them."""
    path = copy / 'bundle.json'
    path.write_text(path.read_text().replace('"none: random"', 'NaN'))
    with pytest.raises(BundleError, match=r'bundle\.json: not valid JSON \(NaN'):
        open_bundle(copy)


def test_an_existing_folder_is_not_overwritten(bundle: Path) -> None:
    """Earlier work stays intact."""
    before = sorted(path.name for path in bundle.parent.iterdir())
    with pytest.raises(BundleError, match='exists already'):
        tiny_bundle.make(bundle)
    assert sorted(path.name for path in bundle.parent.iterdir()) == before


@given(content=st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
@pytest.mark.malformed
def test_any_manifest_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """Nothing but BundleError comes out."""
    folder = tmp_path_factory.getbasetemp() / 'any'
    folder.mkdir(exist_ok=True)
    (folder / 'bundle.json').write_bytes(content)
    with pytest.raises(BundleError):
        open_bundle(folder)
