"""Start an encoder for every sensor of one parameter file, and the fusion node.

ros2 launch omnibind omnibind.launch.py params_file:=/path/to/robot.yaml bundle:=/path/to/bundle
"""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch.actions import DeclareLaunchArgument
from launch.actions import OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext
from launch import LaunchDescription
from omnibind_core.configuration.robot import read_robot

ARGUMENTS = (
    ('params_file', 'robot.yaml', 'The ROS parameter file that lists the sensors.'),
    ('bundle', '', 'Folder of the model bundle; empty: the one the parameter file names.'),
    ('namespace', 'omnibind', 'Namespace of all nodes and topics.'),
    ('use_sim_time', 'false', 'Take the time from /clock.'),
    ('respawn', 'true', 'Start a node again when it dies.'),
    ('log_level', 'info', 'debug, info, warn, error or fatal.'),
)


def generate_launch_description() -> LaunchDescription:
    default = Path(get_package_share_directory('omnibind')) / 'config' / 'robot.yaml'
    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(
                    name,
                    default_value=str(default) if name == 'params_file' else value,
                    description=text,
                )
                for name, value, text in ARGUMENTS
            ),
            OpaqueFunction(function=_nodes),
        ]
    )


def _nodes(context: LaunchContext) -> list[Node]:
    given = {name: LaunchConfiguration(name).perform(context) for name, _, _ in ARGUMENTS}
    robot = read_robot(Path(given['params_file']).expanduser())
    overrides: dict[str, object] = {'use_sim_time': given['use_sim_time'] == 'true'}
    if given['bundle']:
        overrides['bundle'] = given['bundle']
    started = [('encoder', encoder.name) for encoder in robot.encoders]
    if robot.fusion is not None:
        started.append(('fusion', 'fusion'))
    return [
        Node(
            package='omnibind',
            executable=executable,
            name=name,
            namespace=given['namespace'],
            parameters=[given['params_file'], overrides],
            respawn=given['respawn'] == 'true',
            respawn_delay=1.0,
            output='screen',
            arguments=['--ros-args', '--log-level', given['log_level']],
        )
        for executable, name in started
    ]
