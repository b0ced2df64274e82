"""Whether int8 would pay: the tool behind the table in docs/tensorrt.md."""

from __future__ import annotations

from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """The script, in a process of its own."""
    command = [sys.executable, str(ROOT / 'tools' / 'measure_int8.py'), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.mark.slow
def test_a_shipped_encoder() -> None:
    """Three lines: itself, and two that are smaller and nearly the same."""
    done = run(
        'bundles/omnihome', 'samples/omnihome_test', '--modalities', 'image', '--repeats', '3'
    )
    assert done.returncode == 0, done.stderr
    _, *lines = done.stdout.splitlines()
    rows = [line.split() for line in lines]
    assert [row[:2] for row in rows] == [['image', kind] for kind in ('fp32', 'dynamic', 'static')]
    sizes = [float(row[4]) for row in rows]
    assert max(sizes[1:]) < 0.4 * sizes[0]
    cosines = [float(row[6]) for row in rows]
    assert cosines[0] == 1.0
    assert all(0.9 < cosine < 1.0 for cosine in cosines[1:])
    assert rows[0][7] == '100.0%'


def test_a_bundle_that_is_not_there(tmp_path: Path) -> None:
    """One sentence."""
    done = run(str(tmp_path), 'samples/omnihome_test')
    assert done.returncode == 1
    assert done.stderr.startswith('error: ')
    assert 'Traceback' not in done.stderr
