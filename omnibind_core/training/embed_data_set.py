"""The teachers' vectors of a whole data set."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.embedding_cache import content_key
from omnibind_core.data.embedding_cache import EmbeddingCache
from omnibind_core.data.embedding_cache import missing_keys
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.reader import read_raw
from omnibind_core.data.record import Record
from omnibind_core.data.shard import Files
from omnibind_core.inference.projection import unit
from omnibind_core.inference.text_labels import class_name
from omnibind_core.inference.text_labels import label_vectors
from omnibind_core.modalities.text import prompts
from omnibind_core.models.teachers.teacher import Teacher
from omnibind_core.training.captions import class_nouns
from omnibind_core.training.captions import without_nouns
from omnibind_core.training.image_features import image_features
from omnibind_core.training.teacher_vectors import TeacherVectors

BARE = ('a photo of a {}',)
"""What stands where nothing remains of a caption."""

_AT_ONCE = 256


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """The pairs of instance and view of a data set, and which records they have.

    :param keys: ``n`` of them, in the manifest's order.
    :param labels: number of the class, int64 ``[n]``.
    :param folds: in the split, ``[n]``.
    :param copies: whether the instance is a deformed copy, ``[n]``.
    :param images: the record of its picture, or ``None``, ``[n]``.
    :param texts: the record of its text, or ``None``, ``[n]``.
    """

    keys: tuple[tuple[str, int], ...]
    labels: NDArray[np.int64]
    folds: tuple[str, ...]
    copies: tuple[bool, ...]
    images: tuple[Record | None, ...]
    texts: tuple[Record | None, ...]


def pairs_of(manifest: Manifest, split: int) -> Pairs:
    """Every pair of instance and view that something was sensed of, of all folds.

    :param split: number of the split.
    """
    found: dict[tuple[str, int], dict[str, Record]] = {}
    for record in manifest.records:
        if not record.nothing:
            found.setdefault((record.instance, record.view), {})[record.modality] = record
    some = [next(iter(records.values())) for records in found.values()]
    return Pairs(
        keys=tuple(found),
        labels=manifest.classes.numbers(record.label for record in some),
        folds=tuple(record.folds[split] for record in some),
        copies=tuple(bool(record.copy_of) for record in some),
        images=tuple(records.get('image') for records in found.values()),
        texts=tuple(records.get('text') for records in found.values()),
    )


def embed_data_set(
    manifest: Manifest,
    teacher: Teacher,
    cache_folder: Path,
    split: int,
    *,
    definitions: Mapping[str, str] | None = None,
    whole_captions: bool = False,
    report: Callable[[int], None] | None = None,
) -> TeacherVectors:
    """The teacher's vectors of every picture, caption and label.

    :param teacher: any; one with an adapter was fitted to this split.
    :param cache_folder: where features of pictures and vectors of texts are kept between runs.
    :param split: number of the split; only stand-ins for missing pictures depend on it.
    :param definitions: of classes: sentences of the labels, and words taken out of captions.
    :param whole_captions: leave the noun of the class in captions.
    :param report: called with how many more pairs' pictures are done.
    :raises ContainerError: a reading is missing or damaged; names the file.
    :raises CacheError: the cache folder holds something else.
    """
    pairs = pairs_of(manifest, split)
    records = [record for record in pairs.images if record is not None]
    features = image_features(manifest.root, records, teacher, cache_folder, report=report)
    return assemble(
        manifest,
        pairs,
        teacher,
        teacher.embed_features(features),
        cache_folder,
        definitions=definitions,
        whole_captions=whole_captions,
    )


def assemble(
    manifest: Manifest,
    pairs: Pairs,
    teacher: Teacher,
    pictures: NDArray[np.float32],
    cache_folder: Path,
    *,
    definitions: Mapping[str, str] | None = None,
    whole_captions: bool = False,
) -> TeacherVectors:
    """As :func:`embed_data_set`, from the pictures' vectors.

    :param pairs: of the data set.
    :param pictures: unit vectors of the pairs' pictures, in their order; pairs without one have
        none. ``[m, d]``.
    """
    labels = label_vectors(teacher.embed_texts, manifest.classes.names, definitions=definitions)
    own_image = np.array([record is not None for record in pairs.images], np.bool_)
    image = np.zeros((len(pairs.keys), teacher.dimension), np.float32)
    image[own_image] = pictures
    _stand_in(image, own_image, pairs, labels)
    captions, own_caption = _captions(manifest, pairs, definitions, whole_captions)
    return TeacherVectors(
        space=teacher.space,
        teacher=teacher.name,
        classes=manifest.classes.names,
        instances=tuple(instance for instance, _ in pairs.keys),
        view=np.array([view for _, view in pairs.keys], np.int64),
        label=pairs.labels,
        image=image,
        caption=embed_texts(captions, teacher, cache_folder),
        labels=labels,
        own_image=own_image,
        own_caption=own_caption,
    )


def embed_texts(texts: list[str], teacher: Teacher, cache_folder: Path) -> NDArray[np.float32]:
    """A teacher's vectors of texts, from its cache or computed now; float32 ``[n, d]``.

    :raises CacheError: the cache folder holds something else.
    """
    space = teacher.space
    cache = EmbeddingCache(cache_folder / space, space=space, dimension=teacher.dimension)
    of_key = {content_key(text.encode()): text for text in texts}
    todo = missing_keys(cache, of_key)
    for start in range(0, len(todo), _AT_ONCE):
        keys = todo[start : start + _AT_ONCE]
        cache.put(keys, teacher.embed_texts([of_key[key] for key in keys]))
    cache.flush()
    return cache.get([content_key(text.encode()) for text in texts])[0]


def _captions(
    manifest: Manifest, pairs: Pairs, definitions: Mapping[str, str] | None, whole: bool
) -> tuple[list[str], NDArray[np.bool_]]:
    """A sentence for each pair, and whether it is the instance's own."""
    names = manifest.classes.names
    nouns = class_nouns(names, definitions)
    files = Files(manifest.root)
    found = []
    try:
        for label, record in zip(pairs.labels.tolist(), pairs.texts, strict=True):
            text = '' if record is None else read_raw(files, record)
            found.append(text if whole else without_nouns(text, nouns[names[label]]))
    finally:
        files.close()
    bare = [prompts(class_name(name), BARE)[0] for name in names]
    sentences = [
        text or bare[label] for text, label in zip(found, pairs.labels.tolist(), strict=True)
    ]
    return sentences, np.array([bool(text) for text in found], np.bool_)


def _stand_in(
    image: NDArray[np.float32],
    own: NDArray[np.bool_],
    pairs: Pairs,
    labels: NDArray[np.float32],
) -> None:
    """Fill the rows without a picture, in place."""
    instances = np.array([instance for instance, _ in pairs.keys])
    learnt = own & (np.array(pairs.folds) == 'student')
    for row in np.flatnonzero(~own).tolist():
        label = pairs.labels[row]
        for like in (own & (instances == instances[row]), learnt & (pairs.labels == label)):
            if like.any():
                image[row] = unit(image[like].mean(axis=0, keepdims=True))[0]
                break
        else:
            image[row] = labels[label]
