"""Tuples of a table's rows: what all sensors say of one view, or of one class, or of nothing.

Notation: ``t`` tuples, ``M`` modalities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.combinations import Combinations
from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.embedding_table import TableError
from omnibind_core.data.record import FOLDS
from omnibind_core.data.record import Record
from omnibind_core.data.seeding import generator
from omnibind_core.data.tuples import complete_views
from omnibind_core.data.tuples import Pairing
from omnibind_core.data.tuples import Tuples
from omnibind_core.evaluation.corruption.base import SEVERITIES

ABSENT = -1
NOTHING = -1
_LEVELS = len(SEVERITIES) + 1


@dataclass(frozen=True, eq=False)
class SensorTuples:
    """Rows of an embedding table, put together.

    :param pairing: ``instance`` or ``class``.
    :param modalities: of the columns, ``M`` of them.
    :param rows: int64 ``[t, M]``, numbers of the table's rows; -1 where a view lacks the modality.
    :param label: int64 ``[t]``; -1 where there is nothing to sense.
    :param cluster: int64 ``[t]``: what is not independent of each other shares one, see
        :mod:`~omnibind_core.evaluation.statistics.bootstrap`.
    :param clusters: names of the clusters.
    :param view: int64 ``[t]``, for pairing by instance; the number of the tuple otherwise.
    """

    pairing: Pairing
    modalities: tuple[str, ...]
    rows: NDArray[np.int64]
    label: NDArray[np.int64]
    cluster: NDArray[np.int64]
    clusters: tuple[str, ...]
    view: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def select(self, chosen: NDArray[np.bool_]) -> SensorTuples:
        """Some of the tuples; the clusters keep their numbers."""
        return replace(
            self,
            rows=self.rows[chosen],
            label=self.label[chosen],
            cluster=self.cluster[chosen],
            view=self.view[chosen],
        )

    def replaced(self, column: int, rows: NDArray[np.int64]) -> SensorTuples:
        """Another row in one column.

        :param rows: ``[t]``.
        """
        changed = self.rows.copy()
        changed[:, column] = rows
        return replace(self, rows=changed)


def instance_tuples(table: EmbeddingTable, fold: str, modalities: Sequence[str]) -> SensorTuples:
    """Every view of every instance of a fold once: what a robot has.

    The clusters are the instances.

    :raises TableError: the fold holds no reading of the modalities.
    """
    rows, records = _clean(table, fold, modalities)
    members = [dict(view) for view in complete_views(records, fold=fold, split=0)]
    matrix = _matrix(members, rows, modalities)
    first = matrix.max(axis=1)  # any row of the view: they agree
    instances, cluster = np.unique(table.instance[first], return_inverse=True)
    return SensorTuples(
        'instance',
        tuple(modalities),
        matrix,
        table.label[first],
        cluster.astype(np.int64),
        tuple(table.instances[number] for number in instances),
        table.view[first],
    )


def class_tuples(
    table: EmbeddingTable, fold: str, modalities: Sequence[str], *, count: int, seed: int
) -> SensorTuples:
    """Every modality from any instance of a class: the paper's protocol for unpaired data sets.

    Any two tuples of a class may share a reading, so the clusters are the classes.

    :param count: how many.
    :param seed: of the draws.
    :raises TableError: the fold holds no reading of the modalities.
    """
    rows, records = _clean(table, fold, modalities)
    everything = Combinations(tuple(modalities), sizes=(*([0.0] * (len(modalities) - 1)), 1.0))
    tuples = Tuples(
        records, fold=fold, split=0, pairing='class', combinations=everything, seed=seed
    )
    matrix = _matrix([dict(item.members) for item in tuples.take(count)], rows, modalities)
    label = table.label[matrix.max(axis=1)]
    there, cluster = np.unique(label, return_inverse=True)
    names = tuple(table.classes[number] for number in there)
    return SensorTuples(
        'class',
        tuple(modalities),
        matrix,
        label,
        cluster.astype(np.int64),
        names,
        np.arange(count, dtype=np.int64),
    )


def nothing_tuples(
    table: EmbeddingTable, fold: str, modalities: Sequence[str]
) -> SensorTuples | None:
    """Readings of nothing that belong together; ``None`` where the fold has none."""
    chosen = _rows(table, fold, modalities) & table.nothing
    views: dict[tuple[int, int], dict[str, int]] = {}
    for row in np.flatnonzero(chosen):
        key = (int(table.instance[row]), int(table.view[row]))
        views.setdefault(key, {})[table.modalities[table.modality[row]]] = int(row)
    if not views:
        return None
    matrix = _matrix(list(views.values()), np.arange(len(table)), modalities)
    first = matrix.max(axis=1)
    instances, cluster = np.unique(table.instance[first], return_inverse=True)
    return SensorTuples(
        'instance',
        tuple(modalities),
        matrix,
        np.full(len(matrix), NOTHING, np.int64),
        cluster.astype(np.int64),
        tuple(table.instances[number] for number in instances),
        table.view[first],
    )


def corrupted_rows(
    table: EmbeddingTable, rows: NDArray[np.int64], *, name: str, severity: int
) -> NDArray[np.int64]:
    """For readings, the row of the same reading corrupted.

    :param rows: clean rows ``[t]``.
    :param name: of the corruption; ``''`` takes the kind of the reading's severity curve, the one
        that the table has at every severity.
    :return: ``[t]``; -1 where the table has no such row.
    """
    keys = _keys(table)
    spoilt = np.flatnonzero((table.corruption > 0) & (table.severity > 0))
    if name:
        named = np.array([kind.partition(':')[2] == name for kind in table.corruptions])
        wanted = spoilt[named[table.corruption[spoilt]]]
    else:
        kinds = keys[spoilt] * len(table.corruptions) + table.corruption[spoilt]
        levels = np.unique(kinds * _LEVELS + table.severity[spoilt]) // _LEVELS
        there, count = np.unique(levels, return_counts=True)
        wanted = spoilt[np.isin(kinds, there[count == len(SEVERITIES)])]
    wanted = wanted[table.severity[wanted] == severity]
    if not len(wanted):
        return np.full(len(rows), ABSENT, np.int64)
    known, first = np.unique(keys[wanted], return_index=True)
    asked = keys[rows]
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    found = (known[place] == asked) & (rows >= 0)
    return np.where(found, wanted[first[place]], ABSENT).astype(np.int64)


def nothing_rows(
    table: EmbeddingTable, fold: str, modality: str, *, count: int, seed: int
) -> NDArray[np.int64]:
    """Readings of nothing of one modality, drawn by seed.

    :return: ``[count]``; all -1 where the fold has none.
    """
    there = np.flatnonzero(_rows(table, fold, [modality]) & table.nothing)
    if not len(there):
        return np.full(count, ABSENT, np.int64)
    random = generator('nothing', fold, modality, seed)
    return there[random.integers(len(there), size=count)].astype(np.int64)


def _keys(table: EmbeddingTable) -> NDArray[np.int64]:
    """A number for each (modality, instance, view), ``[N]``."""
    views = int(table.view.max(initial=0)) + 1
    keys: NDArray[np.int64] = (
        table.modality * len(table.instances) + table.instance
    ) * views + table.view
    return keys


def _rows(table: EmbeddingTable, fold: str, modalities: Sequence[str]) -> NDArray[np.bool_]:
    """Rows of a fold and of modalities, not corrupted, bool ``[N]``."""
    wanted = np.array([name in modalities for name in table.modalities], np.bool_)
    found: NDArray[np.bool_] = (
        (table.fold == FOLDS.index(fold)) & wanted[table.modality] & (table.corruption == 0)
    )
    return found


def _clean(
    table: EmbeddingTable, fold: str, modalities: Sequence[str]
) -> tuple[NDArray[np.int64], list[Record]]:
    """Clean rows of something, and records that say the same, for what makes tuples of records."""
    rows = np.flatnonzero(_rows(table, fold, modalities) & ~table.nothing).astype(np.int64)
    if not len(rows):
        raise TableError(
            f'no reading of {", ".join(modalities)} in the fold {fold!r}; embed that fold'
        )
    records = [
        Record(
            path=str(row),
            modality=table.modalities[table.modality[row]],
            label=table.classes[table.label[row]],
            instance=table.instances[table.instance[row]],
            folds=(fold,),
            view=int(table.view[row]),
        )
        for row in rows
    ]
    return rows, records


def _matrix(
    members: list[dict[str, int]], rows: NDArray[np.int64], modalities: Sequence[str]
) -> NDArray[np.int64]:
    places = [[of.get(name, ABSENT) for name in modalities] for of in members]
    matrix = np.array(places, np.int64).reshape(len(members), len(modalities))
    return np.where(matrix >= 0, rows[matrix], ABSENT)
