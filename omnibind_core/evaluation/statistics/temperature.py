"""One temperature that makes posteriors calibrated (Guo et al., 2017), fitted within bounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.inference.classification import log_posterior

LEAST, MOST = 1e-3, 10.0
_GRID = 60
_STEPS = 40
_GOLDEN = (5.0**0.5 - 1.0) / 2.0


def negative_log_likelihood(
    logits: NDArray[np.floating], labels: NDArray[np.integer], temperature: float
) -> float:
    """Mean of ``-log p(label)`` at a temperature.

    :param logits: ``[n, c]``.
    :param labels: ``[n]``.
    """
    logs = log_posterior(logits, temperature)
    return float(-logs[np.arange(len(labels)), labels].mean())


def fit_temperature(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """The temperature of least negative log-likelihood, between 0.001 and 10.

    A grid, then golden-section search beside its best point. It cannot diverge, which unbounded
    second-order steps do where all samples are right.

    :param logits: ``[n, c]``, finite.
    :param labels: int ``[n]``.
    :raises InputError: for shapes that do not fit, or no samples.
    """
    if logits.ndim != 2 or labels.shape != (len(logits),) or not len(labels):
        raise InputError('logits.shape', list(logits.shape), '[n, c] with n labels, n >= 1')
    if not ((labels >= 0) & (labels < logits.shape[1])).all():
        raise InputError('labels', 'a label outside', f'0 to {logits.shape[1] - 1}')
    grid = np.linspace(np.log(LEAST), np.log(MOST), _GRID)
    losses = [negative_log_likelihood(logits, labels, float(np.exp(point))) for point in grid]
    best = int(np.argmin(losses))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, _GRID - 1)]
    for _ in range(_STEPS):
        first, second = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if negative_log_likelihood(logits, labels, float(np.exp(first))) < (
            negative_log_likelihood(logits, labels, float(np.exp(second)))
        ):
            high = second
        else:
            low = first
    return float(np.exp((low + high) / 2.0))
