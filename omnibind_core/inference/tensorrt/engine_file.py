"""One engine in one file: a line that says what it is, a line of JSON, the bytes.

In one file, so that a description can never lie beside another engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from dataclasses import dataclass
import hashlib
import json
import os
from pathlib import Path
import stat
from typing import BinaryIO

from omnibind_core.configuration.reader import read
from omnibind_core.data.atomic_file import atomic_file
from omnibind_core.errors import ConfigError
from omnibind_core.inference.tensorrt.engine_key import EngineKey

MAGIC = b'OmniBind engine 1\n'
_MOST_HEADER = 65536


class BrokenFileError(Exception):
    """A file of the cache cannot be used; the message says why."""


@dataclass(frozen=True)
class EngineNote:
    """What is written beside an engine.

    :param key: what it was built of and for.
    :param name: the model, for people.
    :param sha256: of the engine's bytes.
    :param size: their number.
    :param created: when, UTC.
    :param seconds: how long the build took.
    """

    key: EngineKey
    name: str
    sha256: str
    size: int
    created: str
    seconds: float


def write_engine(path: Path, note: EngineNote, content: bytes) -> None:
    """Write a file completely or not at all.

    :raises OSError: as usual, for example for a full disk.
    """
    with atomic_file(path) as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(MAGIC)
        stream.write(json.dumps(asdict(note), sort_keys=True).encode() + b'\n')
        stream.write(content)


def read_engine(path: Path) -> tuple[EngineNote, bytes]:
    """A file's description and bytes, if they belong together.

    :raises FileNotFoundError: when there is none.
    :raises BrokenFileError: for every file that must not be used.
    """
    with _opened(path) as stream:
        note = _read_note(stream)
        size = os.fstat(stream.fileno()).st_size - stream.tell()
        if size != note.size:  # before anything of a size that only the file claims is allocated
            raise BrokenFileError(f'it holds {size} bytes, it should be {note.size}')
        content = stream.read(size)
    if hashlib.sha256(content).hexdigest() != note.sha256:
        raise BrokenFileError('its bytes are not those that were written (SHA-256)')
    return note, content


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A regular file of this user that nobody else can write to; links are not followed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BrokenFileError(f'cannot be opened: {error.strerror}') from error
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        os.close(descriptor)
        raise BrokenFileError('no regular file')
    with os.fdopen(descriptor, 'rb') as stream:
        if state.st_uid != os.geteuid() or state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise BrokenFileError('others may have written it')
        try:
            yield stream
        except OSError as error:
            raise BrokenFileError(f'cannot be read: {error.strerror}') from error


def _read_note(stream: BinaryIO) -> EngineNote:
    if stream.read(len(MAGIC)) != MAGIC:
        raise BrokenFileError('no engine of this version')
    line = stream.readline(_MOST_HEADER)
    try:
        return read(EngineNote, json.loads(line), source='description')
    except (ValueError, RecursionError, ConfigError) as error:
        raise BrokenFileError('its description is damaged') from error
