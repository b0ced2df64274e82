"""The progress bar."""

from __future__ import annotations

import io

import pytest

from omnibind_core.cli import progress as module
from omnibind_core.cli.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_line_over_and_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends with a line end; times from the clock."""
    times = iter([0.0, 30.0, 60.0])
    monkeypatch.setattr(module.time, 'monotonic', lambda: next(times))
    stream = Terminal()
    bar = Progress(2, 'things', stream)
    bar.step()
    assert stream.getvalue().endswith('[##########----------] 1/2 things, 0:30, 0:30 left')
    bar.say('left out: x')
    bar.step()
    assert 'left out: x\n' in stream.getvalue()
    assert stream.getvalue().endswith('[####################] 2/2 things, 1:00\n')


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every 20 seconds, and at the end."""
    times = iter([0.0, *[float(second) for second in range(1, 51)]])
    monkeypatch.setattr(module.time, 'monotonic', lambda: next(times))
    stream = io.StringIO()
    bar = Progress(50, 'things', stream)
    for _ in range(50):
        bar.step()
    lines = stream.getvalue().splitlines()
    assert [line.split('] ')[1].split(' ')[0] for line in lines] == ['20/50', '40/50', '50/50']


def test_reaching_a_number() -> None:
    """Counts on to it, never back."""
    stream = io.StringIO()
    progress = Progress(3, 'epochs', stream)
    progress.reach(2)
    progress.reach(1)
    progress.reach(3)
    assert stream.getvalue().count('\n') == 1
    assert '3/3 epochs' in stream.getvalue()
