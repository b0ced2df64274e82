"""Right or wrong, how sure, how far off: of each sample, and of many together.

Notation: ``s`` subsets, ``t`` tuples, ``c`` labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.statistics.calibration import perfect_band
from omnibind_core.evaluation.statistics.calibration import reliability
from omnibind_core.inference.abstention import risk_coverage
from omnibind_core.inference.abstention import RiskCoverage

NO_ANSWER = -1
LEAST_LOG = -30.0
"""No posterior counts as less than ``exp(-30)``: one sample cannot decide a mean."""


@dataclass(frozen=True, eq=False)
class Samples:
    """What one method said of each tuple for each subset.

    :param predicted: int16 ``[s, t]``; -1 where nothing was informative: never right.
    :param confidence: posterior of that label, float32 ``[s, t]``.
    :param truth: posterior of the true label, as a logarithm, float32 ``[s, t]``; 0 for tuples
        without one.
    :param brier: squared distance of the posterior from the truth, float32 ``[s, t]``.
    :param correct: bool ``[s, t]``.
    :param valid: bool ``[s, t]``: the tuple has all members of the subset.
    """

    predicted: NDArray[np.int16]
    confidence: NDArray[np.float32]
    truth: NDArray[np.float32]
    brier: NDArray[np.float32]
    correct: NDArray[np.bool_]
    valid: NDArray[np.bool_]


def samples(
    logs: NDArray[np.float64],
    label: NDArray[np.int64],
    *,
    valid: NDArray[np.bool_],
    answered: NDArray[np.bool_],
) -> Samples:
    """Score posteriors.

    Brier score in its original form for several classes (Brier, 1950): the sum over labels, from 0
    to 2.

    :param logs: logarithm of the posteriors ``[s, t, c]``.
    :param label: ``[t]``, -1 for nothing.
    :param valid: ``[s, t]``.
    :param answered: ``[s, t]``: something in the subset was informative.
    """
    posterior = np.exp(logs)
    known = label >= 0
    column = np.where(known, label, 0)
    truth = np.take_along_axis(logs, column[None, :, None], axis=2)[..., 0]
    squared = (posterior**2).sum(axis=2)
    brier = squared - 2.0 * np.exp(truth) + 1.0
    predicted = np.where(answered, logs.argmax(axis=2), NO_ANSWER)
    return Samples(
        predicted=predicted.astype(np.int16),
        confidence=posterior.max(axis=2).astype(np.float32),
        truth=np.where(known, np.maximum(truth, LEAST_LOG), 0.0).astype(np.float32),
        brier=np.where(known, brier, 0.0).astype(np.float32),
        correct=(predicted == label) & known,
        valid=valid,
    )


@dataclass(frozen=True)
class Score:
    """What many samples come to.

    :param n: how many.
    :param top1: share that is right.
    :param nll: mean negative log-likelihood, nats.
    :param brier: mean Brier score.
    :param ece: expected calibration error.
    :param ece_low: lower end of the band of a perfect model.
    :param ece_high: its upper end.
    :param aurc: area under risk against coverage: the mean risk over all thresholds.
    """

    n: int
    top1: float
    nll: float
    brier: float
    ece: float
    ece_low: float
    ece_high: float
    aurc: float


def score(given: Samples, subset: int, random: np.random.Generator) -> Score | None:
    """The scores of one subset; ``None`` where no tuple has all its members.

    :param random: simulates the perfect model.
    """
    rows = given.valid[subset]
    if not rows.any():
        return None
    correct = given.correct[subset][rows]
    confidence = np.clip(given.confidence[subset][rows].astype(np.float64), 0.0, 1.0)
    low, high = perfect_band(confidence, random=random)
    return Score(
        n=int(rows.sum()),
        top1=float(correct.mean()),
        nll=float(-given.truth[subset][rows].astype(np.float64).mean()),
        brier=float(given.brier[subset][rows].astype(np.float64).mean()),
        ece=reliability(confidence, correct).error,
        ece_low=low,
        ece_high=high,
        aurc=area(risk_coverage(confidence, correct)),
    )


def area(curve: RiskCoverage) -> float:
    """Area under the risk-coverage curve (Geifman et al., 2019): mean risk over coverages.

    Samples of equal confidence are answered together, at the risk that they then have.
    """
    steps = np.diff(curve.kept, prepend=0)
    return float((steps * curve.risk).sum() / curve.total)
