"""The replay's launch file under the real `launch`: it plays, mutes, and ends with the bag."""

from __future__ import annotations

from pathlib import Path
import unittest

import pytest

pytest.importorskip('launch_testing_ros', reason='launch_testing is not installed')

from ament_index_python.packages import get_package_share_directory
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
import launch_testing
from launch_testing.actions import ReadyToTest
import launch_testing.asserts
import launch_testing.markers

from launch import LaunchDescription
from omnibind.msg import Recognition

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # s; a loaded machine of two cores


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description() -> LaunchDescription:
    """Seconds 17 to 25 of the robot's bag without the lidar."""
    from ros_isolation import isolate

    isolate()
    share = Path(get_package_share_directory('omnibind'))
    return LaunchDescription(
        [
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(str(share / 'launch' / 'replay.launch.py')),
                launch_arguments={
                    'bag': str(ROOT / 'samples' / 'bag_lite'),
                    'bundle': str(ROOT / 'bundles' / 'omnihome'),
                    'start_offset': '17',
                    'duration': '8',
                    'mute': 'lidar, /touch/image/compressed',
                    'wait': '100',
                }.items(),
            ),
            ReadyToTest(),
        ]
    )


class TestReplay(unittest.TestCase):
    """While it runs."""

    def test_recognitions_until_the_bag_is_over(self, proc_info: object) -> None:
        """Several sensors, not the muted one; the player ends by itself."""
        from probe import Probe

        with Probe() as probe:
            heard = probe.listen(Recognition, 'recognition')

            def sensors() -> set[str]:
                return {part.sensor for item in heard for part in item.contributions}

            probe.wait(lambda: sensors() >= {'camera', 'thermal'}, PATIENCE, 'both cameras')
            proc_info.assertWaitForShutdown(  # type: ignore[attr-defined]
                process='bag_player', timeout=PATIENCE
            )
            assert not sensors() & {'lidar', 'touch'}


@launch_testing.post_shutdown_test()
class TestAfterwards(unittest.TestCase):
    """When all has ended."""

    def test_everything_ended_cleanly(self, proc_info: object) -> None:
        """0 each."""
        launch_testing.asserts.assertExitCodes(proc_info)

    def test_the_player_told_what_it_did(self, proc_output: object) -> None:
        """One line."""
        launch_testing.asserts.assertInStderr(proc_output, 'messages played', 'bag_player')
