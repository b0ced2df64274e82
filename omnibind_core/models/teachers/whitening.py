"""Fitting the space: regularised whitening of a set of reference vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.inference.projection import Projection


def fit_whitening(vectors: NDArray[np.floating], *, dimension: int, shrinkage: float) -> Projection:
    """Principal axes of reference vectors, each divided by its spread.

    With ``C = V diag(l) V^T`` the covariance of the vectors around their mean, the matrix is
    ``V_d diag(l_d + s mean(l))^(-1/2)``: the ``d`` largest axes. ``s = 0`` makes the covariance of
    the projected vectors the identity; ``s`` to infinity leaves plain principal components. What
    the reference vectors hardly vary along is mostly noise; ``s`` keeps it from being blown up.

    The sign of an axis means nothing; it is set so that its largest entry is positive.

    :param vectors: floats ``[n, k]``, n > d.
    :param dimension: ``d``, 2 to k.
    :param shrinkage: ``s``, 0 or more.
    :raises InputError: for another shape, or vectors that do not span ``d`` dimensions.
    """
    if vectors.ndim != 2 or not 2 <= dimension <= min(vectors.shape[1], len(vectors) - 1):
        allowed = f'[n > {dimension}, k >= {dimension}], and 2 dimensions or more'
        raise InputError('vectors.shape', list(vectors.shape), allowed)
    given = vectors.astype(np.float64)
    mean = given.mean(axis=0)
    covariance = np.cov(given, rowvar=False, bias=True)
    values, axes = np.linalg.eigh(covariance)
    values, axes = values[::-1], axes[:, ::-1]
    if values[dimension - 1] <= 1e-10 * values[0]:
        spanned = int((values > 1e-10 * values[0]).sum())
        raise InputError('vectors', f'{spanned} dimensions', f'vectors that span {dimension}')
    axes = axes[:, :dimension]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(dimension)])
    matrix = axes / np.sqrt(values[:dimension] + shrinkage * values.mean())
    return Projection(mean.astype(np.float32), matrix.astype(np.float32))
