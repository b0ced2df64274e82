"""Whitening: what it makes of the vectors it was fitted to."""

from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_core.models.teachers.whitening import fit_whitening


def cone(count: int = 400, size: int = 12) -> np.ndarray:
    """Vectors in a narrow cone, with very unequal spread."""
    random = np.random.default_rng(0)
    turned = np.linalg.qr(random.normal(0, 1, (size, size)))[0]
    spread = random.normal(0, 1, (count, size)) * np.geomspace(1.0, 0.01, size)
    return (5.0 + spread @ turned).astype(np.float32)


def test_covariance_is_the_identity() -> None:
    """Without shrinkage, around a mean of 0."""
    vectors = cone()
    for dimension in (12, 5):
        spread = fit_whitening(vectors, dimension=dimension, shrinkage=0.0).spread(vectors)
        assert np.abs(spread.mean(axis=0)).max() < 1e-3
        covariance = spread.T @ spread / len(spread)
        assert np.abs(covariance - np.eye(dimension)).max() < 1e-3


def test_shrinkage_against_the_singular_values() -> None:
    """Variance ``l / (l + s mean(l))`` along each axis; the axes by another decomposition."""
    vectors = cone().astype(np.float64)
    values = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False) ** 2 / len(vectors)
    spread = fit_whitening(vectors, dimension=6, shrinkage=0.7).spread(vectors)
    wanted = values[:6] / (values[:6] + 0.7 * values.mean())
    assert np.allclose(spread.var(axis=0), wanted, rtol=1e-3)
    assert np.abs(np.corrcoef(spread.T) - np.eye(6)).max() < 1e-3


def test_much_shrinkage_leaves_principal_components() -> None:
    """Cosines are those of the centred vectors."""
    vectors = cone(size=6)
    found = fit_whitening(vectors, dimension=6, shrinkage=1e6)(vectors)
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    assert np.abs(found @ found.T - centred @ centred.T).max() < 1e-3


def test_signs_do_not_depend_on_the_library() -> None:
    """The largest entry of each axis is positive, and mirrored input is mirrored output."""
    vectors = cone()
    matrix = fit_whitening(vectors, dimension=4, shrinkage=0.1).matrix
    assert (matrix[np.abs(matrix).argmax(axis=0), np.arange(4)] > 0).all()
    assert np.array_equal(matrix, fit_whitening(-vectors, dimension=4, shrinkage=0.1).matrix)


def test_refuses_what_does_not_span_the_space() -> None:
    """And says how many dimensions there are."""
    flat = cone() @ np.diag([1.0] * 7 + [0.0] * 5)
    with pytest.raises(InputError, match='7 dimensions; allowed: vectors that span 8'):
        fit_whitening(flat, dimension=8, shrinkage=0.0)
    for count, dimension in ((400, 13), (400, 1), (5, 5)):
        with pytest.raises(InputError, match=r'vectors\.shape'):
            fit_whitening(cone(count), dimension=dimension, shrinkage=0.0)
