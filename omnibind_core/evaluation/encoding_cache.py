"""What encoders made of readings, found again by content: encoder, reading's bytes, corruption."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.embedding_cache import content_key
from omnibind_core.data.embedding_cache import EmbeddingCache
from omnibind_core.data.reader import contents
from omnibind_core.data.record import Record
from omnibind_core.data.shard import Files
from omnibind_core.evaluation.corruption_plan import CorruptedRecord
from omnibind_core.evaluation.encoders import Encoder
from omnibind_core.inference.label_bank import LabelBank

_VERSION = 1  # raised when preprocessing or corruptions change their outcome


class EncodingCache:
    """One encoder's outcomes: the vector, and after it whether the reading was informative.

    :param folder: of the caches of all encoders.
    :param modality: the encoder's.
    :param labels: of its space.
    :raises CacheError: what is there belongs to another space.
    """

    def __init__(self, folder: Path, modality: str, encoder: Encoder, labels: LabelBank) -> None:
        self._digest = encoder.digest.encode()
        self._store = EmbeddingCache(
            folder / f'{modality}-{encoder.digest[:16]}',
            space=f'{labels.space} and informative',
            dimension=labels.dimension + 1,
        )

    def key(self, files: Files, record: Record) -> bytes:
        """What identifies one outcome."""
        how = b''
        if isinstance(record, CorruptedRecord):
            how = f'{record.corruption}:{record.severity}:{record.seed}'.encode()
        version = str(_VERSION).encode()
        return content_key(version, self._digest, how, *contents(files, record))

    def get(self, keys: Sequence[bytes]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Outcomes ``[n, d + 1]``, and which are known ``[n]``."""
        return self._store.get(keys)

    def put(self, keys: Sequence[bytes], outcomes: NDArray[np.float32]) -> None:
        """Remember outcomes, on disk."""
        self._store.put(keys, outcomes)
        self._store.flush()
