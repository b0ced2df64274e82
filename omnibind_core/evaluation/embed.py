"""A data set's readings through the encoders into one table, clean and corrupted.

What was encoded once is found again in a cache by its content: the encoder, the reading's bytes,
and the corruption. So a killed run goes on where it was, and a changed encoder is never mistaken
for the old one.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.embedding_table import CLEAN
from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.errors import DataError
from omnibind_core.data.loader import prepared
from omnibind_core.data.manifest import FILE_NAME
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.reader import read_raw
from omnibind_core.data.record import FOLDS
from omnibind_core.data.record import Record
from omnibind_core.data.shard import Files
from omnibind_core.errors import BackendError
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.evaluation.corruption_plan import corrupted_records
from omnibind_core.evaluation.corruption_plan import CorruptedRecord
from omnibind_core.evaluation.corruption_plan import CorruptingPreparation
from omnibind_core.evaluation.corruption_plan import CorruptionPlan
from omnibind_core.evaluation.encoders import Encoder
from omnibind_core.evaluation.encoding_cache import EncodingCache
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.modalities.registry import SENSOR_NAMES

BATCH = 32
TEXT = 'text'
TextEncoder = Callable[[Sequence[str]], NDArray[np.float32]]
_CHUNK = 512  # readings between two writes of the cache


def embed_fold(
    manifest: Manifest,
    encoders: Mapping[str, Encoder],
    labels: LabelBank,
    *,
    folds: Sequence[str],
    split: int = 0,
    plan: CorruptionPlan | None = None,
    text: TextEncoder | None = None,
    cache: Path | None = None,
    workers: int = 0,
    begin: Callable[[int], Callable[[int], None]] | None = None,
) -> EmbeddingTable:
    """Encode the readings of some folds.

    :param manifest: of the data set.
    :param encoders: by modality, see :func:`~omnibind_core.evaluation.encoders.encoders_of`; other
        modalities of the data set are left out.
    :param labels: of the encoders' space; every class of the readings is among them.
    :param folds: of :data:`~omnibind_core.data.record.FOLDS`.
    :param split: number of the split.
    :param plan: what is encoded corrupted; ``None`` = nothing is, readings of nothing are.
    :param text: texts to unit vectors ``[n, d]`` of the same space; ``None`` leaves texts out.
    :param cache: folder of what was encoded before; ``None`` = no cache.
    :param workers: processes that read, corrupt and prepare; 0 = in this one.
    :param begin: called with the number of readings; what it returns is called with how many are
        done, again and again.
    :raises ConfigError: an unknown fold or split, or no readings in them.
    :raises DataError: a class that is not among the labels; names the manifest.
    :raises ContainerError: a reading cannot be used; names the file.
    :raises BackendError: an encoder fails or returns vectors of another length.
    """
    plan = plan or CorruptionPlan()
    records = _records(manifest, encoders, folds, split, plan, text is not None)
    _check_labels(manifest, records, labels)
    step = begin(len(records)) if begin else lambda _: None
    vectors = np.zeros((len(records), labels.dimension), np.float32)
    informative = np.ones(len(records), np.bool_)
    for name in dict.fromkeys(record.modality for record in records):
        rows = [row for row, record in enumerate(records) if record.modality == name]
        of_modality = [records[row] for row in rows]
        if name == TEXT:
            assert text is not None  # _records leaves texts out otherwise
            vectors[rows] = _encode_texts(manifest, of_modality, text, labels.dimension)
            step(len(rows))
            continue
        own = EncodingCache(cache, name, encoders[name], labels) if cache else None
        found = _encode(manifest, of_modality, encoders[name], labels.dimension, own, workers, step)
        vectors[rows], informative[rows] = found
    return _table(records, vectors, informative, labels, split)


def _records(
    manifest: Manifest,
    encoders: Mapping[str, Encoder],
    folds: Sequence[str],
    split: int,
    plan: CorruptionPlan,
    texts: bool,
) -> list[Record]:
    problems = [
        Problem('folds', repr(fold), ', '.join(FOLDS)) for fold in folds if fold not in FOLDS
    ]
    if not 0 <= split < manifest.splits:
        problems.append(Problem('split', str(split), f'0 to {manifest.splits - 1}'))
    if problems:
        raise ConfigError(str(manifest.root / FILE_NAME), problems)
    found: list[Record] = []
    for name in (*SENSOR_NAMES, TEXT):
        if name not in encoders and not (name == TEXT and texts):
            continue
        clean = [
            record
            for record in manifest.records
            if record.modality == name
            and record.folds[split] in folds
            and (plan.nothing or not record.nothing)
        ]
        found += clean
        if name != TEXT:
            spoilt = [
                record for record in clean if not plan.folds or record.folds[split] in plan.folds
            ]
            found += corrupted_records(spoilt, plan)
    if not found:
        allowed = f'a fold with readings of {", ".join(encoders)}'
        problem = Problem('folds', f'{", ".join(folds)} of split {split}, which is empty', allowed)
        raise ConfigError(str(manifest.root / FILE_NAME), [problem])
    return found


def _check_labels(manifest: Manifest, records: Sequence[Record], labels: LabelBank) -> None:
    known = set(labels.class_ids)
    for record in records:
        if record.label and record.label not in known:
            raise DataError(
                f'{manifest.root / FILE_NAME}: {record.path} is of the class {record.label!r}, '
                f'which is none of the {len(known)} labels of the space {labels.space}; evaluate '
                'the data that the labels were made for'
            )


def _encode(
    manifest: Manifest,
    records: Sequence[Record],
    encoder: Encoder,
    dimension: int,
    cache: EncodingCache | None,
    workers: int,
    step: Callable[[int], None],
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Vectors ``[n, d]`` and whether there was something to sense ``[n]``."""
    outcomes = np.zeros((len(records), dimension + 1), np.float32)
    known = np.zeros(len(records), np.bool_)
    keys: list[bytes] = []
    if cache is not None:
        files = Files(manifest.root)
        keys = [cache.key(files, record) for record in records]
        files.close()
        outcomes, known = cache.get(keys)
        step(int(known.sum()))
    missing = np.flatnonzero(~known)
    preparation = CorruptingPreparation(manifest.root, {records[0].modality: encoder.specification})
    arrays = prepared(preparation, [records[int(row)] for row in missing], workers=workers)
    waiting: list[int] = []
    for batch in _batches(missing):
        items = list(islice(arrays, len(batch)))
        vectors = encoder.encode(np.stack([item.array for item in items]))
        if vectors.shape[1] != dimension:
            raise BackendError(
                f'{encoder.name}: returns vectors of length {vectors.shape[1]}, but the labels '
                f'have {dimension}: it belongs to another space'
            )
        outcomes[batch, :dimension] = vectors
        outcomes[batch, dimension] = [item.informative for item in items]
        step(len(batch))
        waiting += batch
        if cache is not None and (len(waiting) >= _CHUNK or batch[-1] == missing[-1]):
            cache.put([keys[row] for row in waiting], outcomes[waiting])
            waiting = []
    return outcomes[:, :dimension], outcomes[:, dimension] > 0


def _batches(rows: NDArray[np.intp]) -> Iterator[list[int]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH].tolist()


def _encode_texts(
    manifest: Manifest, records: Sequence[Record], text: TextEncoder, dimension: int
) -> NDArray[np.float32]:
    files = Files(manifest.root)
    texts = [read_raw(files, record) for record in records]
    files.close()
    vectors = np.asarray(text(texts), np.float32)
    if vectors.shape != (len(texts), dimension) or not np.isfinite(vectors).all():
        raise BackendError(
            f'the text encoder returns {list(vectors.shape)}, not finite vectors '
            f'[{len(texts)}, {dimension}]'
        )
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-12))
    return unit


def _table(
    records: Sequence[Record],
    vectors: NDArray[np.float32],
    informative: NDArray[np.bool_],
    labels: LabelBank,
    split: int,
) -> EmbeddingTable:
    modalities = tuple(dict.fromkeys(record.modality for record in records))
    instances = tuple(dict.fromkeys(record.instance for record in records))
    kinds = [
        f'{record.modality}:{record.corruption}' if isinstance(record, CorruptedRecord) else CLEAN
        for record in records
    ]
    corruptions = tuple(dict.fromkeys((CLEAN, *kinds)))
    places = {
        'modality': {name: place for place, name in enumerate(modalities)},
        'instance': {name: place for place, name in enumerate(instances)},
        'corruption': {name: place for place, name in enumerate(corruptions)},
        'label': {name: place for place, name in enumerate(labels.class_ids)} | {'': -1},
    }
    return EmbeddingTable(
        space=labels.space,
        classes=tuple(labels.class_ids),
        modalities=modalities,
        instances=instances,
        corruptions=corruptions,
        labels=labels.embeddings,
        vectors=vectors,
        modality=np.array([places['modality'][record.modality] for record in records], np.int64),
        label=np.array([places['label'][record.label] for record in records], np.int64),
        instance=np.array([places['instance'][record.instance] for record in records], np.int64),
        view=np.array([record.view for record in records], np.int64),
        fold=np.array([FOLDS.index(record.folds[split]) for record in records], np.int64),
        informative=informative,
        nothing=np.array([record.nothing for record in records], np.bool_),
        corruption=np.array([places['corruption'][kind] for kind in kinds], np.int64),
        severity=np.array(
            [record.severity if isinstance(record, CorruptedRecord) else 0 for record in records],
            np.int64,
        ),
    )
