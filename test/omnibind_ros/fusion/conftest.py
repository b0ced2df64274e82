"""A fusion process with the shipped bundle, one for a module, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator

from fake_sensors import BUNDLE
from fake_sensors import Vectors
from fusion_process import Fusion
from lifecycle_msgs.msg import State
from probe import Probe
import pytest
from ros_process import ros_arguments
from ros_process import RosProcess


@pytest.fixture(scope='module')
def process_of_module(ros_domain: int) -> Iterator[Fusion]:
    """Started once."""
    vectors = Vectors()
    with (
        Probe() as probe,
        RosProcess('fusion', *ros_arguments(bundle=BUNDLE, diagnostics_period=0.2)) as process,
    ):
        fusion = Fusion(probe, process, vectors)
        fusion.wait(lambda: fusion.state() == State.PRIMARY_STATE_ACTIVE, 'the node to be active')
        yield fusion
        assert process.stop() == 0, process.output
        assert 'Traceback' not in process.output, process.output


@pytest.fixture
def fusion(process_of_module: Fusion) -> Iterator[Fusion]:
    """Active, and no sensor known."""
    yield process_of_module
    process_of_module.reset()
