"""Tuples that the fusion learns from: any sensors, of one thing or one class, in any trouble.

Notation: ``b`` tuples, ``n`` slots, ``M`` modalities, ``v`` views of things.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.combinations import Combinations
from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.embedding_table import TableError
from omnibind_core.training.fusion_mix import FusionMix
from omnibind_core.training.grouped_rows import GroupedRows

UNKNOWN = -1
EXTRA = 2
"""Slots for further sensors of a modality."""


@dataclass(frozen=True, eq=False)
class FusionBatch:
    """Some tuples.

    :param rows: of the table, int64 ``[b, n]``.
    :param modality: int64 ``[b, n]``; -1 where it is hidden.
    :param mask: bool ``[b, n]``: there, and informative as far as preprocessing can tell.
    :param age: s, float32 ``[b, n]``.
    :param label: int64 ``[b]``; -1 where no sensor had anything to sense.
    :param instance: whose views it is of, int64 ``[b]``.
    """

    rows: NDArray[np.int64]
    modality: NDArray[np.int64]
    mask: NDArray[np.bool_]
    age: NDArray[np.float32]
    label: NDArray[np.int64]
    instance: NDArray[np.int64]


class FusionTuples:
    """Tuples of the rows of one fold.

    Classes are drawn evenly, then an instance, a view, how many modalities and which. What happens
    to each member then is said by a :class:`~omnibind_core.training.fusion_mix.FusionMix`:

    * *corrupted*: the same reading corrupted, or where it is not in the table, another one of the
      instance, or of the modality;
    * *nothing*: a reading of nothing. Where preprocessing sees that, it is masked;
    * *stale*: its vector is older than the others': of another view, or of another thing.

    :param table: with rows of the fold.
    :param fold: one of :data:`~omnibind_core.data.record.FOLDS`.
    :raises TableError: the fold has no readings of anything.
    """

    def __init__(self, table: EmbeddingTable, fold: str, mix: FusionMix) -> None:
        self.table = table = table.in_fold(fold)
        self.mix = mix
        clean = np.flatnonzero(table.is_clean())
        if not len(clean):
            raise TableError(f'no clean reading in the fold {fold!r}; embed that fold')
        width = len(table.modalities)
        self._combinations = Combinations(
            table.modalities, weights=dict(mix.weights), sizes=mix.sizes
        )
        views = int(table.view.max()) + 1
        keys = table.instance * views + table.view
        self._views, numbers = np.unique(keys[clean], return_inverse=True)
        count = len(self._views)
        self._rows = np.full((count, width), -1, np.int64)
        self._rows[numbers, table.modality[clean]] = clean
        label, instance = np.zeros(count, np.int64), np.zeros(count, np.int64)
        label[numbers], instance[numbers] = table.label[clean], table.instance[clean]
        self._instance = instance
        self._classes = np.unique(label)
        classes, instances = len(table.classes), len(table.instances)
        first = np.unique(instance, return_index=True)[1]
        self._instances_of = GroupedRows(label[first], instance[first], classes)
        self._views_of = GroupedRows(instance, np.arange(count), instances)
        kind = table.modality
        self._of_class = GroupedRows((table.label * width + kind)[clean], clean, classes * width)
        of_instance = table.instance * width + kind
        self._of_instance = GroupedRows(of_instance[clean], clean, instances * width)
        self._of_kind = GroupedRows(kind[clean], clean, width)
        bad = np.flatnonzero((table.corruption > 0) & ~table.nothing)
        same = np.searchsorted(self._views, keys[bad]).clip(max=count - 1)
        there = self._views[same] == keys[bad]
        self._corrupted = (
            GroupedRows((same * width + kind[bad])[there], bad[there], count * width),
            GroupedRows(of_instance[bad], bad, instances * width),
            GroupedRows(kind[bad], bad, width),
        )
        empty = np.flatnonzero(table.nothing)
        self._empty = GroupedRows(kind[empty], empty, width)
        self._view_number = np.full(len(table), -1, np.int64)
        self._view_number[clean] = numbers

    def draw(self, random: np.random.Generator, count: int) -> FusionBatch:
        """Tuples.

        :param random: the only source of chance.
        :param count: b.
        """
        table, mix = self.table, self.mix
        width = len(table.modalities)
        label = self._classes[random.integers(len(self._classes), size=count)]
        instance = self._instances_of.draw(random, label)
        view = self._views_of.draw(random, instance)
        rows = self._rows[view]
        taken = self._subsets(random, rows >= 0)
        modality = np.broadcast_to(np.arange(width), (count, width))
        mixed = self._of_class.draw(random, label[:, None] * width + modality)
        by_class = random.random((count, 1)) < mix.by_class
        rows = np.where(by_class & (mixed >= 0), mixed, rows)

        chosen = np.where(taken, random.random((count, width)), -1.0).argmax(axis=1)
        more = np.repeat(chosen[:, None], EXTRA, axis=1)
        other = self._of_instance.draw(random, instance[:, None] * width + more)
        wanted = random.random((count, 1)) < mix.several * np.array([[1.0, 1.0 / 3.0]])
        rows = np.concatenate((rows, other), axis=1)
        modality = np.concatenate((modality, more), axis=1)
        taken = np.concatenate((taken, wanted & (other >= 0)), axis=1)

        rows, age = self._trouble(random, rows, modality, taken)
        mask = taken & table.informative[rows]
        senses = (taken & ~table.nothing[rows]).any(axis=1)
        hidden = random.random(modality.shape) < mix.unknown
        return FusionBatch(
            rows=rows,
            modality=np.where(hidden, UNKNOWN, modality),
            mask=mask,
            age=age,
            label=np.where(senses, label, -1),
            instance=instance,
        )

    def _subsets(self, random: np.random.Generator, there: NDArray[np.bool_]) -> NDArray[np.bool_]:
        names = self.table.modalities
        taken = np.zeros(there.shape, np.bool_)
        places = {name: place for place, name in enumerate(names)}
        for number, available in enumerate(there):
            present = [name for name, is_there in zip(names, available, strict=True) if is_there]
            for name in self._combinations.draw(random, present):
                taken[number, places[name]] = True
        return taken

    def _trouble(
        self,
        random: np.random.Generator,
        rows: NDArray[np.int64],
        modality: NDArray[np.int64],
        taken: NDArray[np.bool_],
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows and ages ``[b, n]`` after what went wrong."""
        table, mix = self.table, self.mix
        width, shape = len(table.modalities), rows.shape
        ends = np.cumsum([mix.corrupted, mix.nothing, mix.stale])
        fate = random.random(shape)
        troubled = (random.random((shape[0], 1)) < mix.troubled) & taken
        empty_all = random.random((shape[0], 1)) < mix.nothing_only
        own = table.instance[rows] * width + modality

        spoilt = self._corrupted[2].draw(random, modality)
        for groups, keys in (
            (self._corrupted[1], own),
            (self._corrupted[0], self._view_number[rows].clip(min=0) * width + modality),
        ):
            nearer = groups.draw(random, keys)
            spoilt = np.where(nearer >= 0, nearer, spoilt)
        empty = self._empty.draw(random, modality)
        wrong = random.random(shape) < mix.stale_wrong
        older = np.where(
            wrong, self._of_kind.draw(random, modality), self._of_instance.draw(random, own)
        )
        is_spoilt = troubled & (fate < ends[0]) & (spoilt >= 0)
        is_empty = troubled & (fate >= ends[0]) & (fate < ends[1]) | (empty_all & taken)
        is_empty &= empty >= 0
        is_stale = troubled & (fate >= ends[1]) & (fate < ends[2]) & (older >= 0) & ~is_empty
        age = np.where(is_stale, random.random(shape) * mix.oldest, 0.0).astype(np.float32)
        rows = np.where(is_spoilt, spoilt, rows)
        rows = np.where(is_stale, older, rows)
        return np.where(is_empty, empty, rows), age
