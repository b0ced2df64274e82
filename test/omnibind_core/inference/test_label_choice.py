"""Labels changed by hand, through the recognizer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
import shutil

import numpy as np
import pytest
from safetensors.numpy import save
import tiny_bundle

from omnibind_core.errors import BundleError
from omnibind_core.errors import InputError
from omnibind_core.errors import SpaceError
from omnibind_core.inference.bundle_text import add_text
from omnibind_core.inference.recognition import Token
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.inference.text_encoder import TextEncoder

pytest.importorskip('tokenizers')
TEXT = tiny_bundle.text_export()


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with a text encoder."""
    return add_text(tiny_bundle.make_textual(tmp_path_factory.mktemp('b') / 'b', TEXT), TEXT)


@pytest.fixture
def recognizer(folder: Path) -> Recognizer:
    """One whose labels nobody changed yet."""
    return Recognizer.load(folder, modalities=())


def test_labels_are_embedded_by_their_prompts(recognizer: Recognizer) -> None:
    """The mean over the bundle's own templates, or the prompt that is given."""
    encoder = TextEncoder(TEXT.model, TEXT.tokenizer, TEXT.projection)
    bank = recognizer.set_labels(['photo', 'large_sofa'])
    vectors = [encoder([f'a {name}', name]).mean(axis=0) for name in ('photo', 'large sofa')]
    expected = np.array([vector / np.linalg.norm(vector) for vector in vectors])
    np.testing.assert_allclose(bank.embeddings, expected, atol=1e-6)
    assert bank.class_ids == ('photo', 'large_sofa')
    assert bank.names == ('photo', 'large sofa')
    assert recognizer.labels is bank
    prompted = recognizer.set_labels(['cup', 'sofa'], prompt='photo of {}')
    expected = encoder(['photo of cup', 'photo of sofa'])
    np.testing.assert_allclose(prompted.embeddings, expected, atol=1e-6)


def test_recognitions_are_of_the_new_labels_and_no_longer_calibrated(
    recognizer: Recognizer,
) -> None:
    """And of the bundle's own again, when these are asked for."""
    own = recognizer.labels
    token = Token('camera', 'image', own.embeddings[0])
    before = recognizer.fuse([token])
    assert (before.class_ids[0], before.calibrated) == ('cup', True)
    bank = recognizer.set_labels(['text', 'photo of a cup', 'large large sofa'])
    after = recognizer.fuse([token])
    assert not after.calibrated
    assert after.labels_id == bank.labels_id != before.labels_id
    assert set(after.class_ids) == set(bank.class_ids)
    best = bank.class_ids[int((bank.embeddings @ token.vector).argmax())]
    assert (after.class_ids[0], after.shares[0].class_id) == (best, best)
    assert recognizer.set_labels(None) is own
    assert recognizer.fuse([token]).scores == before.scores
    assert recognizer.fuse([token]).calibrated


@pytest.mark.parametrize(
    ('labels', 'prompt'),
    [
        ([], ''),
        ('cup', ''),
        (['cup', 'cup'], ''),
        (['cup', ' cup '], ''),
        (['large_sofa', 'large sofa'], ''),
        (['thing', 'thing_'], ''),
        (['cup', ''], ''),
        (['cup', 3], ''),
        (['cup', 'x' * 600], ''),
        (['cup'], 'no place'),
        (['cup'], '{} and {}'),
    ],
)
def test_unusable_labels_leave_the_old_ones(
    recognizer: Recognizer, labels: list[str], prompt: str
) -> None:
    before = recognizer.labels
    with pytest.raises(InputError):
        recognizer.set_labels(labels, prompt=prompt)
    assert recognizer.labels is before


def test_labels_of_the_bundle_keep_their_vectors(folder: Path, tmp_path: Path) -> None:
    """Which may be made of more than prompts. Choosing among them takes no text encoder."""
    plain = Recognizer.load(tiny_bundle.make(tmp_path / 'b'))
    own = plain.labels
    chosen = plain.set_labels(['lamp', 'mug'])
    np.testing.assert_array_equal(chosen.embeddings, own.embeddings[[2, 0]])
    result = plain.fuse([Token('camera', 'image', own.embeddings[1])])
    assert set(result.class_ids) == {'lamp', 'mug'}
    assert not result.calibrated
    with pytest.raises(BundleError, match='add-text'):
        plain.set_labels(['lamp', 'mug'], prompt='only a {}')

    copy = Path(shutil.copytree(folder, tmp_path / 'copy'))
    vectors = np.eye(3, 64, dtype=np.float32)
    tiny_bundle.replace_file(copy, 'labels.safetensors', save({'embeddings': vectors}))
    extended = Recognizer.load(copy, modalities=()).set_labels(['sofa', 'photo'])
    np.testing.assert_array_equal(extended.embeddings[0], vectors[1])
    assert abs(extended.embeddings[1] - vectors[1]).max() > 0.01


def test_a_bundle_without_a_text_encoder_says_how_to_add_one(tmp_path: Path) -> None:
    recognizer = Recognizer.load(tiny_bundle.make(tmp_path / 'b'))
    with pytest.raises(BundleError, match='omnibind bundle add-text'):
        recognizer.set_labels(['cup'])
    assert recognizer.set_labels(None) is recognizer.labels


@pytest.mark.parametrize(
    'name', ['text.onnx', 'text_tokenizer.json', 'text_projection.safetensors']
)
def test_an_altered_text_encoder_is_refused_when_it_is_needed(
    folder: Path, tmp_path: Path, name: str
) -> None:
    """Not before: nothing of it is read until then."""
    copy = Path(shutil.copytree(folder, tmp_path / 'copy'))
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 4
    (copy / name).write_bytes(content)
    recognizer = Recognizer.load(copy)
    with pytest.raises(BundleError, match=name):
        recognizer.set_labels(['photo'])


def test_a_text_encoder_of_another_space_is_refused(folder: Path, tmp_path: Path) -> None:
    """Even if every digest is right: another projection leads elsewhere."""
    copy = Path(shutil.copytree(folder, tmp_path / 'copy'))
    other = tiny_bundle.text_export(seed=1).projection
    tiny_bundle.replace_file(copy, 'text_projection.safetensors', other.to_bytes())
    with pytest.raises(SpaceError, match=r'text_projection\.safetensors: space'):
        Recognizer.load(copy).set_labels(['photo'])
    shorter = replace(other, matrix=np.ascontiguousarray(other.matrix[:, :10]))
    tiny_bundle.replace_file(copy, 'text_projection.safetensors', shorter.to_bytes())
    with pytest.raises(SpaceError, match='length of vectors: got 10; allowed: 64'):
        Recognizer.load(copy).set_labels(['photo'])


def test_no_recognition_sees_half_of_a_change(recognizer: Recognizer) -> None:
    """While labels are changed, each recognition is whole: ids, identifier, number of scores."""
    sets = [['cup', 'sofa', 'thing'], ['text', 'photo']]
    known = {recognizer.set_labels(labels).labels_id: set(labels) for labels in sets}
    token = Token('camera', 'image', recognizer.labels.embeddings[0])

    def recognise(_: int) -> bool:
        result = recognizer.fuse([token], top_k=9)
        return set(result.class_ids) == known[result.labels_id]

    with ThreadPoolExecutor(4) as pool:
        looking = pool.map(recognise, range(400))
        for turn in range(60):
            recognizer.set_labels(sets[turn % 2])
        assert all(looking)
