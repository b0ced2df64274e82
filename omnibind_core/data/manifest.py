"""The manifest of a data set: a plain CSV table with one line for each reading.

Columns ``path,modality,label,split,instance`` suffice. Optional ones: ``view`` (default 0),
``nothing`` (0 or 1), ``copy_of``, and ``split_1``, ``split_2`` ... for further splits, with
``split`` as the first one. Beside it ``classes.txt`` may fix the classes and their order; without
it they are the labels that occur, sorted.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
import csv
from dataclasses import dataclass
import io
from pathlib import Path
from pathlib import PurePosixPath
import re

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.data.class_map import ClassMap
from omnibind_core.data.class_map import FILE_NAME as CLASSES_NAME
from omnibind_core.data.class_map import nearest
from omnibind_core.data.class_map import read_classes
from omnibind_core.data.errors import ManifestError
from omnibind_core.data.errors import ManifestProblem
from omnibind_core.data.manifest_check import check_records
from omnibind_core.data.manifest_check import missing_files
from omnibind_core.data.record import FOLDS
from omnibind_core.data.record import Record
from omnibind_core.data.record import UNUSED
from omnibind_core.modalities.registry import NAMES

FILE_NAME = 'manifest.csv'
REQUIRED = ('path', 'modality', 'label', 'split', 'instance')
OPTIONAL = ('view', 'nothing', 'copy_of')
MOST_BYTES = 2**28
_SPLIT = re.compile(r'split_([1-9][0-9]?)')
_MOST_VIEWS = 1_000_000


@dataclass(frozen=True)
class Manifest:
    """A data set: its folder, its readings, its classes.

    :param root: folder that the records' paths start from.
    :param records: in the file's order.
    :param classes: all classes, also those without a reading.
    """

    root: Path
    records: tuple[Record, ...]
    classes: ClassMap

    @property
    def splits(self) -> int:
        """How many splits into folds there are."""
        return len(self.records[0].folds) if self.records else 0


def read_manifest(path: Path, *, check_files: bool = True) -> Manifest:
    """Read and check a manifest.

    :param path: the CSV file, or the folder that holds ``manifest.csv``.
    :param check_files: look whether every file is there; shards are opened for it.
    :raises ManifestError: with every problem found: an unreadable file, missing columns, malformed
        or duplicate paths, missing files and folders, unknown modalities, classes and folds,
        instances in two folds or of two classes.
    :raises ConfigError: ``classes.txt`` is there but unusable.
    """
    file = path / FILE_NAME if path.is_dir() else path
    listed = file.parent / CLASSES_NAME
    classes = read_classes(listed) if listed.is_file() else None
    problems: list[ManifestProblem] = []
    rows = _rows(file, problems)
    numbered: list[tuple[int, Record]] = []
    for line, row in rows:
        record = _record(line, row, classes, problems)
        if record is not None:
            numbered.append((line, record))
    problems += check_records(numbered)
    if check_files:
        problems += missing_files(file.parent, numbered)
    if not rows and not problems:
        problems.append(ManifestProblem('file', 0, 'it lists no reading'))
    if problems:
        raise ManifestError(file, sorted(problems, key=lambda problem: problem.line))
    records = tuple(record for _, record in numbered)
    if classes is None:
        labels = sorted({record.label for record in records if record.label})
        if not labels:
            raise ManifestError(file, [ManifestProblem('class', 0, 'no reading has a label')])
        classes = ClassMap(tuple(labels))
    return Manifest(file.parent, records, classes)


def write_manifest(manifest: Manifest) -> Path:
    """Write ``manifest.csv`` and ``classes.txt`` into the data set's folder, atomically.

    :raises ManifestError: the records contradict each other.
    """
    path = manifest.root / FILE_NAME
    problems = check_records([(n + 2, record) for n, record in enumerate(manifest.records)])
    if problems:
        raise ManifestError(path, problems)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    more = [f'split_{number}' for number in range(1, manifest.splits)]
    writer.writerow([*REQUIRED, *OPTIONAL, *more])
    for record in manifest.records:
        row = [record.path, record.modality, record.label, record.folds[0], record.instance]
        row += [str(record.view), str(int(record.nothing)), record.copy_of]
        writer.writerow([*row, *record.folds[1:]])
    write_atomically(manifest.root / CLASSES_NAME, '\n'.join(manifest.classes.names) + '\n')
    write_atomically(path, text.getvalue())
    return path


def _rows(file: Path, problems: list[ManifestProblem]) -> list[tuple[int, Mapping[str, str]]]:
    """Lines of the table by column, each with its number."""
    try:
        if file.stat().st_size > MOST_BYTES:
            problems.append(ManifestProblem('file', 0, f'larger than {MOST_BYTES} bytes'))
            return []
        text = file.read_text(encoding='utf-8-sig')
    except UnicodeDecodeError:
        problems.append(ManifestProblem('file', 0, 'not UTF-8; save the table as UTF-8'))
        return []
    except OSError as error:
        problems.append(ManifestProblem('file', 0, f'cannot be read: {error.strerror}'))
        return []
    reader = csv.reader(io.StringIO(text, newline=''), strict=True)
    rows: list[tuple[int, Mapping[str, str]]] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        if not _check_header(header, problems):
            return []
        for cells in reader:
            line = reader.line_num
            if len(cells) != len(header):
                if cells:
                    given = f'{len(cells)} values for {len(header)} columns'
                    problems.append(ManifestProblem('column', line, given))
                continue
            rows.append((line, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    except csv.Error as error:
        problems.append(ManifestProblem('file', reader.line_num, f'no CSV: {error}'))
    return rows


def _check_header(header: Sequence[str], problems: list[ManifestProblem]) -> bool:
    before = len(problems)
    problems += [
        ManifestProblem('column', 1, f'the column {name!r} is missing')
        for name in REQUIRED
        if name not in header
    ]
    for number, name in enumerate(header):
        if name in header[:number]:
            problems.append(ManifestProblem('column', 1, f'the column {name!r} stands twice'))
        elif name not in REQUIRED and name not in OPTIONAL and not _SPLIT.fullmatch(name):
            allowed = ', '.join([*REQUIRED, *OPTIONAL, 'split_1', '...'])
            text = f'unknown column {name!r}; allowed: {allowed}'
            problems.append(ManifestProblem('column', 1, text))
    numbers = sorted(int(found[1]) for name in header if (found := _SPLIT.fullmatch(name)))
    if numbers != list(range(1, len(numbers) + 1)):
        text = f'splits {numbers}; number them split_1, split_2, ... without gaps'
        problems.append(ManifestProblem('column', 1, text))
    return len(problems) == before


def _record(
    line: int, row: Mapping[str, str], classes: ClassMap | None, problems: list[ManifestProblem]
) -> Record | None:
    before = len(problems)

    def problem(kind: str, text: str) -> None:
        problems.append(ManifestProblem(kind, line, text))

    parts = PurePosixPath(row['path']).parts
    if not parts or parts[0] == '/' or '..' in parts or '\\' in row['path'] or '\0' in row['path']:
        problem('path', f'path {row["path"]!r}; allowed: a file below the manifest, with slashes')
    if row['modality'] not in NAMES:
        problem('modality', f'modality {row["modality"]!r}; allowed: {", ".join(NAMES)}')
    if not row['instance']:
        problem('instance', 'the instance is missing; name the thing that was sensed')
    nothing = row.get('nothing') or '0'
    if nothing not in ('0', '1'):
        problem('nothing', f'nothing is {nothing!r}; allowed: 0 or 1')
    if nothing == '1' and row['label']:
        problem('nothing', f'a reading of nothing has the class {row["label"]!r}; leave it empty')
    if nothing == '0' and not row['label']:
        problem('class', 'the class is missing; only readings with nothing = 1 have none')
    if row['label'] and classes is not None and row['label'] not in classes:
        problem('class', f'class {row["label"]!r}; allowed: {nearest(row["label"], classes.names)}')
    columns = ['split', *sorted((key for key in row if _SPLIT.fullmatch(key)), key=_split_number)]
    allowed_folds = (*FOLDS, UNUSED)
    for name in columns:
        if row[name] not in allowed_folds:
            problem('fold', f'{name} is {row[name]!r}; allowed: {", ".join(allowed_folds)}')
    view = row.get('view') or '0'
    if not (view.isascii() and view.isdigit() and len(view) < 8 and int(view) < _MOST_VIEWS):
        problem('view', f'view is {view!r}; allowed: a whole number from 0 to {_MOST_VIEWS - 1}')
    if len(problems) > before:
        return None
    return Record(
        path=row['path'],
        modality=row['modality'],
        label=row['label'],
        instance=row['instance'],
        folds=tuple(row[name] for name in columns),
        view=int(view),
        nothing=nothing == '1',
        copy_of=row.get('copy_of', ''),
    )


def _split_number(name: str) -> int:
    return int(name.partition('_')[2])
