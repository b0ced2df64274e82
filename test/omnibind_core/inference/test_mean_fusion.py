"""The mean of embeddings, by hand and by property."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.inference.mean_fusion import mean_fusion

LABELS = np.eye(3, dtype=np.float32)


def test_by_hand() -> None:
    """Two of three tokens: (1,0,0) and (0,1,0) give (1,1,0)/sqrt(2)."""
    tokens = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
    output = mean_fusion(tokens, np.array([True, True, False]), LABELS)
    half = 2**-0.5
    np.testing.assert_allclose(output.fused, [half, half, 0], rtol=1e-6)
    np.testing.assert_allclose(output.logits, [half, half, 0], rtol=1e-6)
    np.testing.assert_allclose(output.weights, [0.5, 0.5, 0])
    np.testing.assert_allclose(output.sensor_logits[:2], tokens[:2])


def test_nothing_informative_gives_zeros() -> None:
    """No direction, no weight."""
    output = mean_fusion(np.ones((2, 3), np.float32), np.zeros(2, bool), LABELS)
    assert not output.fused.any()
    assert not output.weights.any()


def test_opposite_vectors_cancel_without_a_nan() -> None:
    """There is no direction to normalise."""
    tokens = np.array([[1, 0, 0], [-1, 0, 0]], dtype=np.float32)
    output = mean_fusion(tokens, np.ones(2, bool), LABELS)
    np.testing.assert_array_equal(output.fused, np.zeros(3))


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 6),
    filler=st.sampled_from([np.nan, np.inf, 1e30, 0.0]),
)
def test_masked_rows_change_nothing_bitwise(seed: int, count: int, filler: float) -> None:
    """Whatever stands there; and the order of the tokens is of no matter."""
    random = np.random.default_rng(seed)
    tokens = random.standard_normal((count, 8)).astype(np.float32)
    labels = random.standard_normal((5, 8)).astype(np.float32)
    mask = random.random(count) < 0.6
    clean = mean_fusion(tokens, mask, labels)
    dirty = tokens.copy()
    dirty[~mask] = filler
    other = mean_fusion(dirty, mask, labels)
    assert clean.logits.tobytes() == other.logits.tobytes()
    assert clean.fused.tobytes() == other.fused.tobytes()
    order = random.permutation(count)
    shuffled = mean_fusion(tokens[order], mask[order], labels)
    np.testing.assert_allclose(shuffled.logits, clean.logits, atol=1e-5)
    assert clean.weights.sum() == pytest.approx(1.0 if mask.any() else 0.0)
