"""How a fusion process starts and ends."""

from __future__ import annotations

from pathlib import Path
import signal

from fake_sensors import BUNDLE
from fake_sensors import Vectors
from fusion_process import Fusion
from lifecycle_msgs.msg import Transition
from probe import Probe
import pytest
from ros_process import ros_arguments
from ros_process import RosProcess


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_with_code_0_while_vectors_come(ros_domain: int, number: int) -> None:
    """In the middle of the work; nothing is printed that frightens."""
    with (
        Probe() as probe,
        RosProcess('fusion', *ros_arguments(bundle=BUNDLE, overlay_topic='picture')) as process,
    ):
        fusion = Fusion(probe, process, Vectors())
        fusion.sensor('camera').start(100)
        fusion.wait(lambda: len(fusion.recognitions) > 20)
        assert process.stop(number) == 0, process.output
        assert 'Traceback' not in process.output, process.output
        assert 'failed' not in process.output, process.output


def test_a_missing_bundle_stays_an_error_until_it_is_there(ros_domain: int, tmp_path: Path) -> None:
    """The node is alive, unconfigured, and /diagnostics says which file it misses."""
    arguments = ros_arguments(bundle=tmp_path / 'bundle', diagnostics_period=0.2)
    with Probe() as probe, RosProcess('fusion', *arguments) as process:
        fusion = Fusion(probe, process, Vectors())
        process.wait_for_line('configure refused')
        values = fusion.report()
        assert values['level'] == '2'
        assert 'bundle.json' in values['message']
        (tmp_path / 'bundle').symlink_to(BUNDLE)
        assert fusion.transition(Transition.TRANSITION_CONFIGURE)
        assert fusion.transition(Transition.TRANSITION_ACTIVATE)
        fusion.report(lambda found: found['level'] == '1')  # nobody publishes
        assert process.stop() == 0


def test_wrong_parameters_are_named_before_anything_is_loaded(ros_domain: int) -> None:
    """A synchronizer without its list, and a number out of range."""
    with RosProcess('fusion', *ros_arguments(bundle=BUNDLE, sync='exact')) as process:
        line = process.wait_for_line('configure refused')
        assert 'sync_sensors' in process.output, line
        assert process.stop() == 0
    with RosProcess('fusion', *ros_arguments(bundle=BUNDLE, window=99.0)) as process:
        process.wait_for_line('window')
        assert process.process.wait(30) == 1
