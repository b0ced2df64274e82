"""The labels a recognition chooses from, with their embeddings.

Notation: ``c`` number of labels, ``d`` length of an embedding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
import hashlib
import json

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError

MOST_LABELS = 100_000
LONGEST_TEXT = 512  # characters of a class_id or a name
_LONGEST_EMBEDDING = 8192
# float32 unit vectors of length d err by about sqrt(d) * 6e-8; a wrong normalisation errs by more.
_UNIT_TOLERANCE = 1e-3
_LEAST_LENGTH = 1e-6  # a label's vector with all values below this has no direction


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelBank:
    """Labels and their unit vectors in one embedding space. Two banks are equal if they are the
    same labels in the same order with the same vectors, to the bit.

    :param class_ids: stable identifiers ``[c]``, all different, none empty.
    :param names: names for people ``[c]``, none empty; they may repeat.
    :param embeddings: float32 ``[c, d]`` of unit length; kept as a read-only copy.
    :param space: identifier of the embedding space the vectors live in.
    :raises InputError: for no labels, duplicates, another type or shape, and for rows that are not
        finite or not of unit length (:meth:`normalised` scales them).
    """

    class_ids: tuple[str, ...]
    names: tuple[str, ...]
    embeddings: NDArray[np.float32]
    space: str

    def __post_init__(self) -> None:
        """Check everything; keep a copy that nobody can write to."""
        class_ids = _texts(self.class_ids, 'class_ids')
        names = _texts(self.names, 'names')
        for class_id, count in Counter(class_ids).items():
            if count > 1:
                raise InputError('class_ids', f'{class_id!r} {count} times', 'each only once')
        if len(names) != len(class_ids):
            raise InputError('names', f'{len(names)} names', f'{len(class_ids)}, as class_ids')
        _texts((self.space,), 'space')
        embeddings = _rows(self.embeddings, len(class_ids))
        if embeddings.dtype != np.float32:
            raise InputError('embeddings.dtype', embeddings.dtype, 'float32')
        lengths = np.linalg.norm(embeddings.astype(np.float64), axis=1)
        worst = int(np.abs(lengths - 1).argmax())
        if abs(lengths[worst] - 1) > _UNIT_TOLERANCE:
            given = f'length {lengths[worst]:g} for {class_ids[worst]!r}'
            raise InputError('embeddings', given, 'unit length; see LabelBank.normalised')
        kept = np.array(embeddings, dtype=np.float32, order='C')
        kept.flags.writeable = False
        for name, value in (('class_ids', class_ids), ('names', names), ('embeddings', kept)):
            object.__setattr__(self, name, value)

    @classmethod
    def normalised(
        cls,
        *,
        class_ids: Sequence[str],
        names: Sequence[str],
        vectors: NDArray[np.floating],
        space: str,
    ) -> LabelBank:
        """A bank of vectors of any length, which are scaled to unit length.

        :param vectors: floats ``[c, d]``, for instance means over several prompts.
        :raises InputError: as the class does, and for a vector without a direction.
        """
        class_ids = _texts(class_ids, 'class_ids')
        rows = _rows(vectors, len(class_ids)).astype(np.float64)
        largest = np.abs(rows).max(axis=1, keepdims=True)
        if (largest < _LEAST_LENGTH).any():
            given = f'a zero vector for {class_ids[int(largest.argmin())]!r}'
            raise InputError('embeddings', given, 'vectors with a direction')
        rows /= largest  # so that no square overflows
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return cls(
            class_ids=class_ids,
            names=_texts(names, 'names'),
            embeddings=rows.astype(np.float32),
            space=space,
        )

    @property
    def dimension(self) -> int:
        """Length ``d`` of the embeddings."""
        return int(self.embeddings.shape[1])

    @cached_property
    def labels_id(self) -> str:
        """What identifies these labels: 16 hexadecimal digits of the SHA-256 of identifiers, names,
        space and vectors. It is the same on every machine and in every process.
        """
        texts = json.dumps(
            [self.space, self.class_ids, self.names, self.embeddings.shape], ensure_ascii=True
        )
        digest = hashlib.sha256(texts.encode('ascii'))
        digest.update(self.embeddings.astype('<f4').tobytes())
        return digest.hexdigest()[:16]

    def __len__(self) -> int:
        return len(self.class_ids)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LabelBank):
            return NotImplemented
        return self.labels_id == other.labels_id

    def __hash__(self) -> int:
        return hash(self.labels_id)

    def index(self, class_id: str) -> int:
        """Row of a label.

        :raises InputError: for a label that is not in the bank.
        """
        try:
            return self.class_ids.index(class_id)
        except ValueError:
            raise InputError('class_id', repr(class_id), _some(self.class_ids)) from None

    def select(self, class_ids: Iterable[str]) -> LabelBank:
        """Some of the labels, in the order given.

        :raises InputError: for a label that is not in the bank, for duplicates, and for none.
        """
        wanted = tuple(class_ids)
        rows = {class_id: row for row, class_id in enumerate(self.class_ids)}
        for class_id in wanted:
            if class_id not in rows:
                raise InputError('class_ids', repr(class_id), _some(self.class_ids))
        chosen = [rows[class_id] for class_id in wanted]
        return LabelBank(
            class_ids=wanted,
            names=tuple(self.names[row] for row in chosen),
            embeddings=self.embeddings[chosen],
            space=self.space,
        )

    def with_labels(
        self,
        *,
        class_ids: Sequence[str],
        names: Sequence[str],
        vectors: NDArray[np.floating],
    ) -> LabelBank:
        """The bank with further labels: known ones are replaced in their place, new ones appended.

        :param vectors: ``[k, d]`` in the same space, of any length.
        :raises InputError: as :meth:`normalised`, and for vectors of another length ``d``.
        """
        added = LabelBank.normalised(
            class_ids=class_ids, names=names, vectors=vectors, space=self.space
        )
        if added.dimension != self.dimension:
            raise InputError('embeddings.shape', list(vectors.shape), f'[k, {self.dimension}]')
        order = tuple(dict.fromkeys((*self.class_ids, *added.class_ids)))
        rows = {class_id: (self, row) for row, class_id in enumerate(self.class_ids)}
        rows.update({class_id: (added, row) for row, class_id in enumerate(added.class_ids)})
        found = [rows[class_id] for class_id in order]
        return LabelBank(
            class_ids=order,
            names=tuple(bank.names[row] for bank, row in found),
            embeddings=np.stack([bank.embeddings[row] for bank, row in found]),
            space=self.space,
        )


def _texts(given: object, field: str) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InputError(field, type(given).__name__, 'a sequence of texts')
    if not 1 <= len(given) <= MOST_LABELS:
        raise InputError(field, f'{len(given)} labels', f'1 to {MOST_LABELS}')
    for text in given:
        if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_TEXT or not text.strip():
            shown = repr(text) if len(repr(text)) <= 60 else f'{repr(text)[:57]}...'
            raise InputError(field, shown, f'texts of 1 to {LONGEST_TEXT} characters')
    return tuple(given)


def _rows(given: object, count: int) -> NDArray[np.floating]:
    """A finite float array ``[count, d]``."""
    if not isinstance(given, np.ndarray) or not np.issubdtype(given.dtype, np.floating):
        kind = given.dtype if isinstance(given, np.ndarray) else type(given).__name__
        raise InputError('embeddings.dtype', kind, 'an array of floats')
    if given.ndim != 2 or given.shape[0] != count or not 1 <= given.shape[1] <= _LONGEST_EMBEDDING:
        allowed = f'[{count}, d] with d from 1 to {_LONGEST_EMBEDDING}'
        raise InputError('embeddings.shape', list(given.shape), allowed)
    finite = np.isfinite(given).all(axis=1)
    if not finite.all():
        raise InputError('embeddings', f'row {int(finite.argmin())} is not finite', 'finite values')
    return given


def _some(texts: Sequence[str]) -> str:
    shown = ', '.join(repr(text) for text in texts[:20])
    return f'one of {shown}{" ..." if len(texts) > 20 else ""}'
