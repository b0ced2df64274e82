"""The terms together: each can be switched, weighted, and learnt from."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from omnibind_core.training.cad_settings import CadSettings
from omnibind_core.training.losses.label_classification import label_classification
from omnibind_core.training.losses.logit_scale import LogitScale
from omnibind_core.training.losses.objective import CadObjective
from omnibind_core.training.losses.objective import Targets


def unit(seed: int, count: int, dimension: int = 8) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return functional.normalize(torch.randn(count, dimension, generator=random), dim=1)


LABELS = unit(0, 3)
TARGETS = Targets(torch.tensor([0, 1, 2, 0, 1, 2]), unit(1, 6), unit(2, 6))
STUDENT = unit(3, 6)


@pytest.mark.parametrize(
    'terms', [('in',), ('cr',), ('se',), ('in', 'cr'), ('in', 'se'), ('in', 'cr', 'se')]
)
def test_terms_can_be_switched(terms: tuple[str, ...]) -> None:
    """Only what is asked for is there; the sum is weighted; gradients reach the student."""
    student = STUDENT.clone().requires_grad_()
    settings = CadSettings(terms=terms, cr_weight=2.0, cr_prompt_weight=3.0, se_weight=0.5)
    objective = CadObjective(settings, LABELS)
    found = objective(student, TARGETS)
    parts = {*terms, 'cr_prompts'} if 'cr' in terms else {*terms}
    assert set(found) == {*parts, 'loss'}
    weights = {'in': 1.0, 'cr': 2.0, 'cr_prompts': 3.0, 'se': 0.5}
    expected = sum(weights[name] * float(found[name].detach()) for name in parts)
    assert float(found['loss'].detach()) == pytest.approx(expected, rel=1e-6)
    found['loss'].backward()
    assert student.grad is not None
    assert torch.isfinite(student.grad).all()
    assert student.grad.abs().max() > 0.0
    assert torch.equal(objective.class_vectors(), LABELS)


def test_scratch_has_prototypes_of_its_own() -> None:
    """Cross-entropy on free directions; the teacher's vectors are not looked at."""
    objective = CadObjective(CadSettings(terms=('scratch',)), LABELS, seed=1)
    nothing = torch.zeros(6, 8)
    found = objective(STUDENT, Targets(TARGETS.classes, nothing, nothing))
    prototypes = objective.class_vectors()
    expected = functional.cross_entropy(STUDENT @ prototypes.T / 0.07, TARGETS.classes)
    assert set(found) == {'scratch', 'loss'}
    assert float(found['loss']) == pytest.approx(float(expected), rel=1e-5)
    assert prototypes.norm(dim=1).tolist() == pytest.approx([1.0] * 3)
    assert not torch.allclose(prototypes, LABELS)
    found['loss'].backward()
    assert objective.prototypes is not None
    assert objective.prototypes.directions.grad is not None


def test_label_classification_by_hand() -> None:
    loss = label_classification(
        torch.eye(2), torch.eye(2), torch.tensor([0, 1]), torch.tensor(math.log(3.0))
    )
    assert float(loss) == pytest.approx(-math.log(0.75), abs=1e-6)


def test_scale_begins_at_the_temperature_and_stays_below_100() -> None:
    scale = LogitScale(0.07)
    assert float(scale()) == pytest.approx(1.0 / 0.07, rel=1e-6)
    with torch.no_grad():
        scale.logarithm.fill_(9.0)
    value = scale()
    assert float(value) == pytest.approx(100.0, rel=1e-5)
    value.backward()  # at the bound it can still come down
    assert scale.logarithm.grad is not None
    assert float(scale.logarithm.grad) > 0.0
