"""Ending a node's process: undisturbed by a second ctrl-C, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import faulthandler
import signal

LIMIT = 8.0  # seconds; a launch file waits 10 between SIGTERM and SIGKILL


@contextmanager
def clean_end() -> Iterator[None]:
    """What is cleaned up inside is not interrupted half way by SIGINT.

    Should the middleware never return from its own clean-up, the process says where, and ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.dump_traceback_later(LIMIT, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
