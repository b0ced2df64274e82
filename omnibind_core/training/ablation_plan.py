"""Which runs the ablation of stage 1 consists of, in an order whose beginnings are balanced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.training.cad_settings import CadSettings
from omnibind_core.training.cad_settings import SCRATCH
from omnibind_core.training.cad_settings import TERMS

VARIANTS: Mapping[str, tuple[str, ...]] = {
    'scratch': (SCRATCH,),
    'in': ('in',),
    'in+cr': ('in', 'cr'),
    'in+se': ('in', 'se'),
    'all': TERMS,
}
"""What is compared: labels alone, and L_in with more and more of the relations."""


@dataclass(frozen=True, kw_only=True)
class AblationSettings:
    """How long each run is, and what is varied."""

    shares: tuple[float, ...] = option(
        (0.1, 0.25, 0.5, 1.0), "Parts of each modality's budget.", minimum=0.001, maximum=1.0
    )
    seeds: tuple[int, ...] = option((0, 1, 2), 'Of the runs.', minimum=0)
    variants: tuple[str, ...] = option(
        tuple(VARIANTS), 'What is compared.', choices=tuple(VARIANTS)
    )
    split: int = option(0, 'Of the data set.', minimum=0)
    epochs: int = option(10, 'Of each run.', unit='epochs', minimum=1)
    steps_per_epoch: int = option(16, 'Batches in an epoch.', unit='batches', minimum=1)
    batch: int = option(32, 'Readings in a batch.', unit='readings', minimum=4)
    learning_rate: float = option(2e-3, 'Highest.', minimum=1e-7, maximum=1.0)

    def __post_init__(self) -> None:
        """Check that nothing is empty or stands twice.

        :raises ConfigError: with all problems found.
        """
        problems = [
            Problem(name, str(list(values)), 'at least one value, each once')
            for name in ('shares', 'seeds', 'variants')
            if not (values := getattr(self, name)) or len(set(values)) < len(values)
        ]
        if problems:
            raise ConfigError(type(self).__name__, problems)

    def of_run(self, base: CadSettings, run: AblationRun) -> CadSettings:
        """The settings of one run: the modality's own with what the ablation changes."""
        return base.changed(
            terms=VARIANTS[run.variant],
            budget=run.budget,
            seed=run.seed,
            epochs=self.epochs,
            steps_per_epoch=self.steps_per_epoch,
            batch=self.batch,
            learning_rate=self.learning_rate,
            evaluate_every=min(5, self.epochs),  # a look costs as much as some steps
            patience=0,
        )


@dataclass(frozen=True)
class AblationRun:
    """One training.

    :param modality: whose student.
    :param variant: a key of :data:`VARIANTS`.
    :param budget: most readings to learn from.
    :param share: which part of the modality's budget that is.
    :param seed: of everything drawn.
    """

    modality: str
    variant: str
    budget: int
    share: float
    seed: int

    @property
    def file(self) -> Path:
        """Where its result is, relative to the ablation's folder."""
        return Path(self.modality) / f'{self.variant}_{self.budget}_seed{self.seed}.json'


def planned_runs(settings: AblationSettings, budgets: Mapping[str, int]) -> list[AblationRun]:
    """All runs: seed by seed, so that whatever is finished first is one complete comparison.

    Within a seed the smallest share comes first (there the question is sharpest), then modality by
    modality; variants are innermost, so that they are always compared on equal terms.

    :param budgets: readings of the whole budget, by modality.
    """
    return [
        AblationRun(modality, variant, max(1, round(share * budget)), share, seed)
        for seed in settings.seeds
        for share in sorted(settings.shares)
        for modality, budget in budgets.items()
        for variant in settings.variants
    ]
