"""Shards: uncompressed tar files of standard files, as the WebDataset format lays them out.

All files of one sample share what stands before the first dot (``view_00.image.png``,
``view_00.audio.wav``, ``view_00.json``). Any tar program and the ``webdataset`` library read them;
members are found by an index of offsets, so reading one does not read the others. Format: POSIX
ustar, with times, owners and modes fixed, so that equal content gives equal bytes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
import io
import os
from pathlib import Path
import tarfile
from types import TracebackType
from typing import BinaryIO

from omnibind_core.data.atomic_file import atomic_file
from omnibind_core.data.errors import ContainerError
from omnibind_core.data.errors import DataError

MEMBER_LIMIT = 64 * 2**20
"""Most bytes of one member that are read."""

MEMBERS_LIMIT = 200_000
_OPEN_SHARDS = 64


class ShardWriter:
    """Members of a shard in the making; made by :func:`shard_writer`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._tar = tarfile.TarFile(fileobj=stream, mode='w', format=tarfile.USTAR_FORMAT)
        self._names: set[str] = set()

    def add(self, name: str, content: bytes) -> None:
        """Append a member.

        :param name: at most 100 bytes of UTF-8, not yet in the shard.
        :raises DataError: for a name that is taken or cannot be stored.
        """
        if name in self._names:
            raise DataError(f'a shard cannot hold {name!r} twice')
        if not name or len(name.encode()) > 100 or name.startswith('/') or '..' in name:
            raise DataError(f'{name!r} is no name for a shard member: 1 to 100 bytes, no ..')
        self._names.add(name)
        entry = tarfile.TarInfo(name)  # its defaults: time 0, owner 0, no owner names
        entry.size = len(content)
        entry.mode = 0o644
        self._tar.addfile(entry, io.BytesIO(content))

    def finish(self) -> None:
        """Write the end of the archive."""
        self._tar.close()


@contextmanager
def shard_writer(path: Path) -> Iterator[ShardWriter]:
    """A new shard; it appears at its path when complete, and not at all after an error.

    :param path: where; its folder must exist.
    """
    with atomic_file(path) as stream:
        writer = ShardWriter(stream)
        yield writer
        writer.finish()


class Shard:
    """A shard open for random access; a context manager.

    :param path: the tar file.
    :raises ContainerError: missing, no tar file, damaged or truncated.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._stream = path.open('rb')
        except OSError as error:
            raise ContainerError(f'{path}: {error.strerror}') from None
        try:
            self._index = _index(path, self._stream)
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> Shard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)

    def size(self, name: str) -> int:
        """Bytes of a member.

        :raises ContainerError: no such member.
        """
        return self._place(name)[1]

    def read(self, name: str, limit: int = MEMBER_LIMIT) -> bytes:
        """A member's content.

        :raises ContainerError: no such member, larger than ``limit``, or cut off.
        """
        offset, size = self._place(name)
        if size > limit:
            raise ContainerError(f'{self.path}: {name} has {size} bytes, more than {limit}')
        content = os.pread(self._stream.fileno(), size, offset)
        if len(content) != size:
            raise ContainerError(f'{self.path}: {name} is cut off; generate or fetch it again')
        return content

    def _place(self, name: str) -> tuple[int, int]:
        found = self._index.get(name)
        if found is None:
            raise ContainerError(f'{self.path} has no member {name!r}')
        return found


def _index(path: Path, stream: BinaryIO) -> Mapping[str, tuple[int, int]]:
    """Offset and size of every regular member."""
    end = os.fstat(stream.fileno()).st_size
    index: dict[str, tuple[int, int]] = {}
    try:
        with tarfile.open(fileobj=stream, mode='r:') as archive:
            for count, entry in enumerate(archive):
                if count >= MEMBERS_LIMIT:
                    raise ContainerError(f'{path}: more than {MEMBERS_LIMIT} members')
                if not entry.isreg():
                    continue
                if entry.sparse is not None or not 0 <= entry.size <= end - entry.offset_data:
                    raise ContainerError(f'{path} is damaged or cut off at {entry.name!r}')
                if entry.name in index:
                    raise ContainerError(f'{path} holds {entry.name!r} twice')
                index[entry.name] = (entry.offset_data, entry.size)
    # tarfile lets errors of its own parsing through for archives that nobody wrote on purpose
    except (tarfile.TarError, ValueError, OSError, EOFError, OverflowError) as error:
        raise ContainerError(f'{path} is no readable tar file: {error}') from None
    except RecursionError:
        raise ContainerError(f'{path} is no readable tar file: headers without end') from None
    return index


class Files:
    """The files of a data set, plain ones and those in shards, by their path in the manifest.

    Keeps a bounded number of shards open, the latest used ones. Can be sent to another process,
    which then opens files of its own.

    :param root: folder of the data set.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._open: OrderedDict[str, Shard] = OrderedDict()

    def __reduce__(self) -> tuple[type[Files], tuple[Path]]:
        return Files, (self.root,)

    def read(self, path: str, limit: int = MEMBER_LIMIT) -> bytes:
        """Content of a file.

        :param path: relative to the root; ``SHARD.tar/MEMBER`` for a member of a shard.
        :raises ContainerError: missing, unreadable, or larger than ``limit``.
        """
        head, in_shard, member = path.partition('.tar/')
        if in_shard:
            return self.shard(f'{head}.tar').read(member, limit)
        file = self.root / path
        try:
            with file.open('rb') as stream:
                content = stream.read(limit + 1)
        except OSError as error:
            raise ContainerError(f'{file}: {error.strerror}') from None
        if len(content) > limit:
            raise ContainerError(f'{file} has more than {limit} bytes')
        return content

    def exists(self, path: str) -> bool:
        """Whether a file is there.

        :raises ContainerError: its shard is there but damaged.
        """
        head, in_shard, member = path.partition('.tar/')
        if not in_shard:
            return (self.root / path).is_file()
        return (self.root / f'{head}.tar').is_file() and member in self.shard(f'{head}.tar')

    def shard(self, path: str) -> Shard:
        """The shard of this path, open.

        :raises ContainerError: missing or damaged.
        """
        found = self._open.get(path)
        if found is None:
            found = self._open[path] = Shard(self.root / path)
            while len(self._open) > _OPEN_SHARDS:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(path)
        return found

    def close(self) -> None:
        """Close all shards."""
        while self._open:
            self._open.popitem()[1].close()
