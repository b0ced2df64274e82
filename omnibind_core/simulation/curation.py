"""From the catalogue to the benchmark's instances: classes by hand, near-duplicates out.

The similar pairs (:mod:`.geometry_hash`) take minutes to measure and depend on the models only, so
they are recorded in a CSV file beside the class table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import csv
from dataclasses import dataclass
import math
from pathlib import Path

from omnibind_core.simulation.catalogue import Catalogue
from omnibind_core.simulation.class_table import check_complete
from omnibind_core.simulation.class_table import ClassTable
from omnibind_core.simulation.class_table import REASONS
from omnibind_core.simulation.class_table import Row
from omnibind_core.simulation.errors import CurationError
from omnibind_core.simulation.errors import MeshError
from omnibind_core.simulation.geometry_hash import describe
from omnibind_core.simulation.geometry_hash import DUPLICATE
from omnibind_core.simulation.geometry_hash import Pair
from omnibind_core.simulation.geometry_hash import Shape
from omnibind_core.simulation.geometry_hash import SIBLING
from omnibind_core.simulation.geometry_hash import similar_pairs
from omnibind_core.simulation.obj_mesh import load_mesh

MINIMUM = 8
"""Instances that a class needs: three to test, one to validate, two to fuse, two to learn."""

_PAIR_COLUMNS = ['first', 'second', 'distance', 'stretch']


@dataclass(frozen=True)
class Instance:
    """One object of the benchmark.

    :param model_id: as in the catalogue.
    :param class_id: its class.
    :param name: English name, corrected where the catalogue's misleads.
    :param group: instances of one group stay in one fold; most are alone in theirs.
    """

    model_id: str
    class_id: str
    name: str
    group: str


@dataclass(frozen=True)
class Step:
    """One step of the funnel.

    :param text: what was taken out, or what is left.
    :param removed: models taken out.
    :param left: models left.
    """

    text: str
    removed: int
    left: int


@dataclass(frozen=True)
class Curation:
    """What the benchmark is made of.

    :param instances: in the catalogue's order.
    :param duplicates: the model that stands for each removed near-duplicate.
    :param funnel: from the catalogue to the instances.
    """

    instances: tuple[Instance, ...]
    duplicates: Mapping[str, str]
    funnel: tuple[Step, ...]

    def classes(self) -> dict[str, tuple[Instance, ...]]:
        """Instances by class, both in alphabetical order of the class."""
        found: dict[str, list[Instance]] = {}
        for instance in self.instances:
            found.setdefault(instance.class_id, []).append(instance)
        return {class_id: tuple(found[class_id]) for class_id in sorted(found)}


def curate(
    catalogue: Catalogue,
    table: ClassTable,
    pairs: Iterable[Pair],
    *,
    unreadable: Iterable[str] = (),
    minimum: int = MINIMUM,
) -> Curation:
    """Apply the class table and take out near-duplicates.

    :param catalogue: all models.
    :param table: the decisions.
    :param pairs: similar models, of whatever class; only those within one class count: two things
        of different classes that look alike do not give an answer away.
    :param unreadable: ids of models whose mesh cannot be read.
    :param minimum: instances that every class must keep.
    :raises CurationError: the table does not fit the catalogue, or a class is left with too few.
    """
    check_complete(table, catalogue)
    broken = set(unreadable)
    rows = {
        model: table.rows[model]
        for model in catalogue.models
        if table.rows[model].class_id and model not in broken
    }
    within = [
        pair
        for pair in pairs
        if {pair.first, pair.second} <= rows.keys()
        and rows[pair.first].class_id == rows[pair.second].class_id
    ]
    copies = _Groups(rows)
    copies.join((pair.first, pair.second) for pair in within if pair.distance <= DUPLICATE)
    kept = {model: row for model, row in rows.items() if copies.first(model) == model}
    family = _Groups(rows)
    family.join((pair.first, pair.second) for pair in within if pair.distance <= SIBLING)
    family.join(_neighbours(rows))
    instances = tuple(
        Instance(
            model_id=model,
            class_id=row.class_id,
            name=row.name or catalogue.models[model].name,
            group=family.first(model),
        )
        for model, row in kept.items()
    )
    counts = Counter(instance.class_id for instance in instances)
    for class_id in table.definitions:
        if counts[class_id] < minimum:
            raise CurationError(
                f'class {class_id!r} is left with {counts[class_id]} instances, and needs '
                f'{minimum}; give its models a reason instead of a class'
            )
    return Curation(
        instances=instances,
        duplicates={model: copies.first(model) for model in rows if model not in kept},
        funnel=_funnel(catalogue, table, len(rows), len(kept)),
    )


def measure_pairs(
    catalogue: Catalogue, progress: Callable[[str], None] = lambda _: None
) -> tuple[list[Pair], dict[str, str]]:
    """Read every model of the catalogue and compare all with all; takes minutes.

    :param catalogue: all models.
    :param progress: called with each model's id.
    :returns: pairs up to :data:`.geometry_hash.SIBLING`, and what is wrong with unreadable models.
    """
    shapes: list[Shape] = []
    unreadable: dict[str, str] = {}
    for library in catalogue.libraries:
        with catalogue.open(library) as archive:
            for model in catalogue:
                if model.library != library:
                    continue
                progress(model.model_id)
                try:
                    shapes.append(describe(load_mesh(archive, model)))
                except MeshError as error:
                    unreadable[model.model_id] = str(error)
    return similar_pairs(shapes), unreadable


def write_pairs(path: Path, pairs: Sequence[Pair]) -> None:
    """Record similar pairs as CSV."""
    with path.open('w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(_PAIR_COLUMNS)
        for pair in pairs:
            writer.writerow(
                [pair.first, pair.second, f'{pair.distance:.4f}', f'{pair.stretch:.2f}']
            )


def read_pairs(path: Path) -> list[Pair]:
    """Read what :func:`write_pairs` recorded.

    :raises CurationError: missing or malformed.
    """
    try:
        lines = list(csv.reader(path.read_text(encoding='utf-8').splitlines()))
    except FileNotFoundError:
        raise CurationError(f'{path} does not exist; measure the similar pairs first') from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CurationError(f'{path} cannot be read: {error}') from None
    if not lines or lines[0] != _PAIR_COLUMNS:
        raise CurationError(f'{path}: the first line must be {",".join(_PAIR_COLUMNS)}')
    pairs = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            first, second, distance, stretch = line
            pair = Pair(first, second, float(distance), float(stretch))
        except ValueError:
            raise CurationError(f'{path}:{number}: not a pair with two numbers') from None
        if not math.isfinite(pair.distance) or pair.distance < 0:
            raise CurationError(f'{path}:{number}: {distance} is no distance')
        pairs.append(pair)
    return pairs


def funnel_text(curation: Curation) -> str:
    """The funnel and the classes as a table for people."""
    lines = [f'{"":56}{"out":>6}{"left":>6}']
    lines += [f'{step.text:56}{step.removed:6d}{step.left:6d}' for step in curation.funnel]
    lines += ['', f'{"class":24}{"instances":>10}{"groups":>10}']
    for class_id, instances in curation.classes().items():
        groups = len({instance.group for instance in instances})
        lines.append(f'{class_id:24}{len(instances):10d}{groups:10d}')
    return '\n'.join(lines)


def _neighbours(rows: Mapping[str, Row]) -> list[tuple[str, str]]:
    """Pairs of models that one series of one class ties together."""
    first: dict[tuple[str, str], str] = {}
    return [
        (first.setdefault((row.class_id, row.series), model), model)
        for model, row in rows.items()
        if row.series
    ]


def _funnel(catalogue: Catalogue, table: ClassTable, classed: int, kept: int) -> tuple[Step, ...]:
    left = len(catalogue)
    steps = [Step('models in the catalogue', 0, left)]
    reasons = Counter(row.reason for row in table.rows.values() if row.reason)
    for reason, text in REASONS.items():
        left -= reasons[reason]
        steps.append(Step(text, reasons[reason], left))
    steps.append(Step('unreadable mesh', left - classed, classed))
    steps.append(Step('near-duplicate by shape of another of its class', classed - kept, kept))
    return tuple(steps)


class _Groups:
    """Connected components; each is named by its first member in the given order."""

    def __init__(self, members: Iterable[str]) -> None:
        self._order = {member: index for index, member in enumerate(members)}
        self._parent = {member: member for member in self._order}

    def first(self, member: str) -> str:
        while self._parent[member] != member:
            self._parent[member] = self._parent[self._parent[member]]
            member = self._parent[member]
        return member

    def join(self, pairs: Iterable[tuple[str, str]]) -> None:
        for one, other in pairs:
            low, high = sorted((self.first(one), self.first(other)), key=self._order.__getitem__)
            self._parent[high] = low
