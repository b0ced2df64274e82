"""What a node's process sets up before anything is imported."""

from __future__ import annotations

import os
import sys

import pytest

from omnibind_ros import executables


def test_matrix_products_get_one_thread_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Threads take turns quickly."""
    before = sys.getswitchinterval()
    monkeypatch.setenv('OMP_NUM_THREADS', '4')
    monkeypatch.delenv('OPENBLAS_NUM_THREADS', raising=False)
    try:
        executables.tune()
        assert os.environ['OMP_NUM_THREADS'] == '4'
        assert os.environ['OPENBLAS_NUM_THREADS'] == '1'
        assert sys.getswitchinterval() == pytest.approx(0.0005)
    finally:
        sys.setswitchinterval(before)


def test_numpy_is_not_imported_before_that() -> None:
    """It reads the number of threads when it is imported."""
    import subprocess

    code = "import sys, omnibind_ros.executables; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0
