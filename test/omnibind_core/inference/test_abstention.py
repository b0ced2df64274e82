"""When nothing is said, and how the threshold is chosen."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.configuration.reader import read
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.inference.abstention import abstention_threshold
from omnibind_core.inference.abstention import AbstentionRule
from omnibind_core.inference.abstention import decide
from omnibind_core.inference.abstention import OperatingPoint
from omnibind_core.inference.abstention import risk_coverage

samples = st.lists(
    st.tuples(
        st.one_of(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.floats(0, 1)), st.booleans()
    ),
    min_size=1,
    max_size=25,
)


@pytest.mark.parametrize(
    ('posterior', 'informative', 'rule', 'reason'),
    [
        ([0.1, 0.7, 0.2], True, AbstentionRule(), ''),
        ([0.1, 0.7, 0.2], False, AbstentionRule(), 'nothing_to_sense'),
        ([0.1, 0.7, 0.2], True, AbstentionRule(threshold=0.7), ''),
        ([0.1, 0.7, 0.2], True, AbstentionRule(threshold=0.71), 'low_posterior'),
        ([0.1, 0.7, 0.2], True, AbstentionRule(margin=0.49), ''),
        ([0.1, 0.7, 0.2], True, AbstentionRule(margin=0.51), 'low_margin'),
        ([0.1, 0.7, 0.2], True, AbstentionRule(threshold=0.8, margin=0.6), 'low_posterior'),
        ([0.1, 0.7, 0.2], False, AbstentionRule(threshold=0.8), 'nothing_to_sense'),
        ([0.5, 0.5], True, AbstentionRule(), ''),
        ([0.5, 0.5], True, AbstentionRule(margin=0.001), 'low_margin'),
        ([1.0], True, AbstentionRule(threshold=1.0, margin=1.0), ''),
    ],
)
def test_decisions(
    posterior: list[float], informative: bool, rule: AbstentionRule, reason: str
) -> None:
    decision = decide(posterior, informative=informative, rule=rule)
    assert decision.reason == reason
    assert decision.abstained == bool(reason)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9), st.booleans())
def test_confidence_and_margin_are_those_of_the_sorted_posterior(
    posterior: list[float], informative: bool
) -> None:
    decision = decide(np.array(posterior), informative=informative, rule=AbstentionRule())
    first, second = sorted([*posterior, 0.0], reverse=True)[:2]
    assert decision.confidence == first
    assert decision.margin == first - second
    assert decision.abstained != informative


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=9),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_stricter_rule_never_says_more(
    posterior: list[float], threshold: float, margin: float, more: float, wider: float
) -> None:
    rule = AbstentionRule(threshold=threshold, margin=margin)
    strict = AbstentionRule(threshold=min(threshold + more, 1), margin=min(margin + wider, 1))
    if decide(posterior, informative=True, rule=rule).abstained:
        assert decide(posterior, informative=True, rule=strict).abstained


@pytest.mark.parametrize('posterior', [[], [[0.5]], 0.5, [math.nan, 1.0], [1.2], [-0.1, 1.0]])
def test_what_is_no_posterior_is_refused(posterior: object) -> None:
    with pytest.raises(InputError):
        decide(posterior, informative=True, rule=AbstentionRule())  # type: ignore[arg-type]


def test_a_rule_is_bounded() -> None:
    with pytest.raises(ConfigError, match='threshold'):
        read(AbstentionRule, {'threshold': 1.1}, source='bundle.json')


# risk and coverage


def test_risk_and_coverage_by_hand() -> None:
    curve = risk_coverage([0.9, 0.6, 0.9, 0.3], [True, False, False, True])
    np.testing.assert_array_equal(curve.thresholds, [0.9, 0.6, 0.3])
    np.testing.assert_allclose(curve.coverage, [2 / 4, 3 / 4, 1])
    np.testing.assert_allclose(curve.risk, [1 / 2, 2 / 3, 2 / 4])


@given(samples)
def test_risk_and_coverage_by_brute_force(given_samples: list[tuple[float, bool]]) -> None:
    curve = risk_coverage(*zip(*given_samples, strict=True))
    assert curve.thresholds.tolist() == sorted({c for c, _ in given_samples}, reverse=True)
    for threshold, coverage, risk in zip(curve.thresholds, curve.coverage, curve.risk, strict=True):
        kept = [right for confidence, right in given_samples if confidence >= threshold]
        assert coverage == len(kept) / len(given_samples)
        assert risk == kept.count(False) / len(kept)


# choosing the threshold


def test_a_threshold_by_hand() -> None:
    confidences = [0.95, 0.9, 0.8, 0.7, 0.6, 0.2]
    correct = [True, True, False, True, True, False]
    # 0.6 and above: one of five is wrong; everything: two of six
    point = abstention_threshold(confidences, correct, 0.2)
    assert point == OperatingPoint(pytest.approx(0.4), 5 / 6, 1 / 5)
    assert abstention_threshold(confidences, correct, 0.0) == OperatingPoint(
        pytest.approx(0.85), 2 / 6, 0.0
    )
    assert abstention_threshold(confidences, correct, 0.5) == OperatingPoint(0.0, 1.0, 2 / 6)
    assert abstention_threshold(confidences, correct, 0.1, least_kept=3) is None


@given(
    samples,
    st.one_of(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), st.floats(0, 1)),
    st.integers(1, 4),
)
def test_no_other_threshold_answers_more_at_this_risk(
    given_samples: list[tuple[float, bool]], target: float, least: int
) -> None:
    confidences, correct = zip(*given_samples, strict=True)
    best = 0
    for threshold in (0.0, *confidences):
        kept = [right for confidence, right in given_samples if confidence >= threshold]
        if len(kept) >= least and kept.count(False) <= target * len(kept) + 1e-9:
            best = max(best, len(kept))
    point = abstention_threshold(confidences, correct, target, least_kept=least)
    if point is None:
        assert best == 0
        return
    rule = AbstentionRule(threshold=point.threshold)
    answered = [
        right
        for confidence, right in given_samples
        if not decide([confidence], informative=True, rule=rule).abstained
    ]
    assert len(answered) == best
    assert point.coverage == best / len(given_samples)
    assert point.risk == answered.count(False) / best
    assert 0 <= point.threshold <= 1


@given(samples, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_risk_never_answers_less(
    given_samples: list[tuple[float, bool]], target: float, more: float
) -> None:
    confidences, correct = zip(*given_samples, strict=True)
    strict = abstention_threshold(confidences, correct, target)
    lenient = abstention_threshold(confidences, correct, min(target + more, 1.0))
    if strict is not None:
        assert lenient is not None
        assert lenient.coverage >= strict.coverage
        assert lenient.threshold <= strict.threshold


@given(samples)
def test_a_risk_of_one_answers_everything(given_samples: list[tuple[float, bool]]) -> None:
    point = abstention_threshold(*zip(*given_samples, strict=True), 1.0)
    assert point is not None
    assert (point.threshold, point.coverage) == (0.0, 1.0)


def test_neighbouring_confidences_are_told_apart() -> None:
    below = np.nextafter(0.5, 0)
    point = abstention_threshold([0.5, below], [True, False], 0.0)
    assert point == OperatingPoint(0.5, 0.5, 0.0)


@pytest.mark.parametrize(
    ('confidences', 'correct', 'target', 'field'),
    [
        ([], [], 0.1, 'confidences.shape'),
        ([[0.5]], [[True]], 0.1, 'confidences.shape'),
        ([0.5], [1], 0.1, 'correct'),
        ([0.5, 0.6], [True], 0.1, 'correct'),
        ([1.5], [True], 0.1, 'confidences'),
        ([math.nan], [True], 0.1, 'confidences'),
        ([0.5], [True], 1.1, 'target_risk'),
        ([0.5], [True], math.nan, 'target_risk'),
    ],
)
def test_refused(confidences: object, correct: object, target: float, field: str) -> None:
    with pytest.raises(InputError) as caught:
        abstention_threshold(confidences, correct, target)  # type: ignore[arg-type]
    assert caught.value.field == field
