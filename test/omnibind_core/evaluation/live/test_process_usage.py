"""What a process uses, from files like Linux's and from this process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omnibind_core.evaluation.live.process_usage import cpu_share
from omnibind_core.evaluation.live.process_usage import look
from omnibind_core.evaluation.live.process_usage import Usage


def test_fields_are_found_behind_any_name(tmp_path: Path) -> None:
    """The name may hold brackets and blanks; 300 + 45 ticks, 1000 pages."""
    (tmp_path / '7').mkdir()
    numbers = ' '.join(['0'] * 10 + ['300', '45'] + ['0'] * 20)
    (tmp_path / '7' / 'stat').write_text(f'7 (a) S (b) R {numbers}')
    (tmp_path / '7' / 'statm').write_text('5000 1000 1 1 0 1 0')
    found = look(7, 2.5, tmp_path)
    assert found is not None
    assert found.time == 2.5
    assert found.cpu == pytest.approx(345 / os.sysconf('SC_CLK_TCK'))
    assert found.megabytes == pytest.approx(1000 * os.sysconf('SC_PAGE_SIZE') / 1e6)


def test_this_process() -> None:
    """Beside what Python itself says."""
    found = look(os.getpid(), 0.0)
    assert found is not None
    times = os.times()
    assert found.cpu == pytest.approx(times.user + times.system, abs=0.1)
    assert 5.0 < found.megabytes < 100_000.0


def test_a_process_that_has_ended_uses_nothing(tmp_path: Path) -> None:
    assert look(12, 0.0, tmp_path) is None


def test_share_of_a_core() -> None:
    assert cpu_share(Usage(1.0, 10.0, 5.0), Usage(5.0, 12.0, 5.0)) == 0.5
    assert cpu_share(Usage(1.0, 10.0, 5.0), Usage(1.0, 12.0, 5.0)) == 0.0
