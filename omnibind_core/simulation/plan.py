"""What is to be generated: each curated instance, its folds, and copies of student instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from omnibind_core.data.record import UNUSED


@dataclass(frozen=True, kw_only=True)
class PlannedInstance:
    """One thing to put before the sensors; it becomes one shard.

    :param instance: its id, unique in the data set.
    :param model: id of the catalogue's model.
    :param label: class id.
    :param name: English name.
    :param folds: fold in each split.
    :param copy: 0 for the model itself, else the number of the deformed copy.
    :param views: places it is sensed from.
    :param nothing: readings of nothing for each sensor.
    """

    instance: str
    model: str
    label: str
    name: str
    folds: tuple[str, ...]
    copy: int = 0
    views: int = 8
    nothing: int = 1

    @property
    def copy_of(self) -> str:
        """The instance that this is a copy of, or ``''``."""
        return self.model if self.copy else ''

    @property
    def shard(self) -> str:
        """Path of its shard in the data set's folder."""
        return f'shards/{self.instance}.tar'


def plan_instances(
    things: Iterable[tuple[str, str, str]],
    splits: Sequence[Mapping[str, str]],
    *,
    views: int,
    nothing: int,
    copies: int,
    copy_views: int,
) -> tuple[PlannedInstance, ...]:
    """All instances and copies, in the given order, each copy behind its original.

    A copy has the fold *student* in the splits where its original is a student, and *unused* in
    the others: nothing that resembles a test instance is learnt from in that split.

    :param things: model id, class id and English name of each instance.
    :param splits: fold by model id, for each split.
    :param views: places each instance is sensed from.
    :param nothing: readings of nothing for each sensor and instance; copies have none.
    :param copies: deformed copies of every instance that is a student in some split.
    :param copy_views: places each copy is sensed from.
    """
    planned: list[PlannedInstance] = []
    for model, label, name in things:
        folds = tuple(split[model] for split in splits)
        own = PlannedInstance(
            instance=model,
            model=model,
            label=label,
            name=name,
            folds=folds,
            views=views,
            nothing=nothing,
        )
        planned.append(own)
        if 'student' in folds:
            of_copy = tuple(fold if fold == 'student' else UNUSED for fold in folds)
            planned += [
                PlannedInstance(
                    instance=f'{model}+{number}',
                    model=model,
                    label=label,
                    name=name,
                    folds=of_copy,
                    copy=number,
                    views=copy_views,
                    nothing=0,
                )
                for number in range(1, copies + 1)
            ]
    return tuple(planned)


def selection(
    planned: Iterable[PlannedInstance], *, limit: int = 0, fold: str = ''
) -> tuple[PlannedInstance, ...]:
    """A part of a plan, for trying things out; every instance is generated as in the whole.

    :param limit: at most so many originals of each class, with their copies; 0 = all.
    :param fold: only instances in this fold of the first split; ``''`` = all.
    """
    counts: Counter[str] = Counter()
    chosen: set[str] = set()
    kept = []
    for item in planned:
        if fold and item.folds[0] != fold:
            continue
        if not item.copy and (not limit or counts[item.label] < limit):
            counts[item.label] += 1
            chosen.add(item.instance)
        # a copy without its original would be a student that nobody can check
        if item.model in chosen:
            kept.append(item)
    return tuple(kept)
