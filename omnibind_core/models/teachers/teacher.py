"""What a teacher is: frozen, and the same for every part of training that asks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Teacher(Protocol):
    """Pictures and texts as unit vectors of one space.

    Pictures go in two steps. Their *features* are what costs time, depend on the picture alone, and
    are kept in a cache; from there into the space takes a few products of matrices, so that another
    projection, or an adapter, embeds no picture again.
    """

    @property
    def name(self) -> str:
        """Kind of teacher: ``conse``, ``clip``."""

    @property
    def space(self) -> str:
        """What identifies the space: equal only for equal texts' vectors."""

    @property
    def dimension(self) -> int:
        """Length ``d`` of the vectors."""

    @property
    def image_space(self) -> str:
        """What identifies the features of pictures, whatever becomes of them."""

    @property
    def feature_dimension(self) -> int:
        """Length ``f`` of the features."""

    def image_features(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Features of pictures: uint8 ``[h, w, 3]`` RGB each, to float32 ``[n, f]``."""

    def embed_features(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features ``[n, f]`` as vectors of the space, float32 ``[n, d]``, unit."""

    def embed_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Pictures as vectors of the space, float32 ``[n, d]``, unit."""

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts as vectors of the space, float32 ``[n, d]``, unit."""
