"""Many tests at once: Holm's step-down correction."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from numpy.typing import NDArray

from omnibind_core.errors import InputError


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """P-values adjusted for the number of tests (Holm, 1979).

    Rejecting where the adjusted value is at most 5 % makes even one false rejection among all the
    tests happen at most 5 % of the time, however the tests depend on each other.

    :param p_values: ``[m]``, from 0 to 1.
    :return: ``[m]``, in the same order.
    :raises InputError: for another shape or values.
    """
    given = np.asarray(p_values, np.float64)
    if given.ndim != 1 or not ((given >= 0.0) & (given <= 1.0)).all():  # false for NaN
        raise InputError('p_values', f'shape {list(given.shape)}', '[m] from 0 to 1')
    order = np.argsort(given, kind='stable')
    factors = np.arange(len(given), 0, -1)
    rising = np.maximum.accumulate(np.minimum(given[order] * factors, 1.0))
    adjusted = np.empty_like(given)
    adjusted[order] = rising
    return adjusted
