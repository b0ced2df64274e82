"""Start an encoder for every sensor of one parameter file, and the fusion node.

ros2 launch omnibind omnibind.launch.py params_file:=/path/to/robot.yaml bundle:=/path/to/bundle
"""

import os
from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch.actions import OpaqueFunction
from launch.actions import SetEnvironmentVariable
from launch.actions import Shutdown
from launch.events.process import ProcessExited
from launch.launch_description_entity import LaunchDescriptionEntity
from launch_ros.actions import Node

from launch import LaunchContext
from launch import LaunchDescription
from omnibind_core.configuration.robot import read_robot
from omnibind_core.configuration.robot import Robot
from omnibind_ros.launch_arguments import declared
from omnibind_ros.launch_arguments import given
from omnibind_ros.launch_arguments import ROBOT


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription([*declared(ROBOT), OpaqueFunction(function=_start)])


def _start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    typed = given(ROBOT, context)
    file = Path(typed['params_file']).expanduser().resolve()
    overrides: dict[str, object] = {'use_sim_time': typed['use_sim_time'] == 'true'}
    if typed['bundle']:
        overrides['bundle'] = str(Path(typed['bundle']).expanduser().resolve())
    if typed['backend']:
        overrides['backend'] = typed['backend']
    robot = read_robot(file, bundle=overrides.get('bundle'), namespace=typed['namespace'])
    build_only = typed['build_only'] == 'true'
    common = {
        'package': 'omnibind',
        'namespace': typed['namespace'],
        'parameters': [str(file), overrides],
        'respawn': typed['respawn'] == 'true' and not build_only,
        'respawn_delay': 1.0,
        'output': 'screen',
        'ros_arguments': ['--log-level', typed['log_level']],
    }
    if build_only:
        build = {'arguments': ['--build-only'], 'on_exit': _built, **common}
        nodes = [Node(executable='perception', **build)]
    elif typed['composed'] == 'true':
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
