"""Reading members of a model library (a zip) without unpacking it and without trusting it.

Nothing is ever written to disk, so a member's name cannot point anywhere; what a mesh refers to is
looked up by name inside its own archive, and every member's size is known before it is read.
"""

from __future__ import annotations

import lzma
from pathlib import Path
from pathlib import PurePosixPath
import struct
from types import TracebackType
from typing import IO
import zipfile
import zlib

from omnibind_core.simulation.errors import ModelSourceError

MEMBER_LIMIT = 64 * 2**20
"""Bytes that one member may have when unpacked; the largest of the curated version has 9 MB."""


# What zipfile lets through for archives that are cut, altered, encrypted or unknowingly packed.
_DAMAGED = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    OverflowError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


class ModelArchive:
    """One ``.sh3f`` library, open for reading; a context manager.

    :param path: the file.
    :param stream: its content where it is not on disk; ``path`` is then only its name.
    :raises ModelSourceError: it is missing or no zip archive.
    """

    def __init__(self, path: Path, stream: IO[bytes] | None = None) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(stream or path)
        except FileNotFoundError:
            raise ModelSourceError(
                f'{path} does not exist; fetch the household models first'
            ) from None
        except _DAMAGED as error:
            raise ModelSourceError(f'{path} cannot be opened as a zip archive: {error}') from None
        self._sizes = {item.filename: item.file_size for item in self._zip.infolist()}

    def __enter__(self) -> ModelArchive:
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
        self._zip.close()

    def __contains__(self, member: str) -> bool:
        return member in self._sizes

    def members(self) -> tuple[str, ...]:
        """Names of all members, in the archive's order."""
        return tuple(self._sizes)

    def read(self, member: str, limit: int = MEMBER_LIMIT) -> bytes:
        """Content of one member.

        :param member: its full name in the archive.
        :param limit: most bytes accepted after unpacking.
        :raises ModelSourceError: no such member, larger than ``limit``, or damaged.
        """
        size = self._sizes.get(member)
        if size is None:
            raise ModelSourceError(f'{self.path.name} has no member {member!r}')
        if size > limit:
            raise ModelSourceError(
                f'{self.path.name}: {member} has {size} bytes, more than the {limit} accepted'
            )
        try:
            with self._zip.open(member) as stream:
                # A header may lie about the size: never read more than it promised.
                content = stream.read(size + 1)
        except _DAMAGED as error:
            raise ModelSourceError(
                f'{self.path.name}: {member} is damaged ({error}); fetch the models again'
            ) from None
        if len(content) > size:
            raise ModelSourceError(f'{self.path.name}: {member} is longer than its header says')
        return content

    def resolve(self, folder: str, reference: str) -> str | None:
        """The member that a file of ``folder`` refers to; ``None`` where there is none.

        Modellers' absolute paths (``C:/Textures/wood.jpg``) are looked up by their last part in
        the model's own folder; a relative path never leaves the archive's name space.

        :param folder: folder of the file that holds the reference, without trailing slash.
        :param reference: as written there; backslashes are taken as slashes.
        """
        path = PurePosixPath(reference.replace('\\', '/'))
        for candidate in (path, PurePosixPath(path.name)):
            name = str(PurePosixPath(folder) / candidate)
            if name in self._sizes:
                return name
        return None
