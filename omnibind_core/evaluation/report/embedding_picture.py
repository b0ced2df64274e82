"""The embedding space as a map: what lies close to what, without and with distillation.

t-SNE (van der Maaten and Hinton, 2008) keeps neighbours and nothing else: distances between groups
and their sizes mean nothing. So the share of nearest neighbours of the same class, measured in the
space itself and across sensors, stands beside the map.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.record import FOLDS
from omnibind_core.data.seeding import generator
from omnibind_core.errors import UnavailableError
from omnibind_core.evaluation.report.style import figure
from omnibind_core.evaluation.report.style import sensor_colour
from omnibind_core.evaluation.report.style import sensor_title
from omnibind_core.modalities.registry import SENSOR_NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_POINTS = 1000
_PERPLEXITY = 30.0
_PALETTE = 'tab20'


def space_map(tables: Mapping[str, EmbeddingTable], fold: str, *, seed: int = 0) -> Figure:
    """One row for each table: points by class, and the same points by sensor.

    :param tables: by title; the second is usually what distillation made of the first.
    :param fold: that is drawn.
    :raises UnavailableError: scikit-learn is not installed.
    """
    found = figure(11.0, 4.9 * len(tables))
    panels = np.asarray(found.subplots(len(tables), 2)).reshape(len(tables), 2)
    for (by_class, by_sensor), (title, table) in zip(panels, tables.items(), strict=True):
        rows = chosen_rows(table, fold, seed)
        places = neighbour_map(table.vectors[rows], seed)
        names = [table.modalities[number] for number in table.modality[rows]]
        same = neighbours_of_the_class(table, fold)
        by_class.scatter(
            places[:, 0],
            places[:, 1],
            c=table.label[rows] % 20,
            cmap=_PALETTE,
            vmin=-0.5,
            vmax=19.5,
            s=7,
            linewidths=0,
        )
        by_class.set_title(f'{title}: colours are classes')
        by_class.set_xlabel(
            f'nearest neighbour in another sensor, of another instance: same class {same:.0%}'
        )
        for name in (name for name in SENSOR_NAMES if name in names):
            own = np.array([name == other for other in names])
            by_sensor.scatter(
                places[own, 0],
                places[own, 1],
                color=sensor_colour(name),
                s=7,
                linewidths=0,
                label=sensor_title(name),
            )
        by_sensor.set_title(f'{title}: colours are sensors')
        by_sensor.legend(fontsize=8, markerscale=2.2, loc='best', handletextpad=0.1)
        for axes in (by_class, by_sensor):
            _bare(axes)
    return found


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)


def chosen_rows(table: EmbeddingTable, fold: str, seed: int) -> NDArray[np.int64]:
    """Clean, informative rows of sensors, at most 1000, drawn by seed."""
    sensor = np.array([name in SENSOR_NAMES for name in table.modalities])[table.modality]
    rows = np.flatnonzero(
        table.is_clean() & table.informative & sensor & (table.fold == FOLDS.index(fold))
    )
    if len(rows) > MOST_POINTS:
        random = generator('map', fold, seed)
        rows = np.sort(random.choice(rows, MOST_POINTS, replace=False))
    return rows.astype(np.int64)


def neighbour_map(vectors: NDArray[np.float32], seed: int) -> NDArray[np.float64]:
    """Places in the plane ``[n, 2]`` of unit vectors ``[n, d]``.

    :raises UnavailableError: scikit-learn is not installed.
    """
    try:
        manifold = import_module('sklearn.manifold')
    except ImportError:
        raise UnavailableError(
            't-SNE needs the package scikit-learn; install omnibind[train]'
        ) from None
    perplexity = min(_PERPLEXITY, max(1.0, (len(vectors) - 1) / 3.0))
    # of unit vectors the nearest by angle are the nearest by distance
    tsne = manifold.TSNE(
        n_components=2, init='pca', perplexity=perplexity, max_iter=600, random_state=seed
    )
    places: NDArray[np.float64] = np.asarray(tsne.fit_transform(vectors), np.float64)
    return places


def neighbours_of_the_class(table: EmbeddingTable, fold: str) -> float:
    """Share of readings whose nearest neighbour in another sensor is of their class.

    Neighbours are readings of *other instances*: that a thing lies near itself says nothing of its
    class.
    """
    sensor = np.array([name in SENSOR_NAMES for name in table.modalities])[table.modality]
    own = table.select(
        table.is_clean() & table.informative & sensor & (table.fold == FOLDS.index(fold))
    )
    hits, total = 0, 0
    for number in range(len(table.modalities)):
        queries = own.select(own.modality == number)
        others = own.select(own.modality != number)
        if not len(queries) or not len(others):
            continue
        cosines = queries.vectors @ others.vectors.T
        cosines[queries.instance[:, None] == others.instance[None]] = -2.0
        nearest = cosines.argmax(axis=1)
        hits += int((others.label[nearest] == queries.label).sum())
        total += len(queries)
    return hits / total if total else float('nan')
