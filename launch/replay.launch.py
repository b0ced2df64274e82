"""Play a bag to the perception: nodes with simulated time, and the bag player.

ros2 launch omnibind replay.launch.py bag:=samples/bag_lite bundle:=bundles/omnihome mute:=lidar
"""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch.actions import IncludeLaunchDescription
from launch.actions import OpaqueFunction
from launch.actions import Shutdown
from launch.events.process import ProcessExited
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.actions import Node

from launch import LaunchContext
from launch import LaunchDescription
from omnibind_core.configuration.robot import read_robot
from omnibind_core.configuration.robot import topics_of
from omnibind_ros.launch_arguments import declared
from omnibind_ros.launch_arguments import given
from omnibind_ros.launch_arguments import PASSED_ON
from omnibind_ros.launch_arguments import REPLAY

LINGER = '2.0'  # s for the last windows to close


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription([*declared(REPLAY), OpaqueFunction(function=_start)])


def _start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    typed = given(REPLAY, context)
    robot = read_robot(Path(typed['params_file']).expanduser(), bundle=typed['bundle'] or None)
    listening = [encoder.parameters.topic for encoder in robot.encoders]
    muted = topics_of(robot, [word.strip() for word in typed['mute'].split(',') if word.strip()])
    nodes = Path(get_package_share_directory('omnibind')) / 'launch' / 'omnibind.launch.py'
    player = Node(
        package='omnibind',
        executable='bag_player',
        namespace=typed['namespace'],
        output='screen',
        arguments=[
            str(Path(typed['bag']).expanduser().resolve()),
            *('--rate', typed['rate']),
            *('--start', typed['start_offset']),
            *('--duration', typed['duration']),
            *('--wait', typed['wait']),
            *('--linger', LINGER),
            *('--at-loop', typed['at_loop']),
            *(['--loop'] if typed['loop'] == 'true' else []),
            *(['--mute', *muted] if muted else []),
            *(['--wait-for', *listening] if listening else []),
        ],
        ros_arguments=['--log-level', typed['log_level']],
        on_exit=_played,
    )
    return [
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(nodes)),
            launch_arguments=[
                *((name, typed[name]) for name in PASSED_ON),
                ('use_sim_time', 'true'),
                # A process that dies is part of what a replay is to show.
                ('respawn', 'false'),
            ],
        ),
        player,
    ]


def _played(event: ProcessExited, context: LaunchContext) -> Shutdown | None:
    """End; with an error when the bag could not be played, so that scripts notice."""
    if event.returncode and not context.is_shutdown:
        raise RuntimeError('the bag could not be played; the reason stands above')
    return Shutdown(reason='the bag is over')
