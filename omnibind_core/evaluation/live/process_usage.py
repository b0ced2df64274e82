"""Memory and CPU time of processes over a run, as Linux tells them."""

from __future__ import annotations

from dataclasses import dataclass
import os
from pathlib import Path

_PROC = Path('/proc')


@dataclass(frozen=True)
class Usage:
    """One look at a process.

    :param time: when, seconds of any clock.
    :param cpu: seconds of CPU time since its start, all threads.
    :param megabytes: memory that is in RAM.
    """

    time: float
    cpu: float
    megabytes: float


def look(pid: int, time: float, proc: Path = _PROC) -> Usage | None:
    """What a process uses now; ``None`` where it has ended."""
    try:
        stat = (proc / str(pid) / 'stat').read_text(encoding='utf-8', errors='replace')
        pages = int((proc / str(pid) / 'statm').read_text(encoding='ascii').split()[1])
    except (OSError, IndexError):
        return None
    # The name stands in brackets and may hold anything; user and system time are fields 14 and 15.
    fields = stat.rpartition(')')[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return Usage(
        time=time,
        cpu=ticks / os.sysconf('SC_CLK_TCK'),
        megabytes=pages * os.sysconf('SC_PAGE_SIZE') / 1e6,
    )


def cpu_share(first: Usage, last: Usage) -> float:
    """CPU seconds per second between two looks; 0 where no time has passed."""
    passed = last.time - first.time
    return (last.cpu - first.cpu) / passed if passed > 0 else 0.0
