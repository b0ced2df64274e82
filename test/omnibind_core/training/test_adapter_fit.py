"""Fitting the supervised adapter."""

from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_core.inference.projection import unit
from omnibind_core.training.adapter_fit import AdapterOptions
from omnibind_core.training.adapter_fit import fit_adapter
from omnibind_core.training.adapter_fit import parts_of

pytest.importorskip('torch')


def problem(count: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features that say the class, a teacher that does not; classes of unequal size."""
    random = np.random.default_rng(0)
    labels = np.minimum(random.integers(0, 6, count), 2)
    centres = random.normal(0, 1, (3, 10))
    features = (7 + centres[labels] + 0.3 * random.normal(0, 1, (count, 10))).astype(np.float32)
    vectors = unit(random.normal(0, 1, (count, 4)))
    of_labels = unit(random.normal(0, 1, (3, 4)))
    return features, vectors, labels.astype(np.int64), of_labels


def adapted(options: AdapterOptions) -> np.ndarray:
    features, vectors, labels, of_labels = problem()
    adapter = fit_adapter(features, vectors, labels, of_labels, options)
    return unit(vectors + adapter.residual(features))


def test_starts_at_the_teacher_and_learns() -> None:
    """No step changes nothing; many bring every picture to its label."""
    _, vectors, labels, of_labels = problem()
    assert np.allclose(adapted(AdapterOptions(steps=0)), vectors, atol=1e-6)
    moved = adapted(AdapterOptions(rate=0.02))
    assert ((vectors @ of_labels.T).argmax(axis=1) == labels).mean() < 0.7
    assert ((moved @ of_labels.T).argmax(axis=1) == labels).mean() > 0.9


def test_first_step_against_numpy() -> None:
    """AdamW's first step is the sign of the gradient, by hand with differences in float64."""
    features, vectors, labels, of_labels = problem()
    options = AdapterOptions(steps=1, rate=1e-3, temperature=0.1)
    adapter = fit_adapter(features, vectors, labels, of_labels, options)
    given = features.astype(float)
    standard = (given - given.mean(axis=0)) / given.std(axis=0)
    counts = np.bincount(labels)

    def loss(matrix: np.ndarray) -> float:
        moved = vectors.astype(float) + standard @ matrix
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        logits = moved @ of_labels.T.astype(float) / 0.1
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        # every class counts the same
        return float(
            np.mean([-logs[labels == label, label].mean() for label in range(len(counts))])
        )

    assert np.allclose(adapter.mean, given.mean(axis=0), atol=1e-5)
    assert np.allclose(adapter.std, given.std(axis=0), atol=1e-5)
    for row, column in ((0, 0), (3, 2), (9, 3)):
        step = np.zeros((10, 4))
        step[row, column] = 1e-6
        gradient = (loss(step) - loss(-step)) / 2e-6
        assert abs(gradient) > 1e-5
        assert np.isclose(adapter.matrix[row, column], -1e-3 * np.sign(gradient), rtol=1e-3)


def test_is_the_same_again() -> None:
    """Nothing is drawn."""
    assert np.array_equal(adapted(AdapterOptions(steps=5)), adapted(AdapterOptions(steps=5)))


def test_refusals() -> None:
    """What does not fit together."""
    features, vectors, labels, of_labels = problem()
    for wrong in (
        (features[:0], vectors[:0], labels[:0], of_labels),
        (features, vectors[:-1], labels, of_labels),
        (features, vectors, labels + 1, of_labels),
        (features, vectors, labels, of_labels[:, :3]),
    ):
        with pytest.raises(InputError, match='training pictures'):
            fit_adapter(*wrong)


def test_parts_keep_groups_together() -> None:
    """And are about as large as each other."""
    groups = [f'instance {number % 23}' for number in range(200)]
    parts = parts_of(groups, 4)
    assert sorted(set(parts.tolist())) == [0, 1, 2, 3]
    for group in set(groups):
        assert (
            len({part for part, of in zip(parts.tolist(), groups, strict=True) if of == group}) == 1
        )
    sizes = [
        len({of for part, of in zip(parts, groups, strict=True) if part == k}) for k in range(4)
    ]
    assert max(sizes) - min(sizes) <= 1
    assert np.array_equal(parts, parts_of(groups, 4))
    assert not np.array_equal(parts, parts_of(groups, 4, seed=1))
