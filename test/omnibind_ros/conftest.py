"""Isolation: each test run has a DDS domain of its own, and stays on this machine."""

from __future__ import annotations

from collections.abc import Iterator
import os
from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope='session')
def ros_domain() -> Iterator[int]:
    """A domain id that no other run on this machine holds, for this process and its children."""
    domain_coordinator = pytest.importorskip('domain_coordinator')
    if not os.environ.get('AMENT_PREFIX_PATH'):
        pytest.fail('these tests run in the built environment: use `make test` or `make shell`')
    with domain_coordinator.domain_id() as number:
        os.environ['ROS_DOMAIN_ID'] = str(number)
        os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
        yield number


@pytest.fixture(scope='session')
def random_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of random but real encoders for image and thermal."""
    folder = tmp_path_factory.mktemp('bundles') / 'random'
    script = ROOT / 'tools' / 'random_bundle.py'
    subprocess.run([sys.executable, str(script), str(folder)], check=True, capture_output=True)
    return folder
