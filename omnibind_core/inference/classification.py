"""From logits to calibrated posteriors, shares and a ranking: pure functions of arrays.

Everything is computed in float64. Leading axes ``...`` (a batch, for instance) are kept.

Notation: ``n`` number of sensors that take part, ``c`` number of labels, ``d`` length of an
embedding; ``h_m`` unit vector of sensor m, ``T`` the labels' unit vectors, ``tau`` a temperature.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from numpy.typing import NDArray

from omnibind_core.errors import InputError


def log_posterior(logits: ArrayLike, temperature: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Logarithm of the calibrated posterior: ``log softmax(logits / temperature)``.

    Dividing by one temperature, fitted on held-out data, is temperature scaling (Guo et al., "On
    calibration of modern neural networks", 2017): it changes how sure, never which label.

    :param logits: ``[..., c]``, finite, ``c >= 1``.
    :param temperature: above 0: one number, or one for each row ``[...]``.
    :return: ``[..., c]``.
    :raises InputError: for logits that are not finite, no labels, or a temperature not above 0.
    """
    values = np.asarray(logits, dtype=np.float64)
    if values.ndim < 1 or values.shape[-1] < 1:
        raise InputError('logits.shape', list(values.shape), '[..., c] with at least one label')
    if not np.isfinite(values).all():
        raise InputError('logits', 'a value that is not finite', 'finite values')
    divisor = _temperatures(temperature)
    if divisor.ndim:
        if divisor.shape != values.shape[:-1]:
            allowed = f'one number, or {list(values.shape[:-1])}'
            raise InputError('temperature.shape', list(divisor.shape), allowed)
        divisor = divisor[..., None]
    with np.errstate(over='ignore'):  # an infinite distance to the best is a posterior of 0
        scaled = (values - values.max(axis=-1, keepdims=True)) / divisor
    logs: NDArray[np.float64] = scaled - np.log(np.exp(scaled).sum(axis=-1, keepdims=True))
    return logs


def posterior(logits: ArrayLike, temperature: ArrayLike = 1.0) -> NDArray[np.float64]:
    """The calibrated posterior ``[..., c]``, each row summing to 1; see :func:`log_posterior`.

    With one temperature for each sensor and logits ``[n, c]``: what each sensor alone would say.

    :raises InputError: as :func:`log_posterior`.
    """
    return np.exp(log_posterior(logits, temperature))


def product_of_posteriors(
    sensor_logits: ArrayLike, temperatures: ArrayLike, mask: ArrayLike
) -> NDArray[np.float64]:
    """The calibrated product of the sensors' posteriors, normalised: ``prod_m p_m / sum``.

    Bayes' rule for sensors whose errors are independent given the label, which are equally
    frequent. It is the posterior of the logits ``E_m . T`` at temperature 1 with
    ``E_m = sum_m h_m / tau_m`` (:func:`gated_sum` with gates ``1 / tau_m``): the softmax of a sum
    of logits is the normalised product of their softmaxes.

    :param sensor_logits: ``[..., n, c]``: ``h_m . T``. Rows that are masked out are never read.
    :param temperatures: ``[..., n]``, above 0.
    :param mask: bool ``[..., n]``, true where a sensor takes part.
    :return: ``[..., c]``; uniform where no sensor takes part.
    :raises InputError: as :func:`log_posterior`, and for a mask or temperatures of another shape.
    """
    logits = np.asarray(sensor_logits, dtype=np.float64)
    if logits.ndim < 2:
        raise InputError('sensor_logits.shape', list(logits.shape), '[..., n, c]')
    present = _mask(mask, logits.shape[:-1])
    divisors = _temperatures(temperatures)
    if divisors.shape != logits.shape[:-1]:
        raise InputError('temperatures.shape', list(divisors.shape), str(list(logits.shape[:-1])))
    logits = np.where(present[..., None], logits, 0.0)  # the log-posterior of these is constant
    return posterior(log_posterior(logits, divisors).sum(axis=-2))


def gated_sum(
    tokens: NDArray[np.floating], gates: ArrayLike, mask: ArrayLike
) -> NDArray[np.float64]:
    """The fused vector ``E_m = sum_m g_m h_m`` of the sensors that take part, not normalised.

    :param tokens: ``[..., n, d]``. Rows that are masked out are never read.
    :param gates: ``[..., n]``, at least 0.
    :param mask: bool ``[..., n]``.
    :return: ``[..., d]``; zero where no sensor takes part.
    :raises InputError: for shapes that do not fit, and gates below 0 or not finite.
    """
    values = np.asarray(tokens, dtype=np.float64)
    if values.ndim < 2:
        raise InputError('tokens.shape', list(values.shape), '[..., n, d]')
    present = _mask(mask, values.shape[:-1])
    factors = np.where(present, _gates(gates, values.shape[:-1], present), 0.0)
    weighted = factors[..., None] * np.where(present[..., None], values, 0.0)  # [..., n, d]
    fused: NDArray[np.float64] = weighted.sum(axis=-2)
    return fused


def shares(gates: ArrayLike, mask: ArrayLike) -> NDArray[np.float64]:
    """Each sensor's part in a fusion.

    :param gates: ``[..., n]``, at least 0; those masked out are never read.
    :param mask: bool ``[..., n]``, true where a sensor takes part and is informative.
    :return: ``[..., n]`` summing to 1 along the last axis; all 0 where no sensor takes part or all
        gates are 0.
    :raises InputError: for shapes that do not fit, and gates below 0 or not finite.
    """
    present = _mask(mask, np.shape(mask))
    values = np.where(present, _gates(gates, present.shape, present), 0.0)
    # relative to the largest, so that the sum neither overflows nor vanishes
    largest = values.max(axis=-1, keepdims=True, initial=0.0)
    relative = values / np.where(largest > 0, largest, 1.0)
    total = relative.sum(axis=-1, keepdims=True)
    result: NDArray[np.float64] = relative / np.where(total > 0, total, 1.0)
    return result


def top_k(scores: ArrayLike, k: int) -> NDArray[np.intp]:
    """Rows of the ``k`` best labels, best first; of equal scores the lower row comes first.

    :param scores: ``[c]``, no NaN.
    :param k: at least 1; more than there are gives all.
    :raises InputError: for another shape, NaN, or ``k`` below 1.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1 or np.isnan(values).any():
        raise InputError('scores', f'shape {list(values.shape)}', '[c] without NaN')
    if k < 1:
        raise InputError('k', k, 'at least 1')
    return np.argsort(-values, kind='stable')[:k]


def _temperatures(given: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(given, dtype=np.float64)
    if not (np.isfinite(values).all() and (values > 0).all()):
        raise InputError('temperature', given, 'finite and above 0')
    return values


def _mask(given: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.asarray(given)
    if mask.dtype != np.bool_ or mask.ndim < 1 or mask.shape != shape:
        raise InputError('mask', f'{mask.dtype} {list(mask.shape)}', f'bool {list(shape)}')
    return mask


def _gates(
    given: ArrayLike, shape: tuple[int, ...], present: NDArray[np.bool_]
) -> NDArray[np.float64]:
    gates = np.asarray(given, dtype=np.float64)
    if gates.shape != shape:
        raise InputError('gates.shape', list(gates.shape), str(list(shape)))
    if not (np.isfinite(gates) & (gates >= 0))[present].all():
        raise InputError('gates', 'a value below 0 or not finite', 'finite and at least 0')
    return gates
