"""Play a bag to the perception: nodes with simulated time, and the bag player.

ros2 launch omnibind replay.launch.py bag:=samples/bag_lite bundle:=bundles/omnihome mute:=lidar
"""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch.actions import DeclareLaunchArgument
from launch.actions import IncludeLaunchDescription
from launch.actions import OpaqueFunction
from launch.actions import Shutdown
from launch.events.process import ProcessExited
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext
from launch import LaunchDescription
from omnibind_core.configuration.robot import read_robot
from omnibind_core.configuration.robot import topics_of

SWITCH = ['true', 'false']
ARGUMENTS = (
    ('bag', None, "The bag's folder, or one file of it."),
    ('params_file', 'replay.yaml', 'The ROS parameter file that lists the sensors.'),
    ('bundle', '', 'Folder of the model bundle; empty: the one the parameter file names.'),
    ('backend', '', 'What runs the models; empty: what the parameter file says.'),
    ('composed', 'true', 'All nodes in one process (perception) instead of one process each.'),
    ('namespace', 'omnibind', 'Namespace of all nodes and topics.'),
    ('log_level', 'info', 'How much the nodes say.'),
    ('rate', '1.0', 'Bag seconds in one second.'),
    ('loop', 'false', 'Begin again at the end.'),
    ('at_loop', 'jump', 'What the clock does then: jump back, or continue with shifted stamps.'),
    ('start_offset', '0.0', 'Begin so many seconds into the bag.'),
    ('duration', '0.0', 'Play so many seconds; 0: to the end.'),
    ('mute', '', 'Sensors or /topics that are not played, separated by commas.'),
    ('wait', '30.0', 'Wait up to so many seconds until the nodes listen.'),
)
CHOICES = {'composed': SWITCH, 'loop': SWITCH, 'at_loop': ['jump', 'continue']}
PASSED_ON = ('params_file', 'bundle', 'backend', 'composed', 'namespace', 'log_level')
LINGER = '2.0'  # s for the last windows to close


def generate_launch_description() -> LaunchDescription:
    default = Path(get_package_share_directory('omnibind')) / 'config' / 'replay.yaml'
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
    robot = read_robot(Path(given['params_file']).expanduser(), bundle=given['bundle'] or None)
    listening = [encoder.parameters.topic for encoder in robot.encoders]
    muted = topics_of(robot, [word.strip() for word in given['mute'].split(',') if word.strip()])
    nodes = Path(get_package_share_directory('omnibind')) / 'launch' / 'omnibind.launch.py'
    player = Node(
        package='omnibind',
        executable='bag_player',
        namespace=given['namespace'],
        output='screen',
        arguments=[
            str(Path(given['bag']).expanduser().resolve()),
            *('--rate', given['rate']),
            *('--start', given['start_offset']),
            *('--duration', given['duration']),
            *('--wait', given['wait']),
            *('--linger', LINGER),
            *('--at-loop', given['at_loop']),
            *(['--loop'] if given['loop'] == 'true' else []),
            *(['--mute', *muted] if muted else []),
            *(['--wait-for', *listening] if listening else []),
        ],
        ros_arguments=['--log-level', given['log_level']],
        on_exit=_played,
    )
    return [
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(nodes)),
            launch_arguments=[
                *((name, given[name]) for name in PASSED_ON),
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
