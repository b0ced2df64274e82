"""All subsets, all methods, all conditions: from a table of embeddings to everything measured."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from omnibind_core.configuration.option import option
from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.embedding_table import TableError
from omnibind_core.data.record import FOLDS
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.evaluation.statistics.bootstrap import RESAMPLES
from omnibind_core.evaluation.subsets.blocks import Block
from omnibind_core.evaluation.subsets.blocks import condition_blocks
from omnibind_core.evaluation.subsets.blocks import measure
from omnibind_core.evaluation.subsets.blocks import nothing_at_all
from omnibind_core.evaluation.subsets.blocks import NothingAtAll
from omnibind_core.evaluation.subsets.blocks import severity_curve
from omnibind_core.evaluation.subsets.blocks import SeverityPoint
from omnibind_core.evaluation.subsets.choice import all_subsets
from omnibind_core.evaluation.subsets.methods import BestSingle
from omnibind_core.evaluation.subsets.methods import Fuser
from omnibind_core.evaluation.subsets.methods import Learned
from omnibind_core.evaluation.subsets.methods import MaxConfidence
from omnibind_core.evaluation.subsets.methods import Mean
from omnibind_core.evaluation.subsets.methods import Method
from omnibind_core.evaluation.subsets.methods import Product
from omnibind_core.evaluation.subsets.methods import Readings
from omnibind_core.evaluation.subsets.settings import Settings
from omnibind_core.evaluation.subsets.tuples import class_tuples
from omnibind_core.evaluation.subsets.tuples import instance_tuples
from omnibind_core.evaluation.subsets.tuples import nothing_tuples
from omnibind_core.modalities.registry import SENSOR_NAMES

TEXT = 'text'


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is evaluated.

    :raises ConfigError: with every problem found.
    """

    fold: str = option('test', 'Fold that is evaluated.', choices=FOLDS)
    seed: int = option(0, 'Of tuples by class, readings of nothing and draws.', minimum=0)
    resamples: int = option(RESAMPLES, 'Draws of the bootstrap.', minimum=100)
    threshold: float = option(
        0.0, 'Posterior below which a recognition abstains.', minimum=0.0, maximum=1.0
    )

    def __post_init__(self) -> None:
        problems = []
        if self.fold not in FOLDS:
            problems.append(Problem('fold', repr(self.fold), ', '.join(FOLDS)))
        if self.seed < 0:
            problems.append(Problem('seed', str(self.seed), 'a whole number >= 0'))
        if self.resamples < 100:
            problems.append(Problem('resamples', str(self.resamples), 'at least 100'))
        if not 0.0 <= self.threshold <= 1.0:
            problems.append(Problem('threshold', str(self.threshold), '0 to 1'))
        if problems:
            raise ConfigError('evaluation', problems)


@dataclass(frozen=True, eq=False)
class Measured:
    """Everything that was measured.

    :param table: the embeddings.
    :param plan: what was asked for.
    :param settings: of the methods.
    :param sensors: that there are embeddings of.
    :param clean: by pairing, all subsets of the sensors.
    :param spoilt: by pairing, one block for each condition and sensor.
    :param text: subsets that hold the text, by instance; ``None`` where there is no text.
    :param severity: all sensors together, one getting worse.
    :param nothing: subsets whose sensors all had nothing to sense.
    """

    table: EmbeddingTable
    plan: Plan
    settings: Settings
    sensors: tuple[str, ...]
    clean: Mapping[str, Block]
    spoilt: Mapping[str, Sequence[Block]]
    text: Block | None = None
    severity: Sequence[SeverityPoint] = field(default_factory=tuple)
    nothing: Sequence[NothingAtAll] = field(default_factory=tuple)

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods, the learned one last."""
        return tuple(self.clean['instance'].samples)


def evaluate(
    table: EmbeddingTable,
    settings: Settings,
    plan: Plan,
    *,
    fuser: Fuser | None,
    begin: Callable[[int], Callable[[int], None]] | None = None,
) -> Measured:
    """Measure everything that a table allows.

    :param table: with the fold that is evaluated; corrupted rows where conditions are wanted.
    :param fuser: the learned fusion; ``None`` = only the methods that need none.
    :param begin: called with the number of steps; what it returns is called as they are done.
    :raises TableError: the table has no reading of the fold.
    """
    fold, seed = plan.fold, plan.seed
    there = table.fold == FOLDS.index(fold)
    present = {table.modalities[number] for number in set(table.modality[there].tolist())}
    sensors = tuple(name for name in SENSOR_NAMES if name in present)
    if not sensors:
        raise TableError(f'no reading of a sensor in the fold {fold!r}; embed that fold')
    readings = Readings(table, settings.temperatures)
    methods = _methods(settings, fuser)
    subsets = all_subsets(sensors)
    step = begin(2 * 3 * len(sensors) + 5) if begin else lambda _: None

    paired = instance_tuples(table, fold, sensors)
    mixed = class_tuples(table, fold, sensors, count=len(paired), seed=seed)
    clean: dict[str, Block] = {}
    for tuples in (paired, mixed):
        clean[tuples.pairing] = measure(readings, methods, tuples, subsets)
        step(1)
    spoilt: dict[str, Sequence[Block]] = {
        tuples.pairing: list(
            condition_blocks(readings, methods, tuples, subsets, fold=fold, seed=seed, step=step)
        )
        for tuples in (paired, mixed)
    }
    text = None
    if TEXT in present:
        names = (*sensors, TEXT)
        with_text = [chosen for chosen in all_subsets(names) if TEXT in chosen]
        text = measure(readings, methods, instance_tuples(table, fold, names), with_text)
    step(1)
    severity = severity_curve(readings, methods, paired)
    step(1)
    empty = nothing_tuples(table, fold, sensors)
    nothing = (
        nothing_at_all(readings, methods, empty, subsets, threshold=plan.threshold)
        if empty is not None
        else []
    )
    step(1)
    return Measured(
        table, plan, settings, sensors, clean, spoilt, text=text, severity=severity, nothing=nothing
    )


def _methods(settings: Settings, fuser: Fuser | None) -> list[Method]:
    methods: list[Method] = []
    if settings.accuracy:
        methods.append(BestSingle(settings.accuracy))
    methods += [Mean(settings.mean_temperature), MaxConfidence(), Product()]
    if fuser is not None:
        methods.append(Learned(fuser))
    return methods
