"""When to say nothing: the rule, and how its threshold is chosen on validation data.

Selective classification (Chow, 1970; El-Yaniv and Wiener, "On the foundations of noise-free
selective classification", 2010): *coverage* is the share of inputs answered, *selective risk* the
share of wrong answers among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import InputError

Reason = Literal['', 'nothing_to_sense', 'low_posterior', 'low_margin']
_ROUNDING = 1e-9


@dataclass(frozen=True)
class AbstentionRule:
    """What a recognition must reach to be given."""

    threshold: float = option(
        0.0,
        'Least posterior of the best label; 0: never abstain for it.',
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    margin: float = option(
        0.0,
        'Least distance between the posteriors of the best and the second label; 0: any.',
        minimum=0.0,
        maximum=1.0,
        live=True,
    )


@dataclass(frozen=True)
class Decision:
    """Whether a recognition is given, and what it was decided by.

    :param reason: why not: ``nothing_to_sense`` (no sensor was informative), ``low_posterior``,
        ``low_margin``; empty when it is given.
    :param confidence: posterior of the best label.
    :param margin: its distance to the second; with a single label, the confidence.
    """

    reason: Reason
    confidence: float
    margin: float

    @property
    def abstained(self) -> bool:
        """True when no recognition is given."""
        return bool(self.reason)


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold with what it does to the data it was chosen on.

    :param threshold: answers with a confidence of at least this are given.
    :param coverage: share of the samples that are answered.
    :param risk: share of wrong answers among them.
    """

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True)
class RiskCoverage:
    """Selective risk against coverage, one point for each different confidence, highest first.

    :param thresholds: the confidences ``[k]``, strictly falling.
    :param kept: number of samples with at least this confidence ``[k]``.
    :param wrong: how many of these are wrong ``[k]``.
    :param total: number of all samples.
    """

    thresholds: NDArray[np.float64]
    kept: NDArray[np.intp]
    wrong: NDArray[np.intp]
    total: int

    @property
    def coverage(self) -> NDArray[np.float64]:
        """Share of the samples answered ``[k]``."""
        return self.kept / self.total

    @property
    def risk(self) -> NDArray[np.float64]:
        """Share of wrong answers among the answered ``[k]``."""
        return self.wrong / self.kept


def decide(posterior: ArrayLike, *, informative: bool, rule: AbstentionRule) -> Decision:
    """Whether a recognition is given.

    :param posterior: calibrated ``[c]``, at least one label, values from 0 to 1.
    :param informative: whether any sensor that took part had something to sense.
    :raises InputError: for another shape or values.
    """
    values = np.asarray(posterior, dtype=np.float64)
    if values.ndim != 1 or not values.size:
        raise InputError('posterior.shape', list(values.shape), '[c] with at least one label')
    _check_unit('posterior', values)
    best = np.sort(np.partition(values, -2)[-2:])[::-1] if values.size > 1 else [values[0], 0.0]
    confidence, margin = float(best[0]), float(best[0] - best[1])
    reason: Reason = ''
    if not informative:
        reason = 'nothing_to_sense'
    elif confidence < rule.threshold:
        reason = 'low_posterior'
    elif margin < rule.margin:
        reason = 'low_margin'
    return Decision(reason, confidence, margin)


def risk_coverage(confidences: ArrayLike, correct: ArrayLike) -> RiskCoverage:
    """What every possible threshold would do. Equal confidences are kept or dropped together.

    :param confidences: ``[k]``, from 0 to 1.
    :param correct: bool ``[k]``.
    :raises InputError: for no samples, other shapes or values.
    """
    values = np.asarray(confidences, dtype=np.float64)
    right = np.asarray(correct)
    if values.ndim != 1 or not values.size:
        raise InputError('confidences.shape', list(values.shape), '[k] with at least one sample')
    if right.dtype != np.bool_ or right.shape != values.shape:
        given = f'{right.dtype} {list(right.shape)}'
        raise InputError('correct', given, f'bool {list(values.shape)}')
    _check_unit('confidences', values)
    order = np.argsort(-values, kind='stable')
    falling = values[order]
    last = np.flatnonzero(np.append(falling[1:] != falling[:-1], True))
    wrong = np.cumsum(~right[order])
    return RiskCoverage(falling[last], last + 1, wrong[last], values.size)


def abstention_threshold(
    confidences: ArrayLike, correct: ArrayLike, target_risk: float, *, least_kept: int = 1
) -> OperatingPoint | None:
    """The threshold that answers most while at most ``target_risk`` of the answers are wrong.

    Choose it on validation data, never on test data. The risk on new data is somewhat higher, as
    the best of many thresholds was taken; ``least_kept`` guards against one that rests on a few
    lucky samples.

    :param confidences: posterior of the best label ``[k]``, from 0 to 1.
    :param correct: bool ``[k]``, whether that label was right.
    :param target_risk: wanted selective risk, from 0 to 1.
    :param least_kept: how many samples must be answered.
    :return: the threshold lies half-way between the lowest confidence that is answered and the
        highest that is not (0 when all are answered); ``None`` when no threshold reaches the risk.
    :raises InputError: as :func:`risk_coverage`, and for a risk outside 0 to 1.
    """
    if not 0 <= target_risk <= 1:
        raise InputError('target_risk', target_risk, '0 to 1')
    curve = risk_coverage(confidences, correct)
    fits = (curve.wrong <= target_risk * curve.kept + _ROUNDING) & (curve.kept >= least_kept)
    if not fits.any():
        return None
    chosen = int(np.flatnonzero(fits)[-1])
    threshold = 0.0
    if chosen + 1 < len(curve.thresholds):
        lowest, dropped = curve.thresholds[chosen], curve.thresholds[chosen + 1]
        middle = (lowest + dropped) / 2
        threshold = float(middle if middle > dropped else lowest)
    return OperatingPoint(threshold, float(curve.coverage[chosen]), float(curve.risk[chosen]))


def _check_unit(field: str, values: NDArray[np.float64]) -> None:
    if not ((values >= 0) & (values <= 1 + _ROUNDING)).all():  # false for NaN
        raise InputError(field, 'a value outside', '0 to 1')
