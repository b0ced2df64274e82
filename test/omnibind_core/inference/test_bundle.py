"""Bundles: nothing altered, missing or leading outside is ever loaded."""

from __future__ import annotations

import json
from pathlib import Path
import shutil

from hypothesis import given
from hypothesis import strategies as st
import pytest
import tiny_bundle

from omnibind_core.errors import BundleError
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.recognizer import Recognizer


@pytest.fixture(scope='module')
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good bundle; tests that alter it copy it first."""
    return tiny_bundle.make(tmp_path_factory.mktemp('bundle') / 'good')


@pytest.fixture
def copy(bundle: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return Path(shutil.copytree(bundle, tmp_path / 'copy'))


def edit(folder: Path, **changes: object) -> None:
    """Change top-level entries of the manifest."""
    path = folder / 'bundle.json'
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


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


@pytest.mark.parametrize('name', ['image.onnx', 'thermal.onnx', 'labels.safetensors'])
def test_any_altered_file_is_refused_by_name(copy: Path, name: str) -> None:
    """One flipped bit anywhere."""
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(BundleError, match=name):
        Recognizer.load(copy)


@pytest.mark.parametrize('name', ['image.onnx', 'labels.safetensors', 'bundle.json'])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    """Whichever it is."""
    (copy / name).unlink()
    with pytest.raises(BundleError, match=name):
        Recognizer.load(copy)


def test_only_the_wanted_modalities_are_read(copy: Path) -> None:
    """A fusion node needs no encoder, a camera no thermal one."""
    (copy / 'thermal.onnx').unlink()
    assert Recognizer.load(copy, modalities=('image',)).modalities == ('image',)
    assert Recognizer.load(copy, modalities=()).modalities == ()


@pytest.mark.parametrize('path', ['../image.onnx', '/etc/hostname', 'a/../../image.onnx'])
def test_a_path_out_of_the_folder_is_refused(copy: Path, path: str) -> None:
    """Even if the file it names exists and its digest is right."""
    content = json.loads((copy / 'bundle.json').read_text())
    shutil.copy(copy / 'image.onnx', copy.parent / 'image.onnx')
    content['modalities']['image']['model']['path'] = path
    edit(copy, **content)
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
