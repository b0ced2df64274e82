"""Shared memory that a killed process leaves behind: nobody else removes it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
import re

_MEMORY = Path('/dev/shm')
# The first name up to Fast DDS 2.x, which Jazzy has; the second from 3.0 on.
_NAME = re.compile(r'/dev/shm/((?:sem\.)?fast(?:rtps|dds)_[0-9a-z_]+)')
_LOCK = '_el'  # beside a segment lies a file that is locked, not mapped


def mapped(pid: int) -> set[str]:
    """The middleware's files that a process has mapped; none where it has ended."""
    try:
        text = Path(f'/proc/{pid}/maps').read_text(encoding='utf-8', errors='replace')
    except OSError:
        return set()
    return set(_NAME.findall(text))


def owned(pid: int) -> set[str]:
    """The middleware's files that a process has made: it holds the lock beside each."""
    held = []
    with suppress(OSError):  # it has ended
        for link in Path(f'/proc/{pid}/fd').iterdir():
            with suppress(OSError):  # closed meanwhile, as what lists them is
                held.append(str(link.readlink()))
    names = (_NAME.fullmatch(path) for path in held)
    return {name[1].removesuffix(_LOCK) for name in names if name and name[1].endswith(_LOCK)}


def remove(names: set[str], but: Collection[int] = ()) -> int:
    """Remove those of these files that no process has mapped any more; how many.

    :param but: processes that do not count: one that has used what another made forgets it late.
    """
    if not names:
        return 0
    used: set[str] = set()
    for entry in Path('/proc').iterdir():
        if entry.name.isdigit() and int(entry.name) not in but:
            used |= mapped(int(entry.name))
    left = [_MEMORY / name for name in names - used]
    for path in left:
        path.unlink(missing_ok=True)
        path.with_name(path.name + _LOCK).unlink(missing_ok=True)
    return len(left)
