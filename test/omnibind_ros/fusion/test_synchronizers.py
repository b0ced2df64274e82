"""`sync: approximate` and `exact`: the real message_filters, and the error where it is missing."""

from __future__ import annotations

from importlib.util import find_spec

from fake_sensors import BUNDLE
from fake_sensors import Vectors
from fusion_process import account
from fusion_process import Fusion
from probe import Probe
import pytest
from ros_process import ros_arguments
from ros_process import RosProcess

from omnibind_ros.conversions.stamp import stamp_to_ns

installed = find_spec('message_filters') is not None
needs_filters = pytest.mark.skipif(not installed, reason='message_filters is not installed')


def arguments(sync: str) -> list[str]:
    """The command line for two sensors."""
    sensors = '[camera, lidar]'
    return [*ros_arguments(bundle=BUNDLE, sync=sync, sync_sensors=sensors, diagnostics_period=0.2)]


@needs_filters
@pytest.mark.parametrize(('sync', 'apart'), [('approximate', 20_000_000), ('exact', 0)])
def test_complete_sets_only(ros_domain: int, sync: str, apart: int) -> None:
    """Both sensors in each recognition; none while one is silent; every vector is accounted for."""
    with Probe() as probe, RosProcess('fusion', *arguments(sync)) as process:
        fusion = Fusion(probe, process, Vectors())
        camera, lidar = fusion.sensor('camera'), fusion.sensor('lidar', 'point_cloud')
        stranger = fusion.sensor('stranger')
        for number in range(10):
            stamp = probe.now() - 30_000_000
            camera.send(stamp=stamp)
            lidar.send(stamp=stamp + apart)
            stranger.send()
            fusion.wait(lambda count=number + 1: len(fusion.recognitions) == count)
            last = fusion.recognitions[-1]
            assert [part.sensor for part in last.contributions] == ['camera', 'lidar']
            assert stamp_to_ns(last.header.stamp) == stamp + apart
            assert last.closed_by == 'complete'
        for _ in range(25):
            camera.send()
        values = fusion.report(lambda found: found['vectors received'] == '55')
        assert len(fusion.recognitions) == 10
        assert values['vectors fresh'] == '20'
        assert values['vectors refused_sensor'] == '10'
        assert values['vectors undecided'] == '10'
        assert values['vectors overflow'] == '15'
        received, accounted = account(values)
        assert received == accounted
        assert values['sync'] == sync
        assert process.stop() == 0, process.output


@needs_filters
def test_stamps_that_differ_match_approximately_and_never_exactly(ros_domain: int) -> None:
    """By more than the slop: in neither."""
    with Probe() as probe, RosProcess('fusion', *arguments('exact')) as process:
        fusion = Fusion(probe, process, Vectors())
        camera, lidar = fusion.sensor('camera'), fusion.sensor('lidar', 'point_cloud')
        stamp = probe.now() - 30_000_000
        camera.send(stamp=stamp)
        lidar.send(stamp=stamp + 1)
        lidar.send(stamp=stamp)
        fusion.wait(lambda: fusion.recognitions)
        assert stamp_to_ns(fusion.recognitions[0].header.stamp) == stamp
        values = fusion.report(lambda found: found['vectors received'] == '3')
        assert values['vectors undecided'] == '1'


@pytest.mark.skipif(installed, reason='message_filters is installed')
def test_the_missing_package_is_named(ros_domain: int) -> None:
    """With what to install, and what to choose instead; the node stays alive."""
    with RosProcess('fusion', *arguments('approximate')) as process:
        line = process.wait_for_line('configure refused')
        assert 'message_filters' in line
        assert 'ros-$ROS_DISTRO-message-filters' in line
        assert 'sync: adaptive' in line
        assert process.stop() == 0
