"""L_in: hand-computed, against float64, multi-positive, and what its gradient does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tiny_students import unit
import torch

from omnibind_core.training.losses.instance_alignment import instance_alignment


def reference(student: np.ndarray, text: np.ndarray, classes: list[int], scale: float) -> float:
    """Written out in float64, element by element."""
    count = len(classes)
    logits = scale * student.astype(np.float64) @ text.astype(np.float64).T
    total = 0.0
    for table in (logits, logits.T):
        for row in range(count):
            partition = math.log(sum(math.exp(value) for value in table[row]))
            alike = [column for column in range(count) if classes[column] == classes[row]]
            total -= sum(table[row][column] - partition for column in alike) / len(alike) / count
    return total / 2.0


def test_by_hand() -> None:
    """Two classes along two axes, scale ln 3: each row is softmax(ln 3, 0) = (3/4, 1/4)."""
    vectors = torch.eye(2)
    loss = instance_alignment(vectors, vectors, torch.tensor([0, 1]), torch.tensor(math.log(3.0)))
    assert float(loss) == pytest.approx(-math.log(0.75), abs=1e-6)


def test_two_of_one_class_are_both_right() -> None:
    """A class that occurs twice: half the target each, so the least loss is ln 2, not 0."""
    vectors = torch.eye(2)[[0, 0, 1]]
    loss = instance_alignment(vectors, vectors, torch.tensor([0, 0, 1]), torch.tensor(100.0))
    assert float(loss) == pytest.approx(2.0 / 3.0 * math.log(2.0), abs=1e-6)


def test_against_float64() -> None:
    random = np.random.default_rng(0)
    classes = [0, 1, 1, 2, 0, 0, 3]
    student, text = (unit(random.standard_normal((7, 5))) for _ in range(2))
    loss = instance_alignment(
        torch.from_numpy(student), torch.from_numpy(text), torch.tensor(classes), torch.tensor(9.0)
    )
    assert float(loss) == pytest.approx(reference(student, text, classes, 9.0), rel=1e-5)


def test_things_of_one_class_do_not_repel_each_other() -> None:
    """With one class only, nothing can be improved: no gradient at the common text."""
    text = torch.nn.functional.normalize(torch.ones(4, 6), dim=1)
    student = text.clone().requires_grad_()
    classes = torch.zeros(4, dtype=torch.int64)
    instance_alignment(student, text, classes, torch.tensor(10.0)).backward()
    assert student.grad is not None
    assert float(student.grad.abs().max()) < 1e-6


def test_gradients_reach_student_and_scale_only() -> None:
    random = torch.Generator().manual_seed(0)
    student = torch.randn(5, 4, generator=random, requires_grad=True)
    text = torch.randn(5, 4, generator=random, requires_grad=True)
    scale = torch.tensor(14.0, requires_grad=True)
    instance_alignment(student, text, torch.arange(5), scale).backward()
    assert student.grad is not None
    assert torch.isfinite(student.grad).all()
    assert student.grad.abs().max() > 0.0
    assert scale.grad is not None
    assert text.grad is None
