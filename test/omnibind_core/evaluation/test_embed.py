"""Folds into tables: what is encoded, corrupted, cached, and refused."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
import pytest
from tiny_bundle import make
from tiny_readings import tiny_data_set

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.errors import DataError
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.reader import read_raw
from omnibind_core.data.shard import Files
from omnibind_core.errors import BackendError
from omnibind_core.errors import ConfigError
from omnibind_core.evaluation import embed
from omnibind_core.evaluation.corruption.registry import corruption
from omnibind_core.evaluation.corruption_plan import corrupted_records
from omnibind_core.evaluation.corruption_plan import CorruptionPlan
from omnibind_core.evaluation.embed import embed_fold
from omnibind_core.evaluation.encoders import Encoder
from omnibind_core.evaluation.encoders import encoder_of
from omnibind_core.evaluation.encoders import encoders_of
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.modalities.image import ImageSpecification
from omnibind_core.modalities.registry import modality

PLAN = CorruptionPlan(drawn=1, garbled_views=1, curve_views=1)
CLASSES = ('mug', 'chair')


@pytest.fixture(scope='module')
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle with encoders of pictures and heat."""
    return open_bundle(make(tmp_path_factory.mktemp('bundle') / 'b'))


@pytest.fixture(scope='module')
def data(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Two classes, one instance of each in every fold, two views, one reading of nothing."""
    names = ('image', 'text', 'thermal')
    root = tmp_path_factory.mktemp('data') / 'set'
    return tiny_data_set(root, classes=CLASSES, modalities=names)


def same(first: EmbeddingTable, second: EmbeddingTable) -> bool:
    """Equal in every column and name."""
    return all(
        np.array_equal(getattr(first, item.name), getattr(second, item.name))
        for item in fields(EmbeddingTable)
    )


def test_as_a_robot_encodes(bundle: Bundle, data: Manifest) -> None:
    """Clean rows equal the recognizer's vectors; corrupted rows those of the corrupted reading."""
    table = embed_fold(data, encoders_of(bundle), bundle.labels(), folds=['test'], plan=PLAN)
    recognizer = Recognizer.load(bundle.folder)
    files = Files(data.root)
    records = {(item.modality, item.instance, item.view): item for item in data.records}
    drawn = {
        (item.path, item.corruption, item.severity): item
        for item in corrupted_records([r for r in data.records if r.modality != 'text'], PLAN)
    }
    corrupted = 0
    for row in range(len(table)):
        name = table.modalities[table.modality[row]]
        record = records[name, table.instances[table.instance[row]], int(table.view[row])]
        raw = read_raw(files, record)
        if table.corruption[row]:
            of, _, kind = table.corruptions[table.corruption[row]].partition(':')
            assert of == name
            item = drawn[record.path, kind, int(table.severity[row])]
            raw = corruption(name, kind).apply(raw, item.severity, item.seed)
            corrupted += 1
        found = modality(name)
        ready = found.prepare(raw, recognizer.specification(name), found.sensor())
        expected = recognizer.encode(name, ready.array).vector
        assert np.abs(table.vectors[row] - expected).max() < 1e-5
        assert table.informative[row] == ready.informative
        assert record.folds[0] == 'test'
        assert table.nothing[row] == record.nothing
        label = table.label[row]
        assert record.label == ('' if label < 0 else table.classes[label])
    clean = 2 * 2 * (2 + 1)  # modalities, instances, views and one of nothing
    assert len(table) == clean + corrupted
    assert corrupted >= 2 * 2 * 5
    assert 'text' not in table.modalities


def test_processes_and_caches_change_nothing(
    bundle: Bundle, data: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same table from two processes, from a half-filled cache, and from a full one."""
    monkeypatch.setattr(embed, '_CHUNK', 8)
    monkeypatch.setattr(embed, 'BATCH', 8)
    given = (data, encoders_of(bundle), bundle.labels())
    plain = embed_fold(*given, folds=['test'], plan=PLAN)
    done: list[int] = []

    def begin(total: int) -> object:
        done.append(-total)
        return done.append

    def stops(self: Encoder, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return original(self, batch)

    left, original = 3, Encoder.encode
    monkeypatch.setattr(Encoder, 'encode', stops)
    with pytest.raises(KeyboardInterrupt):
        embed_fold(*given, folds=['test'], plan=PLAN, cache=tmp_path / 'c')
    left = 100
    resumed = embed_fold(*given, folds=['test'], plan=PLAN, cache=tmp_path / 'c', workers=1)
    used = 100 - left
    left = 0  # nothing may be encoded again
    again = embed_fold(
        *given,
        folds=['test'],
        plan=PLAN,
        cache=tmp_path / 'c',
        begin=begin,  # type: ignore[arg-type]
    )
    assert same(resumed, again)
    for name in ('informative', 'label', 'corruption', 'severity'):
        assert np.array_equal(getattr(plain, name), getattr(resumed, name))
    assert np.abs(plain.vectors - resumed.vectors).max() < 1e-6
    assert used < -(-len(plain) // 8)
    assert sum(done) == 0


def test_another_encoder_is_not_mistaken(bundle: Bundle, data: Manifest, tmp_path: Path) -> None:
    """A cache knows what made its vectors."""
    other = open_bundle(make(tmp_path / 'b', seed=1))
    labels = bundle.labels()
    tables = [
        embed_fold(data, encoders_of(item, ['image']), labels, folds=['val'], cache=tmp_path / 'c')
        for item in (bundle, other, bundle)
    ]
    assert same(tables[0], tables[2])
    assert np.abs(tables[0].vectors - tables[1].vectors).max() > 0.01


def test_texts(bundle: Bundle, data: Manifest) -> None:
    """Encoded by what is given for them, made unit vectors; refused when they do not fit."""
    labels = bundle.labels()
    seen: list[str] = []

    def text(texts: object) -> NDArray[np.float32]:
        seen.extend(texts)  # type: ignore[call-overload]
        return np.full((len(seen), labels.dimension), 3.0, np.float32)

    table = embed_fold(data, {}, labels, folds=['test'], text=text)
    assert table.modalities == ('text',)
    assert len(table) == len(seen) == 4
    assert all('thing number' in item for item in seen)
    assert np.allclose(np.linalg.norm(table.vectors, axis=1), 1.0)
    with pytest.raises(BackendError, match='text encoder'):
        embed_fold(data, {}, labels, folds=['test'], text=lambda _: np.zeros((4, 3), np.float32))


def test_what_does_not_fit(bundle: Bundle, data: Manifest, tmp_path: Path) -> None:
    """Foreign classes, spaces, folds, splits and specifications are refused by name."""
    encoders, labels = encoders_of(bundle), bundle.labels()
    with pytest.raises(DataError, match=r"manifest\.csv: .*'chair', which is none"):
        embed_fold(data, encoders, labels.select(['mug']), folds=['test'])
    with pytest.raises(ConfigError, match=r'folds.*\n.*split'):
        embed_fold(data, encoders, labels, folds=['exam'], split=7)
    with pytest.raises(ConfigError, match='empty'):
        embed_fold(data, {}, labels, folds=['test'])
    short = type(labels).normalised(
        class_ids=labels.class_ids,
        names=labels.names,
        vectors=labels.embeddings[:, :8],
        space='short',
    )
    with pytest.raises(BackendError, match='another space'):
        embed_fold(data, encoders, short, folds=['test'])
    model = bundle.read_bytes(bundle.manifest.modalities['image'].model)
    with pytest.raises(BackendError, match='specification makes'):
        encoder_of(model, ImageSpecification(size=32))
    with pytest.raises(BackendError, match='sonar'):
        encoders_of(bundle, ['sonar'])
