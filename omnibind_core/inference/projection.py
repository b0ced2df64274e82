"""The affine map from an encoder's own vectors into the embedding space.

Text encoders of language models put every sentence into a narrow cone: all cosines are high, and
what they differ by is small. Centring, and whitening into fewer dimensions, spreads them out. What
the map was fitted to is the teacher's business; applying it takes numpy alone, so that a robot can.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
import hashlib

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import BundleError
from omnibind_core.errors import InputError

_LONGEST = 8192
_LEAST_LENGTH = 1e-9


@dataclass(frozen=True, eq=False)
class Projection:
    """``z = norm((x - mean) matrix)``.

    :param mean: float32 ``[k]``.
    :param matrix: float32 ``[k, d]``.
    :raises InputError: for another type or shape, and for values that are not finite.
    """

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]

    def __post_init__(self) -> None:
        for name, axes in (('mean', 1), ('matrix', 2)):
            given = getattr(self, name)
            if not isinstance(given, np.ndarray) or given.dtype != np.float32:
                kind = getattr(given, 'dtype', type(given).__name__)
                raise InputError(f'{name}.dtype', kind, 'an array of float32')
            if given.ndim != axes or not all(1 <= side <= _LONGEST for side in given.shape):
                raise InputError(f'{name}.shape', list(given.shape), f'{axes} axes to {_LONGEST}')
            if not np.isfinite(given).all():
                raise InputError(name, 'values that are not finite', 'finite values')
            kept = np.array(given, np.float32, order='C')
            kept.flags.writeable = False
            object.__setattr__(self, name, kept)
        if len(self.mean) != len(self.matrix):
            allowed = f'[{len(self.mean)}, d], as mean'
            raise InputError('matrix.shape', list(self.matrix.shape), allowed)

    @property
    def taken(self) -> int:
        """Length ``k`` of the vectors it takes."""
        return int(self.matrix.shape[0])

    @property
    def dimension(self) -> int:
        """Length ``d`` of the vectors it gives."""
        return int(self.matrix.shape[1])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its numbers, hexadecimal; equal for equal maps on every machine."""
        digest = hashlib.sha256(f'{self.taken} {self.dimension} '.encode())
        digest.update(self.mean.astype('<f4').tobytes())
        digest.update(self.matrix.astype('<f4').tobytes())
        return digest.hexdigest()

    def spread(self, vectors: NDArray[np.floating]) -> NDArray[np.float64]:
        """The map without the last step: ``(x - mean) matrix``, float64 ``[n, d]``.

        :param vectors: floats ``[n, k]``.
        :raises InputError: for another shape.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self.taken:
            raise InputError('vectors.shape', list(vectors.shape), f'[n, {self.taken}]')
        centred = vectors.astype(np.float64) - self.mean.astype(np.float64)
        return np.asarray(centred @ self.matrix.astype(np.float64), np.float64)

    def __call__(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """Vectors in the space: float32 ``[n, d]`` of unit length.

        :param vectors: floats ``[n, k]``.
        :raises InputError: for another shape, and for a vector that has no direction there.
        """
        return unit(self.spread(vectors))

    def to_bytes(self) -> bytes:
        """As a safetensors file."""
        from safetensors.numpy import save

        return save({'mean': self.mean, 'matrix': self.matrix})


def read_projection(content: bytes, *, name: str = 'projection') -> Projection:
    """A projection from the bytes of its file.

    :param name: of the file, for the error.
    :raises BundleError: it is no safetensors file with a usable ``mean`` and ``matrix``.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(content)
        return Projection(tensors['mean'], tensors['matrix'])
    except KeyError as error:
        raise BundleError(f'{name}: no array {error}; it holds no projection') from None
    except (SafetensorError, InputError) as error:
        raise BundleError(f'{name}: {error}') from None


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Rows scaled to unit length in float64, as float32 ``[n, d]``.

    :raises InputError: for a row that is not finite, or has no direction.
    """
    rows = vectors.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    bad = ~(np.isfinite(lengths) & (lengths > _LEAST_LENGTH))[:, 0]
    if bad.any():
        given = f'length {lengths[bad.argmax(), 0]:g} in row {int(bad.argmax())}'
        raise InputError('vectors', given, 'finite vectors with a direction')
    return np.asarray(rows / lengths, np.float32)
