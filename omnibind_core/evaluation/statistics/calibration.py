"""Whether a confidence of 70 % is right 70 % of the time, and how far chance alone is off.

Expected calibration error (Naeini et al., 2015; Guo et al., 2017): the mean over bins of the
distance between confidence and accuracy, weighted by the bins' samples. It is biased: even a
perfect model has one above 0, the more so the fewer samples there are. So it is shown beside the
band in which a perfect model's error lies at the same number of samples.

Notation: ``t`` samples, ``b`` bins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError

BINS = 15
SIMULATIONS = 200
_LEVELS = 2**16


@dataclass(frozen=True)
class Reliability:
    """What each bin of confidences holds.

    :param count: samples ``[b]``.
    :param confidence: their mean ``[b]``; NaN where empty.
    :param accuracy: share that is right ``[b]``; NaN where empty.
    """

    count: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error."""
        filled = self.count > 0
        gaps = np.abs(self.confidence - self.accuracy)[filled]
        return float((gaps * self.count[filled]).sum() / self.count.sum())


def reliability(
    confidence: NDArray[np.floating], correct: NDArray[np.bool_], bins: int = BINS
) -> Reliability:
    """Samples in bins of equal width; a bin holds its upper edge.

    :param confidence: posterior of the label that was chosen ``[t]``, from 0 to 1.
    :param correct: ``[t]``.
    :raises InputError: for no samples, other shapes or values.
    """
    places, values = _places(confidence, bins)
    if correct.shape != values.shape:
        raise InputError('correct.shape', list(correct.shape), str(list(values.shape)))
    count = np.bincount(places, minlength=bins)
    with np.errstate(invalid='ignore'):
        return Reliability(
            count,
            np.bincount(places, values, minlength=bins) / count,
            np.bincount(places, correct.astype(np.float64), minlength=bins) / count,
        )


def perfect_band(
    confidence: NDArray[np.floating],
    *,
    random: np.random.Generator,
    bins: int = BINS,
    simulations: int = SIMULATIONS,
) -> tuple[float, float]:
    """Where the error of a perfect model with these confidences lies, 95 % of the time.

    A perfect model is right as often as it says; it is simulated. Samples are independent in the
    simulation; where views of one instance err together, even a perfect model strays further.

    :param confidence: ``[t]``.
    :return: the 2.5 % and 97.5 % quantiles of the error.
    :raises InputError: as :func:`reliability`.
    """
    places, values = _places(confidence, bins)
    order = np.argsort(places, kind='stable')
    starts = np.unique(places[order], return_index=True)[1]
    rising = values[order]
    # 16 random bits decide each answer: fine enough, and four times as fast as floats
    limits = np.minimum(np.rint(rising * _LEVELS), _LEVELS - 1).astype(np.uint16)
    bits = np.frombuffer(random.bytes(2 * simulations * len(values)), np.uint16)
    right = (bits.reshape(simulations, -1) < limits).view(np.uint8)
    hits = np.add.reduceat(right, starts, axis=1, dtype=np.int32)
    errors = np.abs(hits - np.add.reduceat(rising, starts)).sum(axis=1) / len(values)
    low, high = np.quantile(errors, (0.025, 0.975))
    return float(low), float(high)


def _places(
    confidence: NDArray[np.floating], bins: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    values = np.asarray(confidence, np.float64)
    if values.ndim != 1 or not values.size:
        raise InputError('confidence.shape', list(values.shape), '[t] with at least one sample')
    if not ((values >= 0.0) & (values <= 1.0 + 1e-9)).all():  # false for NaN
        raise InputError('confidence', 'a value outside', '0 to 1')
    places = np.clip(np.ceil(values * bins).astype(np.int64) - 1, 0, bins - 1)
    return places, values
