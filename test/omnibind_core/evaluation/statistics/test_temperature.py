"""The fitted temperature against scipy's minimiser, and where there is no minimum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from omnibind_core.errors import InputError
from omnibind_core.evaluation.statistics.temperature import fit_temperature
from omnibind_core.evaluation.statistics.temperature import MOST
from omnibind_core.evaluation.statistics.temperature import negative_log_likelihood


def test_against_scipy() -> None:
    """The same minimum as Brent's method over scipy's own softmax."""
    random = np.random.default_rng(0)
    for scale in (0.02, 0.3, 4.0):
        logits = random.normal(size=(200, 7)) * scale
        sampled = logits / (0.7 * scale) + random.gumbel(size=(200, 7))
        labels = sampled.argmax(axis=1)

        def loss(
            log_temperature: float, logits: np.ndarray = logits, labels: np.ndarray = labels
        ) -> float:
            logs = log_softmax(logits / np.exp(log_temperature), axis=1)
            return float(-logs[np.arange(200), labels].mean())

        expected = minimize_scalar(loss, bounds=(-7, 3), method='bounded')
        found = fit_temperature(logits, labels)
        assert found == pytest.approx(np.exp(expected.x), rel=0.01)
        assert negative_log_likelihood(logits, labels, found) <= expected.fun + 1e-6


def test_bounded_where_nothing_is_learnt() -> None:
    """All right: as sharp as allowed. All wrong: as flat as allowed. Never infinite."""
    logits = np.eye(5)
    assert fit_temperature(logits, np.arange(5)) < 0.05
    assert fit_temperature(logits, (np.arange(5) + 1) % 5) == pytest.approx(MOST, rel=0.5)


def test_what_cannot_be_fitted() -> None:
    """Shapes and labels that do not fit."""
    with pytest.raises(InputError, match='logits'):
        fit_temperature(np.zeros((0, 3)), np.zeros(0, int))
    with pytest.raises(InputError, match='labels'):
        fit_temperature(np.zeros((2, 3)), np.array([0, 3]))
