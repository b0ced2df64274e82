"""Files that are there completely or not at all, also after a crash or on a full disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside its place, and move it there once it is complete and on the disk.

    When the block raises, the half-written file is removed and what was at ``path`` stays.

    :param path: where the file shall be; its folder must exist.
    :raises OSError: as usual, for example for a full disk.
    """
    draft = path.with_name(f'.{path.name}.{os.getpid()}.part')
    try:
        with draft.open('wb') as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write a whole file as :func:`atomic_file` does; text as UTF-8."""
    with atomic_file(path) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
