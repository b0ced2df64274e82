"""Scores against scikit-learn, the calibration and abstention of the product, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.evaluation.subsets.scores import area
from omnibind_core.evaluation.subsets.scores import LEAST_LOG
from omnibind_core.evaluation.subsets.scores import samples
from omnibind_core.evaluation.subsets.scores import score
from omnibind_core.inference.abstention import risk_coverage


def posteriors(count: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Posteriors and labels drawn from them."""
    random = np.random.default_rng(seed)
    given = random.dirichlet(np.full(classes, 0.4), count)
    labels = np.array([random.choice(classes, p=row) for row in given])
    return given, labels


def test_against_scikit_learn() -> None:
    """Log-loss, multi-class Brier score and accuracy."""
    metrics = pytest.importorskip('sklearn.metrics')
    given, labels = posteriors(300, 6)
    everything = np.ones((1, 300), bool)
    found = samples(np.log(given)[None], labels, valid=everything, answered=everything)
    result = score(found, 0, np.random.default_rng(0))
    assert result is not None
    assert result.n == 300
    assert result.top1 == pytest.approx(metrics.accuracy_score(labels, given.argmax(axis=1)))
    assert result.nll == pytest.approx(metrics.log_loss(labels, given, labels=range(6)), rel=1e-5)
    one_hot = np.eye(6)[labels]
    brier = sum(metrics.brier_score_loss(one_hot[:, c], given[:, c]) for c in range(6))
    assert result.brier == pytest.approx(brier, rel=1e-5)
    assert result.ece < result.ece_high + 0.02  # labels were drawn from the posteriors


def test_invalid_and_unanswered() -> None:
    """Invalid samples count nowhere; unanswered ones are wrong, whatever their label."""
    given, labels = posteriors(6, 3)
    given[3] = 1 / 3
    labels[3] = 0  # what argmax of equal values would say
    valid = np.array([[True, True, True, True, False, False]])
    answered = np.ones((1, 6), bool)
    answered[0, 3] = False
    found = samples(np.log(given)[None], labels, valid=valid, answered=answered)
    assert found.predicted[0, 3] == -1
    assert not found.correct[0, 3]
    result = score(found, 0, np.random.default_rng(0))
    assert result is not None
    assert result.n == 4
    assert result.top1 == pytest.approx((given[:3].argmax(axis=1) == labels[:3]).sum() / 4)
    none = samples(np.log(given)[None], labels, valid=~answered & False, answered=answered)
    assert score(none, 0, np.random.default_rng(0)) is None


def test_samples_of_nothing() -> None:
    """Have no true label: never right, and no likelihood."""
    given, _ = posteriors(4, 3)
    all_of_them = np.ones((1, 4), bool)
    found = samples(np.log(given)[None], np.full(4, -1), valid=all_of_them, answered=all_of_them)
    assert not found.correct.any()
    assert (found.truth == 0).all()
    assert (found.brier == 0).all()


def test_one_impossible_sample_does_not_decide_a_mean() -> None:
    """A posterior of 0 for the truth counts as exp(-30)."""
    logs = np.log(np.array([[[1.0 - 1e-300, 1e-300]]]))
    yes = np.ones((1, 1), bool)
    result = score(
        samples(logs, np.array([1]), valid=yes, answered=yes), 0, np.random.default_rng(0)
    )
    assert result is not None
    assert result.nll == pytest.approx(-LEAST_LOG)
    assert result.brier == pytest.approx(2.0)


def test_area_by_hand() -> None:
    """Right, wrong, right, wrong by falling confidence: risks 0, 1/2, 1/3, 1/2; their mean."""
    correct = np.array([True, False, True, False])
    curve = risk_coverage(np.array([0.9, 0.8, 0.7, 0.6]), correct)
    assert area(curve) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    tied = risk_coverage(np.array([0.9, 0.7, 0.7, 0.6]), correct)
    assert area(tied) == pytest.approx((0 + 1 / 3 + 1 / 3 + 1 / 2) / 4)
    assert area(risk_coverage(np.full(4, 0.5), correct)) == pytest.approx(0.5)
