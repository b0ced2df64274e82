"""One record's raw reading, from its files."""

from __future__ import annotations

from typing import Any

from omnibind_core.data.codec import companions
from omnibind_core.data.codec import decode
from omnibind_core.data.errors import ContainerError
from omnibind_core.data.record import Record
from omnibind_core.data.shard import Files
from omnibind_core.errors import InputError


def contents(files: Files, record: Record) -> tuple[bytes, ...]:
    """The bytes of a record's files, the manifest's own first.

    :raises ContainerError: one is missing or unreadable.
    """
    paths = (record.path, *companions(record.modality, record.path))
    return tuple(files.read(path) for path in paths)


def read_raw(files: Files, record: Record) -> Any:
    """A record's reading, as its modality's ``preprocess`` takes it; a text as ``str``.

    :raises ContainerError: a file is missing, unreadable, or not of the right kind; the message
        names it.
    """
    given = contents(files, record)
    try:
        return decode(record.modality, given)
    except InputError as error:
        raise ContainerError(f'{files.root / record.path}: {error}') from error
