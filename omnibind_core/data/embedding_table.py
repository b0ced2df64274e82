"""Embeddings of a data set's readings in one table: what the fusion learns from and is measured on.

One row for each reading that was encoded; readings that were corrupted before they were encoded
are rows of their own. Stored as one safetensors file: columns as tensors, vectors as float16 (unit
vectors lose less than 0.001 of their direction), the names as JSON beside them in the header.

Notation: ``N`` rows, ``d`` dimension of the space, ``c`` classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields
from dataclasses import replace
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.data.errors import DataError
from omnibind_core.data.record import FOLDS

CLEAN = ''
"""The corruption of a row that was not corrupted; always number 0."""

MOST_BYTES = 2**31
_VERSION = 1
_NAMES = ('classes', 'modalities', 'instances', 'corruptions')
_NUMBERS = ('modality', 'label', 'instance', 'view', 'fold', 'corruption', 'severity')
_FLAGS = ('informative', 'nothing')
_UNIT = 1e-2  # float16 rounds each component by up to 2^-11 of it


class TableError(DataError):
    """A table of embeddings cannot be used; the message names the file or the column."""


@dataclass(frozen=True, kw_only=True, eq=False)
class EmbeddingTable:
    """Encoded readings of one embedding space.

    :param space: identifies the embedding space, as the bundle's ``space``.
    :param classes: class ids; a label's number is its place.
    :param modalities: names; a row's modality is a place in it.
    :param instances: names of the things that were sensed.
    :param corruptions: ``''`` first (clean), then ``modality:name`` as in the registry.
    :param labels: the labels' unit embeddings, float32 ``[c, d]``.
    :param vectors: unit embeddings of the readings, float32 ``[N, d]``.
    :param modality: int64 ``[N]``.
    :param label: int64 ``[N]``; -1 where there was nothing to sense.
    :param instance: int64 ``[N]``.
    :param view: int64 ``[N]``; equal views of one instance were sensed at the same time.
    :param fold: int64 ``[N]``, places in :data:`~omnibind_core.data.record.FOLDS`.
    :param informative: bool ``[N]``, what the preprocessing said of the reading.
    :param nothing: bool ``[N]``, the truth: there was nothing to sense.
    :param corruption: int64 ``[N]``, places in ``corruptions``.
    :param severity: int64 ``[N]``, 1 to 5; 0 where clean.
    :raises TableError: for columns that do not fit, with the first one that does not.
    """

    space: str
    classes: tuple[str, ...]
    modalities: tuple[str, ...]
    instances: tuple[str, ...]
    corruptions: tuple[str, ...]
    labels: NDArray[np.float32]
    vectors: NDArray[np.float32]
    modality: NDArray[np.int64]
    label: NDArray[np.int64]
    instance: NDArray[np.int64]
    view: NDArray[np.int64]
    fold: NDArray[np.int64]
    informative: NDArray[np.bool_]
    nothing: NDArray[np.bool_]
    corruption: NDArray[np.int64]
    severity: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or self.labels.ndim != 2:
            raise TableError(f'vectors {self.vectors.shape}, labels {self.labels.shape}; two axes')
        if self.labels.shape != (len(self.classes), self.dimension):
            wanted = f'[{len(self.classes)}, {self.dimension}]'
            raise TableError(f'labels of shape {list(self.labels.shape)}; allowed: {wanted}')
        if not self.corruptions or self.corruptions[0] != CLEAN:
            raise TableError(f'corruptions {list(self.corruptions)[:3]}; the first is "" (clean)')
        for name in (*_NUMBERS, *_FLAGS):
            column = getattr(self, name)
            if column.shape != (len(self),):
                raise TableError(f'column {name} of shape {list(column.shape)}, not [{len(self)}]')
        bounds = {
            'modality': (0, len(self.modalities)),
            'label': (-1, len(self.classes)),
            'instance': (0, len(self.instances)),
            'fold': (0, len(FOLDS)),
            'corruption': (0, len(self.corruptions)),
            'severity': (0, 6),
        }
        for name, (low, high) in bounds.items():
            column = getattr(self, name)
            if len(column) and not low <= int(column.min()) <= int(column.max()) < high:
                found = f'{int(column.min())} to {int(column.max())}'
                raise TableError(f'column {name} holds {found}; allowed: {low} to {high - 1}')
        for name in ('vectors', 'labels'):
            lengths = np.linalg.norm(getattr(self, name), axis=1)
            if not (np.abs(lengths - 1.0) < _UNIT).all():  # false for NaN
                row = int(np.argmin(np.abs(lengths - 1.0) < _UNIT))
                raise TableError(f'{name}: row {row} has length {lengths[row]:.4g}, not 1')

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return int(self.vectors.shape[1])

    def select(self, rows: NDArray[Any]) -> EmbeddingTable:
        """The same table with some of its rows.

        :param rows: bool ``[N]``, or the numbers of the rows, in the wanted order.
        """
        columns = {name: getattr(self, name)[rows] for name in ('vectors', *_NUMBERS, *_FLAGS)}
        return replace(self, **columns)

    def in_fold(self, fold: str) -> EmbeddingTable:
        """The rows of one fold.

        :param fold: one of :data:`~omnibind_core.data.record.FOLDS`.
        """
        return self.select(self.fold == FOLDS.index(fold))

    def is_clean(self) -> NDArray[np.bool_]:
        """Which rows are of readings as they came, of something, bool ``[N]``."""
        clean: NDArray[np.bool_] = (self.corruption == 0) & ~self.nothing
        return clean

    def save(self, path: Path) -> None:
        """Write the table, completely or not at all."""
        from safetensors.numpy import save

        tensors: dict[str, NDArray[Any]] = {
            'vectors': self.vectors.astype(np.float16),
            'labels': np.ascontiguousarray(self.labels, np.float32),
        }
        tensors |= {name: getattr(self, name).astype(np.int32) for name in _NUMBERS}
        tensors |= {name: getattr(self, name).astype(np.uint8) for name in _FLAGS}
        about = {'version': _VERSION, 'space': self.space}
        about |= {name: list(getattr(self, name)) for name in _NAMES}
        content = save(tensors, metadata={'table': json.dumps(about)})
        write_atomically(path, content)


def read_embedding_table(path: Path) -> EmbeddingTable:
    """Read and check a table.

    :raises TableError: naming the file, when it is missing, damaged, or does not fit together.
    """
    from safetensors import safe_open
    from safetensors import SafetensorError

    try:
        if path.stat().st_size > MOST_BYTES:
            raise TableError(f'{path}: larger than {MOST_BYTES} bytes')
        with safe_open(path, 'numpy') as file:
            about = json.loads((file.metadata() or {}).get('table', 'null'))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        raise TableError(f'{path}: {error.strerror or error}') from None
    except (SafetensorError, ValueError) as error:
        raise TableError(f'{path}: damaged ({error}); make it again') from None
    if not isinstance(about, dict) or about.get('version') != _VERSION:
        raise TableError(f'{path}: not a table of embeddings of version {_VERSION}')
    try:
        columns: dict[str, Any] = {
            'vectors': _unit(tensors['vectors'].astype(np.float32)),
            'labels': tensors['labels'].astype(np.float32),
        }
        columns |= {name: tensors[name].astype(np.int64) for name in _NUMBERS}
        columns |= {name: tensors[name].astype(np.bool_) for name in _FLAGS}
        columns |= {name: tuple(str(item) for item in about[name]) for name in _NAMES}
        return EmbeddingTable(space=str(about['space']), **columns)
    except (KeyError, TypeError) as error:
        raise TableError(f'{path}: {error} is missing; make it again') from None
    except TableError as error:
        raise TableError(f'{path}: {error}') from None


def joined(tables: list[EmbeddingTable]) -> EmbeddingTable:
    """Tables of the same space and names, one after the other.

    :raises TableError: for no table, or tables that differ in space, names or labels.
    """
    if not tables:
        raise TableError('no tables to join')
    first = tables[0]
    for table in tables[1:]:
        for name in ('space', *_NAMES):
            if getattr(table, name) != getattr(first, name):
                raise TableError(f'tables of different {name} cannot be joined')
        if not np.array_equal(table.labels, first.labels):
            raise TableError('tables of different labels cannot be joined')
    columns: dict[str, Any] = {
        field.name: np.concatenate([getattr(table, field.name) for table in tables])
        for field in fields(EmbeddingTable)
        if field.name in ('vectors', *_NUMBERS, *_FLAGS)
    }
    return replace(first, **columns)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit length again, after rounding."""
    if vectors.ndim != 2:
        return vectors
    with np.errstate(invalid='ignore', over='ignore'):  # what is not finite is refused later
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
