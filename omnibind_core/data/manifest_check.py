"""What can be wrong between the records of a manifest, and between it and the files on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from pathlib import PurePosixPath

from omnibind_core.data.errors import ContainerError
from omnibind_core.data.errors import ManifestProblem
from omnibind_core.data.record import Record
from omnibind_core.data.record import UNUSED
from omnibind_core.data.shard import Files


def check_records(numbered: Sequence[tuple[int, Record]]) -> list[ManifestProblem]:
    """What is wrong between records: duplicate paths, instances in two folds or classes, copies.

    :param numbered: records with the lines that they stand on.
    """
    problems: list[ManifestProblem] = []
    paths: dict[str, int] = {}
    first: dict[str, tuple[int, Record]] = {}
    labels: dict[str, tuple[int, str]] = {}
    for line, record in numbered:
        other = paths.setdefault(record.path, line)
        if other != line:
            text = f'path {record.path!r} stands on line {other} already; list each file once'
            problems.append(ManifestProblem('duplicate', line, text))
        begun, before = first.setdefault(record.instance, (line, record))
        if record.folds != before.folds:
            text = (
                f'instance {record.instance!r} is in {" ".join(record.folds)}, but in '
                f'{" ".join(before.folds)} on line {begun}; an instance has one fold in each split'
            )
            problems.append(ManifestProblem('fold', line, text))
        if record.copy_of != before.copy_of:
            text = f'instance {record.instance!r} is a copy here, but not on line {begun}'
            problems.append(ManifestProblem('instance', line, text))
        if record.label:
            known = labels.setdefault(record.instance, (line, record.label))
            if known[1] != record.label:
                text = (
                    f'instance {record.instance!r} is a {record.label!r}, but a {known[1]!r} on '
                    f'line {known[0]}; an instance has one class'
                )
                problems.append(ManifestProblem('instance', line, text))
    for line, record in first.values():
        if record.copy_of:
            original = first.get(record.copy_of)
            problems += _check_copy(line, record, original[1] if original else None)
    return problems


def _check_copy(line: int, copy: Record, original: Record | None) -> list[ManifestProblem]:
    """A copy may teach students where its original does, and nothing else."""
    if original is None:
        text = f'{copy.instance!r} is a copy of {copy.copy_of!r}, which is not in the manifest'
        return [ManifestProblem('instance', line, text)]
    for own, of_original in zip(copy.folds, original.folds, strict=True):
        if own != UNUSED and not (own == of_original == 'student'):
            text = (
                f'copy {copy.instance!r} is in {own!r} where its original is in {of_original!r}; '
                f'allowed: student where the original is a student, else {UNUSED}'
            )
            return [ManifestProblem('fold', line, text)]
    return []


def missing_files(root: Path, numbered: Sequence[tuple[int, Record]]) -> list[ManifestProblem]:
    """Files that are not there; a missing folder or damaged shard is named once."""
    files = Files(root)
    problems: list[ManifestProblem] = []
    known: dict[str, bool] = {}  # folders and shards, usable or not
    for line, record in numbered:
        shard = record.shard[0]
        folder = str(PurePosixPath(shard or record.path).parent)
        for name, is_there in ((folder, (root / folder).is_dir), (shard, (root / shard).is_file)):
            if name and name not in known:
                known[name] = is_there()
                if not known[name]:
                    kind = 'shard' if name == shard else 'folder'
                    problems.append(ManifestProblem('missing', line, f'{kind} {name} is missing'))
                    break
        if not known[folder] or not known.get(shard, True):
            continue
        try:
            if not files.exists(record.path):
                text = f'file {record.path} is missing'
                problems.append(ManifestProblem('missing', line, text))
        except ContainerError as error:
            known[shard] = False
            problems.append(ManifestProblem('missing', line, str(error)))
    files.close()
    return problems
