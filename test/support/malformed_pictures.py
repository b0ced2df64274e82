"""Anything that might arrive where a picture is expected."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray

_PIXELS = ['u1', 'u2', 'f4']
_OTHERS = ['>u2', '>f4', 'f8', 'f2', 'i2', 'i8', 'c8', '?', 'M8[s]', 'S2', 'V3', 'u1,u1']
_SIDES = (0, 1, 2, 3, 5, 9)
_SHAPES: list[tuple[int, ...]] = [
    *itertools.product(_SIDES, _SIDES),
    *itertools.product(_SIDES, _SIDES, (3,)),
    *itertools.product((0, 1, 4), repeat=3),
    *((), (0,), (7,), (1, 2, 3, 3), (0, 0, 0, 3)),
]


def _filled(shape: tuple[int, ...], name: str, data: bytes) -> NDArray[np.generic]:
    dtype = np.dtype(name)
    length = int(np.prod(shape)) * dtype.itemsize
    return np.resize(np.frombuffer(data, np.uint8), length).view(dtype).reshape(shape)


# Arrays of any bits: NaN of every kind, infinities, denormals; any type, any shape.
_ANY_BITS = st.builds(
    _filled,
    st.sampled_from(_SHAPES),
    st.sampled_from([*_PIXELS, *_PIXELS, *_OTHERS]),
    st.binary(min_size=1, max_size=40),
)


def _huge(shape: tuple[int, ...]) -> st.SearchStrategy[NDArray[np.generic]]:
    """An array that claims a size without holding it: reading all of it would never end."""
    return st.sampled_from(_PIXELS).map(lambda dtype: np.broadcast_to(np.zeros((), dtype), shape))


PICTURES_OR_NOT = st.one_of(
    _ANY_BITS,
    _ANY_BITS,
    st.none(),
    st.integers(),
    st.binary(max_size=20),
    st.lists(st.integers(0, 255), max_size=4),
    st.just(np.full((2, 2, 3), None)),
    _huge((1_000_000, 1_000_000)),
    _huge((1_000_000, 1_000_000, 3)),
    _huge((8192, 8192, 3)),
)

ROIS = st.sampled_from([(0, 0, 0, 0), (0, 0, 1, 1), (2, 1, 3, 4), (5, 5, 4, 4), (1, 0, 9, 2)])
ROTATIONS = st.sampled_from([0, 90, 180, 270])
