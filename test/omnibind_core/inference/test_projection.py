"""The affine map into the space: arithmetic, files, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save

from omnibind_core.errors import BundleError
from omnibind_core.errors import InputError
from omnibind_core.inference.projection import Projection
from omnibind_core.inference.projection import read_projection
from omnibind_core.inference.projection import unit

MEAN = np.array([1.0, 0.0, -1.0], np.float32)
MATRIX = np.array([[2.0, 0.0], [0.0, 3.0], [0.0, 4.0]], np.float32)
PROJECTION = Projection(MEAN, MATRIX)


def test_by_hand() -> None:
    """``(x - mean) matrix``, then unit length."""
    given = np.array([[4.0, 0.0, 1.0]])
    assert PROJECTION.spread(given).tolist() == [[6.0, 8.0]]
    assert np.allclose(PROJECTION(given), [[0.6, 0.8]])
    assert PROJECTION(given).dtype == np.float32
    assert PROJECTION(given[:0]).shape == (0, 2)
    assert (PROJECTION.taken, PROJECTION.dimension) == (3, 2)


def test_is_kept_in_a_file() -> None:
    """To the bit, with the same digest."""
    again = read_projection(PROJECTION.to_bytes())
    assert np.array_equal(again.matrix, MATRIX)
    assert np.array_equal(again.mean, MEAN)
    assert again.digest == PROJECTION.digest


def test_digest_depends_on_every_number() -> None:
    """And on the shape."""
    other = MATRIX.copy()
    other[2, 1] = np.nextafter(other[2, 1], np.float32(9))
    flat = Projection(MEAN[:2], MATRIX[:2].reshape(2, 2))
    digests = {PROJECTION.digest, Projection(MEAN, other).digest, flat.digest}
    digests.add(Projection(MEAN + 1, MATRIX).digest)
    assert len(digests) == 4


def test_nobody_can_change_it() -> None:
    """Neither through the array it was made of, nor its own."""
    mine = MATRIX.copy()
    kept = Projection(MEAN, mine)
    mine[0, 0] = 100.0
    assert kept.matrix[0, 0] == 2.0
    with pytest.raises(ValueError, match='read-only'):
        kept.matrix[0, 0] = 1.0


@pytest.mark.parametrize(
    ('mean', 'matrix', 'field'),
    [
        (MEAN.astype(np.float64), MATRIX, 'mean.dtype'),
        (MEAN[:2], MATRIX, 'matrix.shape'),
        (MEAN, MATRIX[0], 'matrix.shape'),
        (np.full(3, np.inf, np.float32), MATRIX, 'mean'),
        ([1.0], MATRIX, 'mean.dtype'),
    ],
)
def test_refuses(mean: np.ndarray, matrix: np.ndarray, field: str) -> None:
    """What is no projection, by the name of what is wrong."""
    with pytest.raises(InputError) as caught:
        Projection(mean, matrix)
    assert caught.value.field == field


def test_refuses_vectors() -> None:
    """Of another length, and without a direction."""
    with pytest.raises(InputError, match=r'\[n, 3\]'):
        PROJECTION(np.zeros((2, 4)))
    with pytest.raises(InputError, match='length 0 in row 1'):
        PROJECTION(np.stack([MEAN + 1, MEAN]))
    with pytest.raises(InputError, match='length nan in row 0'):
        unit(np.array([[np.nan, 1.0]]))


@pytest.mark.parametrize(
    'content', [b'', b'no file', save({'mean': MEAN}), save({'mean': MEAN, 'matrix': MEAN})]
)
def test_refuses_files(content: bytes) -> None:
    """By their name."""
    with pytest.raises(BundleError, match=r'^p\.safetensors: '):
        read_projection(content, name='p.safetensors')
