"""Shared memory that a killed process leaves behind: nobody else removes it."""

from __future__ import annotations

from pathlib import Path
import re

_MEMORY = Path('/dev/shm')
_NAME = re.compile(r'/dev/shm/(fastdds_[0-9a-z_]+|sem\.fastdds_[0-9a-z_]+)')


def mapped(pid: int) -> set[str]:
    """The middleware's files that a process has mapped; none where it has ended."""
    try:
        text = Path(f'/proc/{pid}/maps').read_text(encoding='utf-8', errors='replace')
    except OSError:
        return set()
    return set(_NAME.findall(text))


def remove(names: set[str]) -> int:
    """Remove those of these files that no process has mapped any more; how many."""
    if not names:
        return 0
    used: set[str] = set()
    for entry in Path('/proc').iterdir():
        if entry.name.isdigit():
            used |= mapped(int(entry.name))
    left = [_MEMORY / name for name in names - used]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
