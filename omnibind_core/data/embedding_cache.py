"""Teachers' embeddings on disk, so that no picture is embedded twice.

An embedding is found by the SHA-256 of what was embedded. A cache belongs to one embedding space.
It is a folder of safetensors files, each complete or not there at all, so that a killed run loses
what it had not written yet and nothing else; several processes may add to one cache.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
import hashlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.data.errors import CacheError

_SPACE_FILE = 'space.json'
_VERSION = 1


def content_key(*contents: bytes) -> bytes:
    """The key of what is embedded: SHA-256 over its parts and their lengths, 32 bytes."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(len(content).to_bytes(8, 'big'))
        digest.update(content)
    return digest.digest()


class EmbeddingCache:
    """Embeddings by content, of one space.

    :param folder: made if it is not there.
    :param space: hash or name of the embedding space, see the bundle's ``space``.
    :param dimension: of the vectors.
    :raises CacheError: the folder holds embeddings of another space or dimension.
    """

    def __init__(self, folder: Path, *, space: str, dimension: int) -> None:
        self.folder = folder
        self.dimension = dimension
        self.damaged: tuple[Path, ...] = ()
        folder.mkdir(parents=True, exist_ok=True)
        wanted = {'version': _VERSION, 'space': space, 'dimension': dimension}
        self._claim(wanted)
        self._places: dict[bytes, int] = {}
        self._vectors: list[NDArray[np.float32]] = []
        self._waiting: dict[bytes, NDArray[np.float32]] = {}
        for file in sorted(folder.glob('*.safetensors')):
            self._load(file)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def get(self, keys: Sequence[bytes]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """The embeddings of some keys.

        :returns: float32 ``[n, d]``, zeros where unknown, and which are known ``[n]``.
        """
        vectors = np.zeros((len(keys), self.dimension), np.float32)
        known = np.zeros(len(keys), np.bool_)
        for row, key in enumerate(keys):
            place = self._places.get(key)
            if place is not None:
                vectors[row] = self._vectors[place]
                known[row] = True
        return vectors, known

    def put(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Remember embeddings; they are on disk after :meth:`flush`.

        :param vectors: float32 ``[n, d]``, finite.
        :raises CacheError: for another shape, or a vector that is not finite.
        """
        if vectors.shape != (len(keys), self.dimension) or not np.isfinite(vectors).all():
            given = f'{list(vectors.shape)}' if vectors.ndim != 2 else f'{vectors.shape}'
            raise CacheError(
                f'embeddings of shape {given}; allowed: [{len(keys)}, {self.dimension}], finite'
            )
        for key, vector in zip(keys, np.asarray(vectors, np.float32), strict=True):
            if key not in self._places:
                self._waiting[key] = vector.copy()
                self._remember(key, self._waiting[key])

    def flush(self) -> None:
        """Write what is new as one more file.

        :raises OSError: for example for a full disk; nothing is lost, call it again.
        """
        if not self._waiting:
            return
        from safetensors.numpy import save

        keys = sorted(self._waiting)
        content = save(
            {
                'keys': np.frombuffer(b''.join(keys), np.uint8).reshape(-1, 32).copy(),
                'vectors': np.stack([self._waiting[key] for key in keys]),
            }
        )
        name = hashlib.sha256(content).hexdigest()[:24]
        write_atomically(self.folder / f'{name}.safetensors', content)
        self._waiting.clear()

    def _claim(self, wanted: dict[str, object]) -> None:
        """Mark the folder as belonging to this space, or refuse it."""
        mark = self.folder / _SPACE_FILE
        try:
            given = json.loads(mark.read_text(encoding='utf-8'))
        except FileNotFoundError:
            write_atomically(mark, json.dumps(wanted) + '\n')
            return
        except (OSError, ValueError) as error:
            raise CacheError(f'{mark} cannot be read ({error}); delete the folder') from None
        if given != wanted:
            raise CacheError(
                f'{self.folder} holds embeddings of {json.dumps(given)}, not of '
                f'{json.dumps(wanted)}; choose another folder'
            )

    def _load(self, file: Path) -> None:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            tensors = load_file(file)
        except (SafetensorError, OSError):
            tensors = {}
        keys, vectors = tensors.get('keys'), tensors.get('vectors')
        if (
            keys is None
            or vectors is None
            or keys.dtype != np.uint8
            or vectors.dtype != np.float32
            or keys.shape != (len(vectors), 32)
            or vectors.shape != (len(vectors), self.dimension)
        ):
            # embedding again costs minutes, a wrong embedding costs the experiment
            self.damaged += (file,)
            return
        for key, vector in zip(keys, vectors, strict=True):
            self._remember(key.tobytes(), vector)

    def _remember(self, key: bytes, vector: NDArray[np.float32]) -> None:
        if key not in self._places:
            self._places[key] = len(self._vectors)
            self._vectors.append(vector)


def missing_keys(cache: EmbeddingCache, keys: Iterable[bytes]) -> list[bytes]:
    """The keys that a cache does not know, each once, in order."""
    return list(dict.fromkeys(key for key in keys if key not in cache))
