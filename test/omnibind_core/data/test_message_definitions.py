"""Definitions of public messages: those that the tests build with ROS, and known to rosbags."""

from __future__ import annotations

from pathlib import Path
import sys

import pytest

from omnibind_core.data.message_definitions import DEFINITIONS
from omnibind_core.data.message_definitions import message_store
from omnibind_core.errors import UnavailableError

INTERFACES = Path(__file__).parents[2] / 'interfaces'


def test_they_are_those_of_the_interfaces() -> None:
    """Text by text, and none is left out."""
    files = sorted(INTERFACES.glob('*/msg/*.msg'))
    given = {f'{path.parts[-3]}/msg/{path.stem}': path.read_text() for path in files}
    assert dict(DEFINITIONS) == given


@pytest.mark.parametrize('name', sorted(DEFINITIONS))
def test_the_store_knows_them(name: str) -> None:
    """Beside those of ROS itself."""
    pytest.importorskip('rosbags')
    store = message_store()
    assert name in store.types
    assert store.hash_rihs01(name).startswith('RIHS01_')
    assert 'sensor_msgs/msg/PointCloud2' in store.types


def test_without_rosbags(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence that names the package and the extra."""
    monkeypatch.setitem(sys.modules, 'rosbags.typesys', None)
    with pytest.raises(UnavailableError, match=r'needs the package rosbags; .*omnibind\[bags\]'):
        message_store()
