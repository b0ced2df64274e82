"""L_cr and L_se against float64 from scratch, and what they must not depend on."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_students import unit
import torch
from torch import Tensor

from omnibind_core.training.losses.cross_modal_relation import cross_modal_relation
from omnibind_core.training.losses.prompt_relation import prompt_relation
from omnibind_core.training.losses.self_relation import self_relation

COUNT = 6
TEMPERATURES = {'image_temperature': 0.4, 'text_temperature': 0.7, 'temperature': 0.5}


def vectors(seed: int) -> np.ndarray:
    return unit(np.random.default_rng(seed).standard_normal((COUNT, 8)))


def tensors() -> tuple[Tensor, Tensor, Tensor]:
    """Student, image and caption vectors, float64."""
    student, image, text = (torch.from_numpy(vectors(seed)).double() for seed in range(3))
    return student, image, text


def standard(table: np.ndarray, counted: np.ndarray) -> np.ndarray:
    return (table - table[counted].mean()) / table[counted].std()


def kl(wanted: np.ndarray, given: np.ndarray, counted: np.ndarray) -> float:
    total = 0.0
    for row in range(COUNT):
        places = np.flatnonzero(counted[row])
        p, q = np.exp(wanted[row, places]), np.exp(given[row, places])
        p, q = p / p.sum(), q / q.sum()
        total += float((p * np.log(p / q)).sum())
    return total / COUNT


def test_cross_modal_relation_against_float64() -> None:
    student, image, text = (vectors(seed).astype(np.float64) for seed in range(3))
    everything = np.ones((COUNT, COUNT), bool)
    wanted = standard(image @ text.T, everything) / 0.3
    given = standard(student @ text.T, everything) / 0.6
    found = cross_modal_relation(*tensors(), teacher_temperature=0.3, temperature=0.6)
    # the root of the variance has a floor of 1e-4
    assert float(found) == pytest.approx(kl(wanted, given, everything), rel=1e-5)


def test_prompt_relation_against_float64() -> None:
    student, image, prompts = (vectors(seed).astype(np.float64) for seed in range(3))
    prompts = prompts[:4]
    wanted, given = image @ prompts.T / 0.2, student @ prompts.T / 0.05
    found = prompt_relation(
        *(torch.from_numpy(each) for each in (student, image, prompts)),
        teacher_temperature=0.2,
        scale=torch.tensor(20.0),
    )
    assert float(found) == pytest.approx(kl(wanted, given, np.ones((COUNT, 4), bool)), rel=1e-10)


def test_prompt_relation_teaches_the_student_alone() -> None:
    student, image, prompts = (each.requires_grad_() for each in tensors())
    scale = torch.tensor(5.0, requires_grad=True)
    prompt_relation(student, image, prompts, teacher_temperature=0.1, scale=scale).backward()
    assert image.grad is None and prompts.grad is None
    assert student.grad is not None and scale.grad is not None
    # a step against the gradient brings it nearer to what the teacher says
    with torch.no_grad():
        before, after = (
            prompt_relation(each, image, prompts, teacher_temperature=0.1, scale=scale)
            for each in (student, student - 0.01 * student.grad)
        )
    assert float(after) < float(before)


def test_self_relation_against_float64() -> None:
    student, image, text = (vectors(seed).astype(np.float64) for seed in range(3))
    others = ~np.eye(COUNT, dtype=bool)
    wanted = standard(image @ image.T, others) / 0.4 + standard(text @ text.T, others) / 0.7
    given = standard(student @ student.T, others) / 0.5
    found = self_relation(*tensors(), **TEMPERATURES)
    assert float(found) == pytest.approx(kl(wanted / 2.0, given, others), rel=1e-5)


def test_a_student_that_is_the_image_teacher_has_no_cross_modal_loss() -> None:
    _, image, text = tensors()
    found = cross_modal_relation(image, image, text, teacher_temperature=0.5, temperature=0.5)
    assert float(found) == pytest.approx(0.0, abs=1e-12)


def test_a_narrow_cone_says_the_same() -> None:
    """All pictures pushed towards one direction: their relations keep their order and meaning."""
    student, image, text = tensors()
    cone = torch.nn.functional.normalize(image + 20.0 * image.mean(dim=0), dim=1)
    wide = float(self_relation(student, image, text, **TEMPERATURES))
    narrow = float(self_relation(student, cone, text, **TEMPERATURES))
    uniform = float(self_relation(student, image[:1].expand(COUNT, -1), text, **TEMPERATURES))
    assert abs(narrow - wide) < 0.6 * abs(uniform - wide)


def test_order_in_the_batch_makes_no_difference() -> None:
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    student, image, text = tensors()
    for loss in (
        lambda s, i, t: self_relation(s, i, t, **TEMPERATURES),
        lambda s, i, t: cross_modal_relation(s, i, t, teacher_temperature=0.5, temperature=0.5),
    ):
        assert float(loss(student[order], image[order], text[order])) == pytest.approx(
            float(loss(student, image, text)), rel=1e-10
        )


def test_gradients_are_finite_also_for_equal_students() -> None:
    _, image, text = tensors()
    student = torch.nn.functional.normalize(torch.ones(COUNT, 8, dtype=torch.float64), dim=1)
    student.requires_grad_()
    loss = self_relation(student, image, text, **TEMPERATURES) + cross_modal_relation(
        student, image, text, teacher_temperature=0.5, temperature=0.5
    )
    loss.backward()
    assert student.grad is not None
    assert torch.isfinite(student.grad).all()


def test_two_things_have_no_relations_to_compare() -> None:
    student, image, text = tensors()
    with pytest.raises(ValueError, match='3 or more'):
        self_relation(student[:2], image[:2], text[:2], **TEMPERATURES)
