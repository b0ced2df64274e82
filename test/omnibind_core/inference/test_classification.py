"""Posteriors, shares and rankings."""

from __future__ import annotations

from fractions import Fraction
import math

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
import numpy as np
from numpy.typing import NDArray
import pytest
from scipy import special

from omnibind_core.errors import InputError
from omnibind_core.inference.classification import gated_sum
from omnibind_core.inference.classification import log_posterior
from omnibind_core.inference.classification import posterior
from omnibind_core.inference.classification import product_of_posteriors
from omnibind_core.inference.classification import shares
from omnibind_core.inference.classification import top_k

seeds = st.integers(0, 2**32 - 1)
temperatures = st.floats(0.01, 50)
logits = hnp.arrays(np.float64, st.integers(1, 9), elements=st.floats(-50, 50))


def _unit(rng: np.random.Generator, rows: int, dimension: int) -> NDArray[np.float64]:
    vectors = rng.normal(size=(rows, dimension))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


# posterior


def test_a_posterior_worked_out_by_hand() -> None:
    given = np.log([1.0, 2.0, 5.0])
    np.testing.assert_allclose(posterior(given), [1 / 8, 2 / 8, 5 / 8])
    np.testing.assert_allclose(posterior(given, 0.5), [1 / 30, 4 / 30, 25 / 30])
    np.testing.assert_allclose(posterior([7.0]), [1.0])


@given(logits, temperatures)
def test_the_posterior_against_scipy(values: NDArray[np.float64], temperature: float) -> None:
    expected = special.log_softmax(values / temperature)
    np.testing.assert_allclose(log_posterior(values, temperature), expected, rtol=1e-12, atol=1e-12)
    assert posterior(values, temperature).sum() == pytest.approx(1, abs=1e-12)


@given(logits, temperatures, st.floats(-1000, 1000))
def test_a_constant_added_to_the_logits_changes_nothing(
    values: NDArray[np.float64], temperature: float, shift: float
) -> None:
    np.testing.assert_allclose(
        posterior(values + shift, temperature), posterior(values, temperature), rtol=1e-8, atol=1e-9
    )


@given(logits, st.randoms(use_true_random=False))
def test_labels_in_another_order_have_the_same_posteriors(
    values: NDArray[np.float64], random: np.random.Generator
) -> None:
    order = list(range(len(values)))
    random.shuffle(order)
    np.testing.assert_allclose(posterior(values[order]), posterior(values)[order], rtol=1e-12)


@given(logits, temperatures, st.floats(1.0, 10))
def test_a_higher_temperature_is_less_sure_of_the_same_label(
    values: NDArray[np.float64], temperature: float, factor: float
) -> None:
    sure = posterior(values, temperature)
    unsure = posterior(values, temperature * factor)
    assert unsure.max() <= sure.max() + 1e-12
    assert unsure[values.argmax()] == unsure.max()


@pytest.mark.filterwarnings('error')
def test_extreme_logits_neither_overflow_nor_vanish() -> None:
    np.testing.assert_array_equal(posterior([1e300, -1e300, 0.0], 1e-4), [1, 0, 0])
    np.testing.assert_allclose(log_posterior([0.0, -1000.0])[1], -1000)
    np.testing.assert_allclose(posterior(np.array([3e4, 3e4], np.float16)), [0.5, 0.5])


def test_one_temperature_for_each_sensor() -> None:
    given = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    rows = posterior(given, [0.5, 1.0, 4.0])
    for row, temperature in enumerate([0.5, 1.0, 4.0]):
        np.testing.assert_array_equal(rows[row], posterior(given[row], temperature))
    batch = posterior(np.stack([given, given]), [[0.5, 1.0, 4.0]] * 2)
    np.testing.assert_array_equal(batch, [rows, rows])


@pytest.mark.parametrize(
    ('values', 'temperature', 'field'),
    [
        ([1.0, math.nan], 1.0, 'logits'),
        ([1.0, math.inf], 1.0, 'logits'),
        ([], 1.0, 'logits.shape'),
        (3.0, 1.0, 'logits.shape'),
        ([1.0], 0.0, 'temperature'),
        ([1.0], -1.0, 'temperature'),
        ([1.0], math.nan, 'temperature'),
        ([1.0], math.inf, 'temperature'),
        ([[1.0, 2.0]], [1.0, 1.0], 'temperature.shape'),
    ],
)
def test_posteriors_of_nothing_sensible_are_refused(
    values: object, temperature: object, field: str
) -> None:
    with pytest.raises(InputError) as caught:
        posterior(values, temperature)  # type: ignore[arg-type]
    assert caught.value.field == field


# product of posteriors


@given(seeds, st.integers(1, 6), st.integers(1, 8), st.integers(2, 16))
def test_the_product_is_the_posterior_of_the_gated_sum(
    seed: int, sensors: int, labels: int, dimension: int
) -> None:
    """Design section 7: logits = E_m . T with E_m = sum h_m / tau_m."""
    rng = np.random.default_rng(seed)
    tokens = _unit(rng, sensors, dimension)
    bank = _unit(rng, labels, dimension)
    tau = rng.uniform(0.03, 2, sensors)
    mask = rng.random(sensors) < 0.7
    fused = gated_sum(tokens, 1 / tau, mask)
    product = product_of_posteriors(tokens @ bank.T, tau, mask)
    np.testing.assert_allclose(product, posterior(fused @ bank.T), rtol=1e-9, atol=1e-12)
    # and both are what the name says
    expected = np.ones(labels)
    for sensor in np.flatnonzero(mask):
        expected *= special.softmax(bank @ tokens[sensor] / tau[sensor])
    np.testing.assert_allclose(product, expected / expected.sum(), rtol=1e-9, atol=1e-12)


def test_the_product_in_exact_fractions() -> None:
    first = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)]
    second = [Fraction(1, 5), Fraction(3, 5), Fraction(1, 5)]
    product = [a * b for a, b in zip(first, second, strict=True)]
    expected = [float(p / sum(product)) for p in product]
    sensor_logits = np.log([[float(p) for p in first], [float(p) for p in second]])
    sensor_logits *= [[0.1], [3.0]]  # undone by the temperatures
    found = product_of_posteriors(sensor_logits, [0.1, 3.0], [True, True])
    np.testing.assert_allclose(found, expected)


def test_without_sensors_the_product_is_uniform() -> None:
    found = product_of_posteriors(np.full((2, 4), np.nan), [1.0, 1.0], [False, False])
    np.testing.assert_array_equal(found, [0.25] * 4)
    np.testing.assert_array_equal(
        product_of_posteriors(np.zeros((0, 4)), [], np.zeros(0, bool)), [0.25] * 4
    )


@given(seeds, st.integers(1, 5))
def test_what_is_masked_out_is_never_read(seed: int, sensors: int) -> None:
    rng = np.random.default_rng(seed)
    tokens, bank = _unit(rng, sensors, 6), _unit(rng, 4, 6)
    mask = rng.random(sensors) < 0.5
    tau = rng.uniform(0.1, 1, sensors)
    product = product_of_posteriors(tokens @ bank.T, tau, mask)
    fused = gated_sum(tokens, 1 / tau, mask)
    share = shares(1 / tau, mask)
    tokens[~mask] = np.nan
    gates = np.where(mask, 1 / tau, np.nan)
    np.testing.assert_array_equal(product_of_posteriors(tokens @ bank.T, tau, mask), product)
    np.testing.assert_array_equal(gated_sum(tokens, gates, mask), fused)
    np.testing.assert_array_equal(shares(gates, mask), share)


@given(seeds, st.permutations(range(4)))
def test_sensors_in_another_order_say_the_same(seed: int, order: list[int]) -> None:
    rng = np.random.default_rng(seed)
    sensor_logits, tau = rng.normal(size=(4, 5)), rng.uniform(0.1, 2, 4)
    mask = rng.random(4) < 0.7
    np.testing.assert_allclose(
        product_of_posteriors(sensor_logits[order], tau[order], mask[order]),
        product_of_posteriors(sensor_logits, tau, mask),
        rtol=1e-10,
    )
    np.testing.assert_allclose(shares(1 / tau[order], mask[order]), shares(1 / tau, mask)[order])


def test_a_batch_is_the_rows_one_by_one() -> None:
    rng = np.random.default_rng(3)
    tokens, tau = rng.normal(size=(2, 3, 4)), rng.uniform(0.1, 2, (2, 3))
    mask = np.array([[True, False, True], [False, False, False]])
    for name, function, arguments in (
        ('product', product_of_posteriors, (tokens, tau, mask)),
        ('sum', gated_sum, (tokens, tau, mask)),
        ('shares', shares, (tau, mask)),
    ):
        rows = [function(*(a[row] for a in arguments)) for row in range(2)]
        np.testing.assert_allclose(function(*arguments), rows, err_msg=name)


@pytest.mark.parametrize(
    ('values', 'tau', 'mask', 'field'),
    [
        (np.zeros(3), [1.0] * 3, [True] * 3, 'sensor_logits.shape'),
        (np.zeros((2, 3)), [1.0], [True, True], 'temperatures.shape'),
        (np.zeros((2, 3)), [1.0, 0.0], [True, True], 'temperature'),
        (np.zeros((2, 3)), [1.0, 1.0], [True], 'mask'),
        (np.zeros((2, 3)), [1.0, 1.0], [1, 1], 'mask'),
        (np.full((2, 3), np.nan), [1.0, 1.0], [True, False], 'logits'),
        (np.zeros((2, 0)), [1.0, 1.0], [True, True], 'logits.shape'),
    ],
)
def test_products_of_nothing_sensible_are_refused(
    values: NDArray[np.float64], tau: list[float], mask: list[bool], field: str
) -> None:
    with pytest.raises(InputError) as caught:
        product_of_posteriors(values, tau, mask)
    assert caught.value.field == field


# shares


def test_shares_by_hand() -> None:
    np.testing.assert_allclose(shares([1.0, 3.0, 4.0], [True, True, True]), [1 / 8, 3 / 8, 4 / 8])
    np.testing.assert_allclose(shares([1.0, 3.0, 4.0], [True, True, False]), [1 / 4, 3 / 4, 0])
    np.testing.assert_array_equal(shares([1.0, 3.0], [False, False]), [0, 0])
    np.testing.assert_array_equal(shares([0.0, 0.0], [True, True]), [0, 0])
    np.testing.assert_array_equal(shares(np.zeros(0), np.zeros(0, bool)), np.zeros(0))


@pytest.mark.filterwarnings('error')
@given(
    st.lists(
        st.tuples(st.one_of(st.just(0.0), st.floats(0, 1.7e308)), st.booleans()),
        min_size=1,
        max_size=9,
    )
)
def test_shares_sum_to_one_or_are_all_zero(given_gates: list[tuple[float, bool]]) -> None:
    gates, mask = zip(*given_gates, strict=True)
    found = shares(gates, np.array(mask))
    assert (found >= 0).all()
    assert (found[~np.array(mask)] == 0).all()
    taking_part = any(gate > 0 and part for gate, part in given_gates)
    assert found.sum() == pytest.approx(1 if taking_part else 0, abs=1e-12)


@pytest.mark.parametrize('gate', [-0.1, math.nan, math.inf])
def test_gates_that_are_none_are_refused(gate: float) -> None:
    for call in (
        lambda: shares([1.0, gate], [True, True]),
        lambda: gated_sum(np.zeros((2, 3)), [1.0, gate], [True, True]),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.field == 'gates'


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match=r'gates\.shape'):
        shares([1.0], [True, True])
    with pytest.raises(InputError, match='mask'):
        shares(1.0, True)
    with pytest.raises(InputError, match=r'tokens\.shape'):
        gated_sum(np.zeros(3), [1.0], [True])


# top k


def test_the_best_come_first_and_ties_by_row() -> None:
    scores = [0.1, 0.4, 0.1, 0.4, 0.0]
    assert top_k(scores, 3).tolist() == [1, 3, 0]
    assert top_k(scores, 99).tolist() == [1, 3, 0, 2, 4]
    assert top_k([math.inf, 2.0, -math.inf], 1).tolist() == [0]


@given(st.lists(st.sampled_from([0.0, -0.0, 0.1, 0.2, 0.5]), max_size=30), st.integers(1, 31))
def test_the_ranking_against_pythons_sort(scores: list[float], k: int) -> None:
    expected = sorted(range(len(scores)), key=lambda row: (-scores[row], row))[:k]
    assert top_k(np.array(scores), k).tolist() == expected


@given(st.lists(st.integers(0, 99), min_size=1, max_size=20, unique=True), st.data())
def test_ranking_permuted_labels_gives_the_same_labels(
    scores: list[int], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(scores))))
    permuted = [scores[row] for row in order]
    assert [order[row] for row in top_k(permuted, 3)] == top_k(scores, 3).tolist()


@pytest.mark.parametrize(
    ('scores', 'k', 'field'),
    [([0.5], 0, 'k'), ([0.5, math.nan], 1, 'scores'), ([[0.5]], 1, 'scores'), (0.5, 1, 'scores')],
)
def test_rankings_of_nothing_sensible_are_refused(scores: object, k: int, field: str) -> None:
    with pytest.raises(InputError) as caught:
        top_k(scores, k)  # type: ignore[arg-type]
    assert caught.value.field == field
