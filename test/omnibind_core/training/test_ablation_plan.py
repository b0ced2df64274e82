"""The order of the ablation's runs: whatever is finished first is a balanced comparison."""

from __future__ import annotations

import pytest

from omnibind_core.errors import ConfigError
from omnibind_core.training.ablation_plan import AblationSettings
from omnibind_core.training.ablation_plan import planned_runs
from omnibind_core.training.ablation_plan import VARIANTS
from omnibind_core.training.cad_settings import CadSettings

BUDGETS = {'thermal': 1200, 'touch': 801}


def test_every_combination_once() -> None:
    runs = planned_runs(AblationSettings(), BUDGETS)
    assert len(runs) == len(set(runs)) == 5 * 4 * 3 * 2
    assert len({run.file for run in runs}) == len(runs)
    assert {run.budget for run in runs if run.modality == 'touch'} == {80, 200, 400, 801}


def test_beginnings_are_balanced() -> None:
    """Variants are together, then modalities, then shares; seeds are outermost."""
    runs = planned_runs(AblationSettings(), BUDGETS)
    assert [run.variant for run in runs[:5]] == list(VARIANTS)
    assert len({(run.modality, run.budget, run.seed) for run in runs[:5]}) == 1
    assert {run.modality for run in runs[:10]} == set(BUDGETS)
    assert {run.share for run in runs[:10]} == {0.1}
    assert {run.seed for run in runs[: len(runs) // 3]} == {0}
    assert len({run.share for run in runs[: len(runs) // 3]}) == 4


def test_a_run_s_settings() -> None:
    settings = AblationSettings(epochs=3, steps_per_epoch=5, batch=32)
    run = planned_runs(settings, BUDGETS)[4]
    found = settings.of_run(CadSettings(augmentation=0.5, budget=1200, epochs=99), run)
    assert found.terms == ('in', 'cr', 'se')
    assert (found.budget, found.epochs, found.steps_per_epoch, found.batch) == (120, 3, 5, 32)
    assert found.augmentation == 0.5


@pytest.mark.parametrize('change', [{'seeds': (1, 1)}, {'shares': ()}, {'variants': ('in', 'in')}])
def test_what_is_empty_or_twice_is_refused(change: dict[str, tuple[object, ...]]) -> None:
    with pytest.raises(ConfigError, match='each once'):
        AblationSettings(**change)  # type: ignore[arg-type]
