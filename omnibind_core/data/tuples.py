"""Tuples of modalities: what several sensors say of the same thing, or of things of one class.

*Same instance* is what a robot has: all sensors at one object at one time. *By class* is the
paper's protocol for data sets that were never recorded together: each modality comes from any
instance of the class. Either way a tuple never leaves its fold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from typing import TYPE_CHECKING

from omnibind_core.data.combinations import Combinations
from omnibind_core.data.record import FOLDS
from omnibind_core.data.record import Record
from omnibind_core.data.seeding import generator
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

if TYPE_CHECKING:
    import numpy as np

Pairing = Literal['instance', 'class']


@dataclass(frozen=True)
class Tuple:
    """One sample of several modalities.

    :param label: class name; ``''`` where no member senses anything.
    :param members: by modality, the number of its record in the list that the tuples were made of.
    :param instance: the thing, for pairing by instance; ``''`` for pairing by class.
    """

    label: str
    members: Mapping[str, int]
    instance: str = ''


class Tuples:
    """Endless, reproducible tuples of one fold; number ``i`` is the same whoever asks for it.

    Classes are drawn evenly, then instances of the class, then (by instance) one view that all
    members share, then the modalities from what the view has. Each member is replaced by a reading
    of nothing with the given probability, from an instance of the same fold; if all are replaced,
    the tuple's label is ``''``.

    :param records: of the data set, as they remain after budgets.
    :param fold: one of :data:`~omnibind_core.data.record.FOLDS`.
    :param split: number of the split.
    :param pairing: ``instance`` or ``class``.
    :param combinations: which modalities take part.
    :param nothing: probability for each member that its sensor has nothing to sense.
    :param seed: of everything that is drawn.
    :raises ConfigError: with every problem found, also when the fold is empty.
    """

    def __init__(
        self,
        records: Sequence[Record],
        *,
        fold: str,
        split: int,
        pairing: Pairing,
        combinations: Combinations,
        nothing: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._check(records, fold, split, pairing, nothing)
        self.records = records
        self._pairing = pairing
        self._combinations = combinations
        self._share = nothing
        self._names = ('tuples', pairing, fold, split, seed)
        wanted = {name for name in combinations.modalities if combinations.weights.get(name, 1) > 0}
        empty: dict[str, list[int]] = defaultdict(list)
        views: dict[str, dict[str, dict[int, dict[str, int]]]] = {}
        by_class: dict[str, dict[str, list[int]]] = {}
        for index, record in enumerate(records):
            if record.folds[split] != fold or record.modality not in wanted:
                continue
            if record.nothing:
                empty[record.modality].append(index)
                continue
            of_view = views.setdefault(record.label, {}).setdefault(record.instance, {})
            of_view.setdefault(record.view, {})[record.modality] = index
            by_class.setdefault(record.label, {}).setdefault(record.modality, []).append(index)
        if not views:
            given = f'no reading of {", ".join(sorted(wanted))} in split {split}'
            raise ConfigError('tuples', [Problem('fold', given, 'a fold with readings')])
        self._empty = empty
        self._by_class = by_class
        self._labels = sorted(views)
        self._instances = {
            label: [
                (instance, [of_view[view] for view in sorted(of_view)])
                for instance, of_view in sorted(views[label].items())
            ]
            for label in self._labels
        }

    @staticmethod
    def _check(
        records: Sequence[Record], fold: str, split: int, pairing: str, nothing: float
    ) -> None:
        problems = []
        if fold not in FOLDS:
            problems.append(Problem('fold', repr(fold), ', '.join(FOLDS)))
        splits = len(records[0].folds) if records else 0
        if not 0 <= split < splits:
            problems.append(Problem('split', str(split), f'one of the {splits} splits, from 0'))
        if pairing not in ('instance', 'class'):
            problems.append(Problem('pairing', repr(pairing), 'instance, class'))
        if not 0.0 <= nothing <= 1.0:
            problems.append(Problem('nothing', str(nothing), 'a probability, 0 to 1'))
        if problems:
            raise ConfigError('tuples', problems)

    def __getitem__(self, number: int) -> Tuple:
        """The tuple of this number, from 0 on; there is no last one."""
        if number < 0:
            raise IndexError(number)
        random = generator(*self._names, number)
        label = self._labels[int(random.integers(len(self._labels)))]
        if self._pairing == 'instance':
            choices = self._instances[label]
            instance, of_views = choices[int(random.integers(len(choices)))]
            there = of_views[int(random.integers(len(of_views)))]
            members = {name: there[name] for name in self._combinations.draw(random, list(there))}
        else:
            instance = ''
            of_class = self._by_class[label]
            members = {
                name: of_class[name][int(random.integers(len(of_class[name])))]
                for name in self._combinations.draw(random, list(of_class))
            }
        return self._with_nothing(random, Tuple(label, members, instance))

    def _with_nothing(self, random: np.random.Generator, given: Tuple) -> Tuple:
        if self._share <= 0.0:
            return given
        members = dict(given.members)
        for name in members:
            empty = self._empty.get(name)
            replaced = random.random() < self._share
            if empty and replaced:
                members[name] = empty[int(random.integers(len(empty)))]
        some = any(not self.records[index].nothing for index in members.values())
        return Tuple(given.label if some else '', members, given.instance if some else '')

    def take(self, count: int, start: int = 0) -> Iterator[Tuple]:
        """``count`` tuples from number ``start`` on."""
        return (self[number] for number in range(start, start + count))


def complete_views(records: Sequence[Record], *, fold: str, split: int) -> list[Mapping[str, int]]:
    """Every view of every instance of a fold once, for evaluation: record numbers by modality.

    In the order of the records; readings of nothing are left out.
    """
    views: dict[tuple[str, int], dict[str, int]] = {}
    for index, record in enumerate(records):
        if record.folds[split] == fold and not record.nothing:
            views.setdefault((record.instance, record.view), {})[record.modality] = index
    return list(views.values())
