"""The class table curated by hand: which model is of which class, or why of none.

Two CSV files: the table with a row for every model of the catalogue, and the definitions of the
classes, which are also the list of the names that may stand in the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import csv
from dataclasses import dataclass
import difflib
from pathlib import Path
import re

from omnibind_core.simulation.catalogue import Catalogue
from omnibind_core.simulation.errors import CurationError

REASONS = {
    'person': 'a person',
    'flat': 'a picture on a plane, without shape',
    'too_few': 'a kind with fewer than eight different models',
    'variants': 'a kind whose models are variants of one or two kits',
    'several_objects': 'several objects at once',
    'ambiguous': 'between two classes',
}
"""Why a model may be in no class, in the order of the funnel."""

_COLUMNS = ('model', 'class', 'series', 'name', 'reason', 'notes')
_CLASS_NAME = re.compile(r'[a-z][a-z0-9]*(_[a-z0-9]+)*')


@dataclass(frozen=True)
class Row:
    """What was decided on one model.

    :param model_id: as in the catalogue.
    :param class_id: its class, or ``''``.
    :param series: name of a product series within the class, or ``''``: its models share parts or
        looks, and no split may separate them.
    :param name: English name where the catalogue's misleads, or ``''``.
    :param reason: key of :data:`REASONS` where there is no class.
    :param notes: free text.
    """

    model_id: str
    class_id: str
    series: str = ''
    name: str = ''
    reason: str = ''
    notes: str = ''


@dataclass(frozen=True)
class ClassTable:
    """The whole table.

    :param rows: by model id, in the file's order.
    :param definitions: one sentence for each class, by class id.
    """

    rows: Mapping[str, Row]
    definitions: Mapping[str, str]

    def models_of(self, class_id: str) -> tuple[str, ...]:
        """Ids of the models of a class.

        :raises CurationError: no such class; names the nearest.
        """
        if class_id not in self.definitions:
            raise CurationError(f'there is no class {class_id!r}{_nearest(class_id, self)}')
        return tuple(row.model_id for row in self.rows.values() if row.class_id == class_id)


def read_class_table(table: Path, definitions: Path) -> ClassTable:
    """Read both files.

    :param table: the table, columns ``model,class,series,name,reason,notes``.
    :param definitions: the classes, columns ``class,definition``.
    :raises CurationError: a file is missing, a row contradicts itself, a model occurs twice, or a
        class is not defined; names file and line.
    """
    return parse_class_table(
        _content(table), _content(definitions), names=(str(table), str(definitions))
    )


def parse_class_table(
    table: bytes, definitions: bytes, *, names: tuple[str, str] = ('table', 'definitions')
) -> ClassTable:
    """As :func:`read_class_table`, from the files' contents.

    :param names: what errors call the two.
    """
    known = parse_definitions(definitions, name=names[1])
    result = ClassTable({}, known)
    rows: dict[str, Row] = {}
    for where, line in _lines(table, names[0], _COLUMNS):
        row = Row(*(line[column] for column in _COLUMNS))
        _check(row, result, where)
        if row.model_id in rows:
            raise CurationError(f'{where}: model {row.model_id!r} occurs twice')
        rows[row.model_id] = row
    return ClassTable(rows, known)


def read_definitions(path: Path) -> dict[str, str]:
    """What each class is, in a sentence, by class.

    :param path: columns ``class,definition``.
    :raises CurationError: the file is missing, or a class is no name or defined twice.
    """
    return parse_definitions(_content(path), name=str(path))


def parse_definitions(content: bytes, *, name: str = 'definitions') -> dict[str, str]:
    """As :func:`read_definitions`, from the file's content.

    :param name: what errors call it.
    """
    known: dict[str, str] = {}
    for where, line in _lines(content, name, ('class', 'definition')):
        if not _CLASS_NAME.fullmatch(line['class']):
            raise CurationError(f'{where}: class {line["class"]!r} is not lower_snake_case')
        if line['class'] in known:
            raise CurationError(f'{where}: class {line["class"]!r} is defined twice')
        known[line['class']] = line['definition']
    return known


def check_complete(table: ClassTable, catalogue: Catalogue) -> None:
    """That the table decides on every model of the catalogue and on no other.

    :raises CurationError: it does not.
    """
    unknown = [model for model in table.rows if model not in catalogue.models]
    undecided = [model for model in catalogue.models if model not in table.rows]
    if unknown:
        raise CurationError(
            f'the class table names {len(unknown)} models that the catalogue does not have, '
            f'first {unknown[0]!r}'
        )
    if undecided:
        raise CurationError(
            f'the class table has no row for {len(undecided)} models, first {undecided[0]!r}'
        )


def _check(row: Row, table: ClassTable, where: str) -> None:
    if not row.model_id:
        raise CurationError(f'{where}: the model is missing')
    if bool(row.class_id) == bool(row.reason):
        raise CurationError(f'{where}: {row.model_id} needs either a class or a reason')
    if row.class_id and row.class_id not in table.definitions:
        raise CurationError(
            f'{where}: {row.model_id} has the undefined class {row.class_id!r}'
            f'{_nearest(row.class_id, table)}'
        )
    if row.reason and row.reason not in REASONS:
        raise CurationError(
            f'{where}: {row.model_id} has the reason {row.reason!r}; allowed: {", ".join(REASONS)}'
        )


def _nearest(class_id: str, table: ClassTable) -> str:
    near = difflib.get_close_matches(class_id, table.definitions, n=1)
    return f'; nearest is {near[0]!r}' if near else ''


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise CurationError(f'{path} does not exist') from None
    except OSError as error:
        raise CurationError(f'{path} cannot be read: {error}') from None


def _lines(
    content: bytes, name: str, columns: Sequence[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Where and what, line by line."""
    try:
        lines = list(csv.reader(content.decode('utf-8').splitlines(), strict=True))
    except UnicodeDecodeError as error:
        raise CurationError(f'{name} cannot be read: {error}') from None
    except csv.Error as error:
        raise CurationError(f'{name} is no CSV file: {error}') from None
    if not lines or tuple(lines[0]) != tuple(columns):
        raise CurationError(f'{name}: the first line must be {",".join(columns)}')
    for number, values in enumerate(lines[1:], start=2):
        where = f'{name}:{number}'
        if len(values) != len(columns):
            raise CurationError(f'{where}: {len(values)} columns, not {len(columns)}')
        yield where, dict(zip(columns, (value.strip() for value in values), strict=True))
