"""The arguments of the launch files, each declared once: `ros2 launch --show-args` prints them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from typing import NamedTuple


class LaunchArgument(NamedTuple):
    """One argument.

    :param name: as typed, ``name:=value``.
    :param default: None where it has to be given; of a file in ``config`` its name.
    :param text: what it does, whole sentences, with the unit where it is a quantity.
    :param choices: the only allowed values; none: anything.
    """

    name: str
    default: str | None
    text: str
    choices: tuple[str, ...] = ()


_SWITCH = ('true', 'false')
_LEVELS = ('debug', 'info', 'warn', 'error', 'fatal')


def _nodes(params_file: str, composed: str) -> tuple[LaunchArgument, ...]:
    """What both files take, for the nodes that both start."""
    return (
        LaunchArgument(
            'params_file',
            params_file,
            'ROS parameter file that lists the sensors, a block for each.',
        ),
        LaunchArgument(
            'bundle',
            '',
            'Folder of the model bundle; empty: the one that the parameter file names.',
        ),
        LaunchArgument(
            'backend',
            '',
            'What runs the models; auto: TensorRT where it and a GPU are found, else ONNX Runtime. '
            'Empty: what the parameter file says.',
            ('', 'auto', 'tensorrt', 'onnxruntime'),
        ),
        LaunchArgument(
            'composed',
            composed,
            'All nodes in one process (perception): less memory. False: one process each, so that '
            'a crash takes one sensor only.',
            _SWITCH,
        ),
        LaunchArgument('namespace', 'omnibind', 'Namespace of all nodes and topics.'),
        LaunchArgument('log_level', 'info', 'The least severe messages that are printed.', _LEVELS),
    )


ROBOT = (
    *_nodes('robot.yaml', 'false'),
    LaunchArgument(
        'use_sim_time', 'false', 'Take the time from /clock: for bags and simulators.', _SWITCH
    ),
    LaunchArgument('respawn', 'true', 'Start a process again, after 1 s, when it dies.', _SWITCH),
    LaunchArgument(
        'build_only',
        'false',
        'Prepare the models for this machine (TensorRT engines), then exit.',
        _SWITCH,
    ),
)
"""Of omnibind.launch.py."""

PASSED_ON = tuple(argument.name for argument in _nodes('', ''))
"""What the replay hands to the robot's launch file as it was given."""

REPLAY = (
    LaunchArgument('bag', None, "The bag's folder, or one file of it."),
    *_nodes('replay.yaml', 'true'),
    LaunchArgument(
        'mute', '', 'Sensors or /topics that are not played, separated by commas: lidar,touch.'
    ),
    LaunchArgument(
        'rate', '1.0', 'Seconds of the bag in one second; lower it on a machine that is too slow.'
    ),
    LaunchArgument('start_offset', '0.0', 'Begin so many seconds into the bag.'),
    LaunchArgument('duration', '0.0', 'Play so many seconds of the bag; 0: to the end.'),
    LaunchArgument('loop', 'false', 'Begin again at the end.', _SWITCH),
    LaunchArgument(
        'at_loop',
        'jump',
        'What the clock does when the bag begins again: jump back, or continue, with the stamps '
        'shifted.',
        ('jump', 'continue'),
    ),
    LaunchArgument(
        'wait',
        '30.0',
        'Wait up to so many seconds, before the bag is played, until the nodes listen.',
    ),
)
"""Of replay.launch.py."""


def declared(arguments: Iterable[LaunchArgument]) -> list[Any]:
    """`launch`'s actions that declare them; a default parameter file is one of the package's."""
    from ament_index_python.packages import get_package_share_directory
    from launch.actions import DeclareLaunchArgument

    config = Path(get_package_share_directory('omnibind')) / 'config'
    return [
        DeclareLaunchArgument(
            name,
            default_value=str(config / default) if name == 'params_file' else default,
            description=text,
            choices=choices or None,
        )
        for name, default, text, choices in arguments
    ]


def given(arguments: Iterable[LaunchArgument], context: Any) -> dict[str, str]:
    """What was typed, or the defaults, by name."""
    from launch.substitutions import LaunchConfiguration

    return {item.name: LaunchConfiguration(item.name).perform(context) for item in arguments}
