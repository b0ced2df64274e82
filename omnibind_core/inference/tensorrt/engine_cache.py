"""The engines that were built on this machine, kept for the next start."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from datetime import timezone
import fcntl
import hashlib
import logging
import os
from pathlib import Path

from omnibind_core.inference.tensorrt.engine_file import BrokenFileError
from omnibind_core.inference.tensorrt.engine_file import EngineNote
from omnibind_core.inference.tensorrt.engine_file import read_engine
from omnibind_core.inference.tensorrt.engine_file import write_engine
from omnibind_core.inference.tensorrt.engine_key import EngineKey
from omnibind_core.inference.tensorrt.errors import EngineCacheError
from omnibind_core.inference.tensorrt.private_folder import default_folder
from omnibind_core.inference.tensorrt.private_folder import private_folder

KINDS = ('engine', 'timings')
_LOCK = 'building.lock'
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class CacheEntry:
    """A file of the cache.

    :param path: where it lies.
    :param note: what it holds; ``None`` when it cannot be used.
    :param problem: why it cannot.
    :param size: bytes of the file.
    """

    path: Path
    note: EngineNote | None
    problem: str
    size: int


class EngineCache:
    """A folder of this user alone.

    :param folder: ``None``: below the user's cache directory. Others are for tests.
    :raises EngineCacheError: when the folder must not be used.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = private_folder(default_folder() if folder is None else folder)

    def load(self, key: EngineKey) -> bytes | None:
        """The bytes kept under a key; ``None`` when there are none that may be used.

        What cannot be used is removed, and the log says why.
        """
        path = self.folder / key.file_name
        try:
            note, content = read_engine(path)
            if note.key != key:
                raise BrokenFileError('it was built of or for something else')
        except FileNotFoundError:
            return None
        except BrokenFileError as error:
            _LOG.warning('%s is removed and built again: %s', path, str(error))
            self.remove(key)
            return None
        return content

    def store(self, key: EngineKey, content: bytes, *, name: str, seconds: float) -> Path:
        """Keep bytes under a key.

        :param name: of the model, for people.
        :param seconds: how long the build took.
        :raises EngineCacheError: when they cannot be written: the disk is full.
        """
        note = EngineNote(
            key=key,
            name=name,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            created=datetime.now(timezone.utc).isoformat(timespec='seconds'),
            seconds=round(seconds, 1),
        )
        path = self.folder / key.file_name
        try:
            write_engine(path, note, content)
        except OSError as error:
            raise EngineCacheError(f'{path}: not written: {error.strerror or error}') from error
        return path

    def remove(self, key: EngineKey) -> None:
        """Remove what is kept under a key, whatever it is.

        :raises EngineCacheError: when that is not possible.
        """
        _remove(self.folder / key.file_name)

    @contextmanager
    def building(self, say: Callable[[str], None]) -> Iterator[None]:
        """Only one builds at a time, of all processes and threads of this user on this machine.

        Two builds at once would disturb each other's timings and share the GPU's memory. The
        operating system frees the lock of a process that dies.

        :param say: takes a sentence when it has to wait.
        :raises EngineCacheError: when the lock cannot be had.
        """
        try:
            descriptor = os.open(
                self.folder / _LOCK,
                os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC,
                0o600,
            )
        except OSError as error:
            raise self._not_locked(error) from error
        try:
            try:
                _lock(descriptor, say)
            except OSError as error:  # some network file systems have no locks
                raise self._not_locked(error) from error
            self._remove_drafts()
            yield
        finally:
            os.close(descriptor)

    def entries(self) -> list[CacheEntry]:
        """Everything in it, verified, also what cannot be used."""
        found = []
        for path in sorted(self.folder.iterdir()):
            if path.suffix.removeprefix('.') not in KINDS or path.name.startswith('.'):
                continue
            size = 0
            try:
                size = path.lstat().st_size
                found.append(CacheEntry(path, read_engine(path)[0], '', size))
            except BrokenFileError as error:
                found.append(CacheEntry(path, None, str(error), size))
            except FileNotFoundError:  # removed meanwhile
                continue
        return found

    def clean(
        self, *, broken_only: bool = False, say: Callable[[str], None] = _LOG.warning
    ) -> list[Path]:
        """Remove what is kept, once no build is running; leftovers of killed builds too.

        :param say: takes a sentence when it has to wait.
        :return: what was removed.
        :raises EngineCacheError: when something cannot be removed, or the lock cannot be had.
        """
        with self.building(say):
            removed = [one.path for one in self.entries() if one.note is None or not broken_only]
            for path in removed:
                _remove(path)
        return removed

    def _not_locked(self, error: OSError) -> EngineCacheError:
        return EngineCacheError(f'{self.folder / _LOCK}: no lock: {error.strerror or error}')

    def _remove_drafts(self) -> None:
        """Remove the half-written files of builds that were killed; the lock is held."""
        for path in self.folder.glob('.*.part'):
            _remove(path)


def _lock(descriptor: int, say: Callable[[str], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say('another engine is being built on this machine; waiting for it')
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise EngineCacheError(f'{path}: cannot be removed: {error.strerror}') from error
