"""A process that ends with the one that started it, also when that one is killed.

    python -I -S parent_death.py PID COMMAND [ARGUMENTS]

becomes the command. Nothing else could end what a process has started once it gets SIGKILL: its
own clean-up does not run. Linux keeps the promise (`prctl(PR_SET_PDEATHSIG)`, kept across `exec`);
elsewhere nothing happens. As a script it needs the standard library alone, so it starts at once.
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with(parent: int, number: int = signal.SIGTERM) -> None:
    """Let the kernel send this process a signal when its parent ends.

    The parent is, strictly, the thread that started it: one that lasts must do so.

    :param parent: process id; if it has ended already, the signal is sent at once.
    :param number: of the signal.
    """
    if not sys.platform.startswith('linux'):
        return
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def tied(command: list[str]) -> list[str]:
    """A command line whose process gets SIGTERM when this one ends."""
    return [sys.executable, '-I', '-S', os.path.realpath(__file__), str(os.getpid()), *command]


def main() -> None:
    """Become the command."""
    end_with(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == '__main__':
    main()
