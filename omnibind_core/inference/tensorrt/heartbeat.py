"""Says every few seconds that something long is still running."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
import threading
import time

EVERY = 5.0  # s


@contextmanager
def heartbeat(text: str, say: Callable[[str], None], *, every: float = EVERY) -> Iterator[None]:
    """Say a text at once, and while the block runs every few seconds with the time it has taken.

    A build of minutes without a word looks like a hang. TensorRT lets go of Python's lock while it
    builds, so that another thread can speak.

    :param text: what is being done.
    :param say: takes each line; also called from another thread.
    :param every: s between two lines.
    """
    ended = threading.Event()
    started = time.monotonic()

    def speak() -> None:
        while not ended.wait(every):
            say(f'{text}: {time.monotonic() - started:.0f} s so far')

    say(f'{text}; this can take minutes')
    thread = threading.Thread(target=speak, name='heartbeat', daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
