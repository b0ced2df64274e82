"""Start an encoder for every sensor of one parameter file, and the fusion node.

ros2 launch omnibind omnibind.launch.py params_file:=/path/to/robot.yaml bundle:=/path/to/bundle
"""

import os
from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch.actions import DeclareLaunchArgument
from launch.actions import OpaqueFunction
from launch.actions import SetEnvironmentVariable
from launch.actions import Shutdown
from launch.events.process import ProcessExited
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext
from launch import LaunchDescription
from omnibind_core.configuration.robot import read_robot
from omnibind_core.configuration.robot import Robot

SWITCH = ['true', 'false']
ARGUMENTS = (
    ('params_file', 'robot.yaml', 'The ROS parameter file that lists the sensors.'),
    ('bundle', '', 'Folder of the model bundle; empty: the one the parameter file names.'),
    ('backend', '', 'What runs the models; empty: what the parameter file says.'),
    ('composed', 'false', 'All nodes in one process (perception) instead of one process each.'),
    ('namespace', 'omnibind', 'Namespace of all nodes and topics.'),
    ('use_sim_time', 'false', 'Take the time from /clock.'),
    ('respawn', 'true', 'Start a process again when it dies.'),
    ('build_only', 'false', 'Prepare the models for this machine (TensorRT engines), then exit.'),
    ('log_level', 'info', 'How much the nodes say.'),
)
CHOICES = {
    'backend': ['', 'auto', 'tensorrt', 'onnxruntime'],
    'composed': SWITCH,
    'use_sim_time': SWITCH,
    'respawn': SWITCH,
    'build_only': SWITCH,
    'log_level': ['debug', 'info', 'warn', 'error', 'fatal'],
}


def generate_launch_description() -> LaunchDescription:
    default = Path(get_package_share_directory('omnibind')) / 'config' / 'robot.yaml'
    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(
                    name,
                    default_value=str(default) if name == 'params_file' else value,
                    description=text,
                    choices=CHOICES.get(name),
                )
                for name, value, text in ARGUMENTS
            ),
            OpaqueFunction(function=_start),
        ]
    )


def _start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    given = {name: LaunchConfiguration(name).perform(context) for name, _, _ in ARGUMENTS}
    file = Path(given['params_file']).expanduser().resolve()
    overrides: dict[str, object] = {'use_sim_time': given['use_sim_time'] == 'true'}
    if given['bundle']:
        overrides['bundle'] = str(Path(given['bundle']).expanduser().resolve())
    if given['backend']:
        overrides['backend'] = given['backend']
    robot = read_robot(file, bundle=overrides.get('bundle'), namespace=given['namespace'])
    build_only = given['build_only'] == 'true'
    common = {
        'package': 'omnibind',
        'namespace': given['namespace'],
        'parameters': [str(file), overrides],
        'respawn': given['respawn'] == 'true' and not build_only,
        'respawn_delay': 1.0,
        'output': 'screen',
        'ros_arguments': ['--log-level', given['log_level']],
    }
    if build_only:
        build = {'arguments': ['--build-only'], 'on_exit': _built, **common}
        nodes = [Node(executable='perception', **build)]
    elif given['composed'] == 'true':
        nodes = [Node(executable='perception', **common)]
    else:
        nodes = [
            Node(executable=executable, name=name, **common)
            for executable, name in _executables(robot)
        ]
    return [*_large_messages(), *nodes]


def _built(event: ProcessExited, context: LaunchContext) -> Shutdown | None:
    """End; with an error when the models could not be prepared, so that scripts notice."""
    if event.returncode and not context.is_shutdown:
        raise RuntimeError('the models could not be prepared; the reason stands above')
    return Shutdown(reason='the models are prepared')


def _executables(robot: Robot) -> list[tuple[str, str]]:
    """Executable and node name of each process."""
    found = [('encoder', encoder.name) for encoder in robot.encoders]
    if robot.fusion is not None:
        found.append(('fusion', 'fusion'))
    return found


def _large_messages() -> list[LaunchDescriptionEntity]:
    """A Fast DDS profile under which pictures and clouds arrive, unless the user has one."""
    names = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
    if any(os.environ.get(name) for name in names):
        return []
    # With transports of its own a participant no longer follows the discovery range.
    alone = os.environ.get('ROS_AUTOMATIC_DISCOVERY_RANGE') == 'LOCALHOST'
    profile = 'fastdds_localhost.xml' if alone else 'fastdds_robot.xml'
    path = Path(get_package_share_directory('omnibind')) / 'config' / 'dds' / profile
    # Jazzy reads the first name, later distributions the second.
    jazzy = os.environ.get('ROS_DISTRO', 'jazzy') == 'jazzy'
    return [SetEnvironmentVariable(names[0] if jazzy else names[1], str(path))]
