"""The robot's launch file under the real `launch`: one process each, and all in one.

Run by pytest where launch_testing is installed, or by `launch_test`.
"""

from __future__ import annotations

from contextlib import suppress
import os
from pathlib import Path
import signal
import unittest

import pytest

pytest.importorskip('launch_testing_ros', reason='launch_testing is not installed')

from ament_index_python.packages import get_package_share_directory
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.actions import Node
import launch_testing
from launch_testing.actions import ReadyToTest
import launch_testing.asserts
import launch_testing.markers
import psutil

from launch import LaunchDescription
from omnibind.msg import Recognition

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # s; a loaded machine of two cores


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
@launch_testing.parametrize('composed', ['false', 'true'])
def generate_test_description(composed: str) -> LaunchDescription:
    """The launch file as a user would start it, and a bag for the sensors to see."""
    from ros_isolation import isolate

    isolate()
    share = Path(get_package_share_directory('omnibind'))
    return LaunchDescription(
        [
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(str(share / 'launch' / 'omnibind.launch.py')),
                launch_arguments={
                    'params_file': str(share / 'config' / 'replay.yaml'),
                    'bundle': str(ROOT / 'bundles' / 'omnihome'),
                    'composed': composed,
                    'use_sim_time': 'true',
                }.items(),
            ),
            Node(
                package='omnibind',
                executable='bag_player',
                arguments=[
                    str(ROOT / 'samples' / 'bag_lite'),
                    *('--start', '18', '--duration', '8', '--loop'),
                ],
            ),
            ReadyToTest(),
        ]
    )


def running(wanted: str) -> set[int]:
    """The processes of this launch with a word on their command line that ends like this."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            if any(word.endswith(wanted) for word in process.cmdline()):
                found.add(process.pid)
    return found


class TestPerception(unittest.TestCase):
    """While it runs."""

    def test_recognitions_come_and_come_again_after_kill_9(self, composed: str) -> None:
        """Several sensors; the process that is killed is started again and takes part again."""
        from probe import Probe

        def seen(since: int, names: set[str]) -> bool:
            found = {part.sensor for item in heard[since:] for part in item.contributions}
            return found >= names

        both = {'camera', 'thermal'}
        with Probe() as probe:
            heard = probe.listen(Recognition, 'recognition')
            probe.wait(lambda: seen(0, both), PATIENCE, 'recognitions from several sensors')
            wanted = 'perception' if composed == 'true' else '__node:=thermal'
            (victim,) = running(wanted)
            os.kill(victim, signal.SIGKILL)
            probe.wait(lambda: running(wanted) - {victim}, PATIENCE, 'the restart')
            since = len(heard)
            probe.wait(lambda: seen(since, both), PATIENCE, 'recognitions after the restart')


@launch_testing.post_shutdown_test()
class TestAfterwards(unittest.TestCase):
    """When all has ended."""

    def test_everything_ended_cleanly(self, proc_info: object) -> None:
        """0 each, what was started again too."""
        launch_testing.asserts.assertExitCodes(proc_info)
