"""The teacher's vectors of a data set: what they are of, stand-ins, caches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_readings
import tiny_teacher

from omnibind_core.data.errors import ContainerError
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.reader import read_raw
from omnibind_core.data.shard import Files
from omnibind_core.inference.text_labels import label_vectors
from omnibind_core.models.teachers.conse import ConSE
from omnibind_core.training.embed_data_set import embed_data_set
from omnibind_core.training.embed_data_set import pairs_of
from omnibind_core.training.image_features import BATCH
from omnibind_core.training.image_features import image_features

pytest.importorskip('torch')
pytest.importorskip('tokenizers')
MODALITIES = ('image', 'text', 'thermal')


class Counting:
    """A teacher that counts the pictures it embeds and may fail after some."""

    def __init__(self, teacher: ConSE, most: int = 10**9) -> None:
        self.teacher = teacher
        self.most = most
        self.pictures = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.teacher, name)

    def image_features(self, images: Sequence[np.ndarray]) -> np.ndarray:
        if self.pictures + len(images) > self.most:
            raise KeyboardInterrupt
        self.pictures += len(images)
        return self.teacher.image_features(images)


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return tiny_readings.tiny_data_set(tmp_path / 'data', modalities=MODALITIES)


def raw(manifest: Manifest, modality: str, instance: str, view: int) -> Any:
    (record,) = (
        record
        for record in manifest.records
        if (record.modality, record.instance, record.view) == (modality, instance, view)
    )
    return read_raw(Files(manifest.root), record)


def test_vectors_are_the_teachers(manifest: Manifest, tmp_path: Path) -> None:
    """Of each pair's own picture and caption; readings of nothing have none."""
    teacher = tiny_teacher.make()
    found = embed_data_set(manifest, teacher, tmp_path / 'cache', 0)
    assert len(found) == 2 * 4 * 2
    assert (found.space, found.teacher, found.classes) == (teacher.space, 'conse', ('cup', 'sofa'))
    assert np.array_equal(found.labels, label_vectors(teacher.embed_texts, ['cup', 'sofa']))
    assert found.own_image.all()
    assert found.own_caption.all()
    for row in (0, 5, 15):
        instance, view = found.keys[row]
        picture, text = (raw(manifest, name, instance, view) for name in ('image', 'text'))
        assert np.allclose(found.image[row], teacher.embed_images([picture])[0], atol=1e-5)
        assert np.allclose(found.caption[row], teacher.embed_texts([text])[0], atol=1e-6)
        assert found.classes[found.label[row]] == instance.partition('_')[0]


def test_captions_lose_the_noun(manifest: Manifest, tmp_path: Path) -> None:
    """If they are not to stay whole; where nothing remains, the bare prompt stands in."""
    teacher = tiny_teacher.make()
    # "a thing number 7" is nothing but nouns to this definition
    texts = [raw(manifest, 'text', f'cup_{number}', view) for number in range(4) for view in (0, 1)]
    definitions = {'cup': ' '.join(text.removeprefix('a thing ') for text in texts)}
    found = embed_data_set(manifest, teacher, tmp_path / 'c', 0, definitions=definitions)
    cups = found.label == 0
    assert not found.own_caption[cups].any()
    assert found.own_caption[~cups].all()
    assert np.allclose(found.caption[cups], teacher.embed_texts(['a photo of a cup']), atol=1e-6)
    whole = embed_data_set(
        manifest, teacher, tmp_path / 'c', 0, definitions=definitions, whole_captions=True
    )
    assert whole.own_caption.all()
    instance, view = whole.keys[0]
    text = raw(manifest, 'text', instance, view)
    assert np.allclose(whole.caption[0], teacher.embed_texts([text])[0], atol=1e-6)


def test_stand_ins_for_pictures(manifest: Manifest, tmp_path: Path) -> None:
    """The instance's other views, else the class's students, else the label."""
    teacher = tiny_teacher.make()
    whole = embed_data_set(manifest, teacher, tmp_path / 'c', 0)
    # cup_2 is in the val fold, cup_0 in the student fold
    missing = [
        ('cup_0', 0),
        ('cup_2', 0),
        ('cup_2', 1),
        *((f'sofa_{n}', v) for n in range(4) for v in (0, 1)),
    ]
    left = [
        record
        for record in manifest.records
        if record.modality != 'image' or (record.instance, record.view) not in missing
    ]
    found = embed_data_set(replace(manifest, records=tuple(left)), teacher, tmp_path / 'c', 0)
    assert {key for key, own in zip(found.keys, found.own_image, strict=True) if not own} == set(
        missing
    )

    def of(key: tuple[str, int], vectors: Any = found) -> np.ndarray:
        return vectors.image[vectors.rows([key])[0]]

    assert np.allclose(of(('cup_0', 0)), of(('cup_0', 1), whole), atol=1e-6)
    assert np.allclose(of(('cup_2', 1)), of(('cup_0', 1), whole), atol=1e-6)
    assert np.allclose(of(('sofa_3', 0)), found.labels[1], atol=1e-6)
    assert np.allclose(of(('cup_3', 0)), of(('cup_3', 0), whole), atol=1e-6)


def test_folds_and_records_of_pairs(manifest: Manifest) -> None:
    """As the split has them."""
    pairs = pairs_of(manifest, 0)
    assert [pairs.folds[row] for row in (0, 2, 4, 6)] == ['student', 'fusion', 'val', 'test']
    assert set(pairs_of(manifest, 1).folds) == {'student'}
    assert all(record is not None and record.modality == 'image' for record in pairs.images)


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    """No picture twice, neither after a kill nor in another run or with equal content."""
    manifest = tiny_readings.tiny_data_set(
        tmp_path / 'data', instances=10, views=4, modalities=('image',), nothing=0
    )
    records = [*manifest.records, manifest.records[0]]
    assert len(records) == 81 > 2 * BATCH
    steps: list[int] = []
    killed = Counting(tiny_teacher.make(), most=BATCH)
    with pytest.raises(KeyboardInterrupt):
        image_features(manifest.root, records, killed, tmp_path / 'c', report=steps.append)
    resumed = Counting(tiny_teacher.make())
    found = image_features(manifest.root, records, resumed, tmp_path / 'c', report=steps.append)
    assert (killed.pictures, resumed.pictures) == (BATCH, 80 - BATCH)
    assert sum(steps[2:]) == 81
    again = Counting(tiny_teacher.make())
    assert np.array_equal(image_features(manifest.root, records, again, tmp_path / 'c'), found)
    assert again.pictures == 0
    files = Files(manifest.root)
    pictures = [read_raw(files, record) for record in records]
    assert np.allclose(found, tiny_teacher.make().image_features(pictures), atol=1e-5)


def test_other_features_are_kept_apart(manifest: Manifest, tmp_path: Path) -> None:
    """By the network; another projection or mixture takes the same features."""
    folder = tmp_path / 'c'
    records = [record for record in manifest.records if record.modality == 'image']
    first = image_features(manifest.root, records, tiny_teacher.make(), folder)
    smaller = Counting(tiny_teacher.make(dimension=3, nouns=2))
    assert np.array_equal(image_features(manifest.root, records, smaller, folder), first)
    assert smaller.pictures == 0
    other = image_features(manifest.root, records, tiny_teacher.make(seed=1), folder)
    assert not np.allclose(other, first)


def test_a_damaged_picture_is_named(manifest: Manifest, tmp_path: Path) -> None:
    """And what was done before it stays."""
    path = manifest.root / 'plain.png'
    path.write_bytes(b'no picture')
    record = replace(manifest.records[0], path='plain.png', instance='other')
    with pytest.raises(ContainerError, match=r'plain\.png'):
        image_features(manifest.root, [record], tiny_teacher.make(), tmp_path / 'c')
