"""Standardised relations and their divergence, beside numpy in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from omnibind_core.training.losses.relation import divergence
from omnibind_core.training.losses.relation import off_diagonal
from omnibind_core.training.losses.relation import standardised


def softmax(values: np.ndarray) -> np.ndarray:
    """By rows, float64; -inf gives 0."""
    shifted = np.exp(values - values.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def test_standardised() -> None:
    table = torch.tensor([[9.0, 1.0, 3.0], [1.0, 9.0, 5.0], [3.0, 5.0, 9.0]])
    found = standardised(table, off_diagonal(3))
    # off the diagonal 1, 3, 1, 5, 3, 5: mean 3, variance 8/3
    assert found[0].tolist() == pytest.approx([6 / (8 / 3) ** 0.5, -2 / (8 / 3) ** 0.5, 0.0])
    assert float(standardised(table).mean()) == pytest.approx(0.0, abs=1e-6)
    assert float(standardised(table).std(correction=0)) == pytest.approx(1.0, abs=1e-6)


def test_equal_things_have_no_relation_and_no_infinite_gradient() -> None:
    table = torch.ones(4, 4, requires_grad=True)
    found = standardised(table, off_diagonal(4))
    found.square().sum().backward()
    assert found.abs().max() == 0.0
    assert table.grad is not None
    assert torch.isfinite(table.grad).all()


@pytest.mark.parametrize('masked', [False, True])
def test_divergence(masked: bool) -> None:
    random = np.random.default_rng(1)
    teacher, student = random.standard_normal((2, 6, 6))
    counted = ~np.eye(6, dtype=bool) if masked else np.ones((6, 6), bool)
    wanted = softmax(np.where(counted, teacher, -np.inf))
    given = softmax(np.where(counted, student, -np.inf))
    expected = np.mean(
        [(p[p > 0] * np.log(p[p > 0] / q[p > 0])).sum() for p, q in zip(wanted, given, strict=True)]
    )
    found = divergence(
        torch.from_numpy(teacher),
        torch.from_numpy(student),
        torch.from_numpy(counted) if masked else None,
    )
    assert float(found) == pytest.approx(expected, rel=1e-12)


def test_divergence_is_zero_for_equal_tables_and_teaches_the_student_only() -> None:
    table = torch.randn(5, 5, generator=torch.Generator().manual_seed(0))
    teacher, student = table.clone().requires_grad_(), table.clone().requires_grad_()
    loss = divergence(teacher, student, off_diagonal(5))
    loss.backward()
    assert float(loss) == pytest.approx(0.0, abs=1e-6)
    assert teacher.grad is None
    assert student.grad is not None
    assert float(student.grad.abs().max()) < 1e-6
