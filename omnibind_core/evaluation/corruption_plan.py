"""Which readings are also encoded corrupted, and how: drawn by seed, the same for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields
from typing import Any

from omnibind_core.configuration.option import option
from omnibind_core.data.loader import Preparation
from omnibind_core.data.record import Record
from omnibind_core.data.seeding import generator
from omnibind_core.data.seeding import seed_of
from omnibind_core.data.shard import Files
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.evaluation.corruption.base import SEVERITIES
from omnibind_core.evaluation.corruption.registry import corruption
from omnibind_core.evaluation.corruption.registry import corruptions

GARBLED = 'garbled'
WORST = 5


@dataclass(frozen=True, kw_only=True)
class CorruptionPlan:
    """How many corrupted readings are encoded beside the clean ones.

    :raises ConfigError: with every problem found.
    """

    drawn: int = option(
        0, 'Times that each reading is corrupted, by a drawn kind and severity.', minimum=0
    )
    garbled_views: int = option(
        0, 'First views of each instance that are garbled at severity 5.', minimum=0
    )
    curve_views: int = option(
        0, 'First views of each instance corrupted at all severities, by one drawn kind.', minimum=0
    )
    without: tuple[str, ...] = option((), 'Kinds never drawn: noise, or thermal:noise.')
    folds: tuple[str, ...] = option((), 'Only readings of these folds are corrupted; empty = all.')
    nothing: bool = option(True, 'Whether readings of nothing are encoded too.')
    seed: int = option(0, 'Of everything drawn.', minimum=0)

    def __post_init__(self) -> None:
        problems = [
            Problem(name, str(getattr(self, name)), 'a whole number >= 0')
            for name in ('drawn', 'garbled_views', 'curve_views', 'seed')
            if getattr(self, name) < 0
        ]
        if problems:
            raise ConfigError('corruption plan', problems)

    def names(self, modality: str) -> tuple[str, ...]:
        """The kinds that may be drawn for a modality.

        :return: empty for a modality that has no corruptions.
        :raises ConfigError: when none of those that it has is left.
        """
        known = corruptions(modality)
        left = tuple(
            name
            for name in known
            if name not in self.without and f'{modality}:{name}' not in self.without
        )
        if known and not left:
            raise ConfigError('corruption plan', [Problem('without', modality, 'not every kind')])
        return left


@dataclass(frozen=True, kw_only=True)
class CorruptedRecord(Record):
    """A reading that is corrupted before it is prepared.

    :param corruption: name of a corruption of its modality.
    :param severity: 1 to 5.
    :param seed: of the corruption.
    """

    corruption: str
    severity: int
    seed: int


class CorruptingPreparation(Preparation):
    """A preparation that corrupts the raw reading of each :class:`CorruptedRecord` first."""

    def raw(self, files: Files, record: Record) -> Any:
        """The reading, corrupted if the record says so."""
        raw = super().raw(files, record)
        if not isinstance(record, CorruptedRecord):
            return raw
        kind = corruption(record.modality, record.corruption)
        return kind.apply(raw, record.severity, record.seed)


def corrupted_records(records: Sequence[Record], plan: CorruptionPlan) -> list[CorruptedRecord]:
    """The corrupted readings that a plan adds, each (reading, kind, severity) once.

    What is drawn for a reading depends on the plan's seed and the reading's path alone.

    :param records: clean readings of sensors; those of nothing are left alone.
    """
    places = _view_places(records)
    found: dict[tuple[str, str, int], CorruptedRecord] = {}
    for record in records:
        if record.nothing or not corruptions(record.modality):
            continue
        wanted = []
        place = places[record.instance, record.view]
        if place < plan.garbled_views:
            wanted.append((GARBLED, WORST))
        if place < plan.curve_views:
            random = generator('corruption curve', plan.seed, record.path)
            names = plan.names(record.modality)
            kind = names[int(random.integers(len(names)))]
            wanted += [(kind, severity) for severity in SEVERITIES]
        random = generator('corruption', plan.seed, record.path)
        for _ in range(plan.drawn):
            names = plan.names(record.modality)
            kind = names[int(random.integers(len(names)))]
            wanted.append((kind, int(random.integers(SEVERITIES[0], SEVERITIES[-1] + 1))))
        for kind, severity in wanted:
            key = (record.path, kind, severity)
            if key not in found:
                found[key] = _corrupted(record, kind, severity, plan.seed)
    return list(found.values())


def _corrupted(record: Record, kind: str, severity: int, seed: int) -> CorruptedRecord:
    values = {item.name: getattr(record, item.name) for item in fields(Record)}
    # the same seed at all severities, so that a curve shows the severity and not the draw
    own = seed_of('corrupted', seed, record.path, kind)
    return CorruptedRecord(**values, corruption=kind, severity=severity, seed=own)


def _view_places(records: Sequence[Record]) -> dict[tuple[str, int], int]:
    """The how-manieth view of its instance each view is, from 0."""
    views: dict[str, set[int]] = {}
    for record in records:
        if not record.nothing:
            views.setdefault(record.instance, set()).add(record.view)
    return {
        (instance, view): place
        for instance, numbers in views.items()
        for place, view in enumerate(sorted(numbers))
    }
