"""What a fusion process records of its arrivals, by the robot's own clock."""

from __future__ import annotations

from pathlib import Path

from fake_sensors import BUNDLE
from fake_sensors import Vectors
from fusion_process import Fusion
from lifecycle_msgs.msg import Transition
from probe import Probe
from ros_process import ros_arguments
from ros_process import RosProcess

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.evaluation.bag.trace_check import check_trace
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.window_trace import read_trace
from omnibind_ros.agreement.said_again import said_again


def test_whatever_happens_can_be_replayed(ros_domain: int, tmp_path: Path) -> None:
    """Sensors that go, return, are switched off; another hold; the node inactive for a while."""
    path = tmp_path / 'trace.jsonl'
    arguments = ros_arguments(bundle=BUNDLE, diagnostics_period=0.2, arrival_trace=path)
    with Probe() as probe, RosProcess('fusion', *arguments) as process:
        fusion = Fusion(probe, process, Vectors())
        camera = fusion.sensor('camera')
        camera.start(20)
        lidar = fusion.sensor('lidar', 'point_cloud', latency=0.04)
        lidar.start(10)
        fusion.wait(lambda: len(fusion.recognitions) > 20)
        fusion.unplug(lidar)
        fusion.report(lambda values: values.get('sensor lidar', '').startswith('lost'))
        fusion.sensor('lidar', 'point_cloud').start(10)
        assert fusion.set(disabled_sensors=['camera']) == ''
        fusion.wait(lambda: fusion.recognitions[-1].contributions[0].sensor != 'camera')
        assert fusion.set(disabled_sensors=[''], hold=0.2) == ''
        assert fusion.transition(Transition.TRANSITION_DEACTIVATE)
        before = len(fusion.recognitions)
        assert fusion.transition(Transition.TRANSITION_ACTIVATE)
        fusion.wait(lambda: len(fusion.recognitions) > before + 20)
        camera.pause()
        assert process.stop() == 0, process.output
    trace = read_trace(path)
    # Whether a deadline is reached, or a publisher seen before it is heard, is a matter of chance.
    assert {call.name for call in trace.calls} - {'poll', 'publisher_back'} == {
        *('receive', 'flush', 'clock_jumped', 'publisher_gone', 'set_enabled', 'set_config'),
    }
    found, windows = check_trace(trace)
    assert found['call_by_call']['all'], found
    assert found['arrivals_alone']['all'], found
    # What was closed at the end of an activation was not published.
    published = [window for window in windows if window.publish and window.closed_by != 'flush']
    recognizer = Recognizer.load(BUNDLE, modalities=(), backend='onnxruntime')
    parameters = FusionParameters(bundle=str(BUNDLE))
    said = said_again(fusion.recognitions, published, recognizer, parameters)
    assert said['identical'] == said['heard'] > 40, said


def test_a_file_that_cannot_be_made_refuses_to_configure(ros_domain: int, tmp_path: Path) -> None:
    """The sentence names the parameter."""
    arguments = ros_arguments(bundle=BUNDLE, arrival_trace=tmp_path / 'no' / 'trace.jsonl')
    with RosProcess('fusion', *arguments) as process:
        process.wait_for_line('configure refused')
        process.wait_for_line('arrival_trace')
        assert process.stop() == 0
