"""The node as a part of a larger process: made by hand, several of them, with failures inside.

Each case is a process of its own: rclpy leaves the lifecycle services of a destroyed node behind,
and other tests would take them for those of their node.
"""

from __future__ import annotations

from pathlib import Path
import subprocess
import sys

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / 'support' / 'fusion_in_process.py'


@pytest.mark.usefixtures('ros_domain')
@pytest.mark.parametrize(
    'case', ['two_nodes_and_an_error_inside', 'overridden_qualities_of_service', 'never_configured']
)
def test_case(case: str) -> None:
    """Two nodes that survive a failing model; QoS overrides in two rounds; an unused node."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), case], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
