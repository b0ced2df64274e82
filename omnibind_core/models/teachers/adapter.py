"""A supervised adapter: a linear residual that moves pictures within the teacher's space.

``z = norm(teacher(f) + P (f - mean) / std)`` with the picture's features ``f`` (the residual form
of CLIP-Adapter, Gao et al., 2021). ``P = 0`` is the teacher itself. It is fitted on labelled
training instances and has to be called supervised: whoever uses it is no zero-shot teacher any
more. Texts and labels stay where they are, and so does the space.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
import hashlib

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.inference.projection import unit
from omnibind_core.models.teachers.errors import TeacherError
from omnibind_core.models.teachers.teacher import Teacher


@dataclass(frozen=True, eq=False)
class Adapter:
    """The residual.

    :param mean: of the features, float32 ``[f]``.
    :param std: of the features, float32 ``[f]``, above 0.
    :param matrix: ``P`` transposed, float32 ``[f, d]``.
    :raises InputError: for other shapes, and values that are not finite.
    """

    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    matrix: NDArray[np.float32]

    def __post_init__(self) -> None:
        arrays = (self.mean, self.std, self.matrix)
        if any(array.dtype != np.float32 or not np.isfinite(array).all() for array in arrays):
            raise InputError('adapter', [str(array.dtype) for array in arrays], 'finite float32')
        size = self.mean.shape[0] if self.mean.ndim == 1 else 0
        if not size or self.std.shape != (size,) or self.matrix.shape[:1] != (size,):
            raise InputError('adapter', [array.shape for array in arrays], '[f], [f] and [f, d]')
        if self.matrix.ndim != 2 or not (self.std > 0).all():
            raise InputError('adapter', self.matrix.shape, '[f, d], and std above 0')

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its numbers, hexadecimal."""
        digest = hashlib.sha256(repr(self.matrix.shape).encode())
        for array in (self.mean, self.std, self.matrix):
            digest.update(array.astype('<f4').tobytes())
        return digest.hexdigest()

    def residual(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """What is added to the teacher's vectors, float64 ``[n, d]``.

        :param features: ``[n, f]``.
        :raises InputError: for another shape.
        """
        if features.ndim != 2 or features.shape[1] != len(self.mean):
            raise InputError('features.shape', list(features.shape), f'[n, {len(self.mean)}]')
        standard = (features.astype(np.float64) - self.mean) / self.std
        return np.asarray(standard @ self.matrix.astype(np.float64), np.float64)

    def to_bytes(self) -> bytes:
        """As a safetensors file."""
        from safetensors.numpy import save

        return save({'mean': self.mean, 'std': self.std, 'matrix': self.matrix})


def read_adapter(content: bytes, *, name: str = 'adapter') -> Adapter:
    """An adapter from the bytes of its file.

    :param name: of the file, for the error.
    :raises TeacherError: it is no safetensors file of an adapter.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(content)
        return Adapter(tensors['mean'], tensors['std'], tensors['matrix'])
    except KeyError as error:
        raise TeacherError(f'{name}: no array {error}; it holds no adapter') from None
    except (SafetensorError, InputError) as error:
        raise TeacherError(f'{name}: {error}') from None


class AdaptedTeacher:
    """A teacher whose pictures pass through an adapter; a :class:`~.teacher.Teacher` itself.

    :param teacher: the frozen one.
    :param adapter: for its features and its space.
    :raises InputError: when it is for others.
    """

    def __init__(self, teacher: Teacher, adapter: Adapter) -> None:
        wanted = (teacher.feature_dimension, teacher.dimension)
        if adapter.matrix.shape != wanted:
            raise InputError('adapter', list(adapter.matrix.shape), f'{list(wanted)}')
        self.teacher = teacher
        self.adapter = adapter

    @property
    def name(self) -> str:
        """The teacher's, marked as supervised."""
        return f'{self.teacher.name}+supervised adapter'

    @property
    def space(self) -> str:
        """The teacher's: the texts are where they were."""
        return self.teacher.space

    @property
    def dimension(self) -> int:
        """Length ``d`` of the vectors."""
        return self.teacher.dimension

    @property
    def image_space(self) -> str:
        """The teacher's: the features are the same."""
        return self.teacher.image_space

    @property
    def feature_dimension(self) -> int:
        """Length ``f`` of the features."""
        return self.teacher.feature_dimension

    def image_features(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Features ``[n, f]``, the teacher's."""
        return self.teacher.image_features(images)

    def embed_features(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features as adapted vectors, float32 ``[n, d]``, unit."""
        return unit(self.teacher.embed_features(features) + self.adapter.residual(features))

    def embed_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Pictures as adapted vectors, float32 ``[n, d]``, unit."""
        return self.embed_features(self.image_features(images))

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts, the teacher's vectors, float32 ``[n, d]``, unit."""
        return self.teacher.embed_texts(texts)
