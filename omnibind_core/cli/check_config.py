"""`omnibind check-config`: validate a robot's parameter file without ROS."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
import sys
import textwrap
from typing import TYPE_CHECKING

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

if TYPE_CHECKING:
    from omnibind_core.configuration.robot import Robot

EXAMPLE = 'omnibind check-config config/robot.yaml'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('file', type=Path, nargs='?', help="the robot's YAML file")
    parser.add_argument(
        '--explain', action='store_true', help='list every parameter with its meaning and range'
    )
    parser.add_argument(
        '--bundle',
        type=Path,
        metavar='FOLDER',
        help='the bundle that will be used: check that it has a model for every sensor',
    )
    parser.add_argument(
        '--namespace',
        metavar='NAME',
        help='of the nodes, as the launch file is given it: check that every block reaches one',
    )
    parser.add_argument(
        '--json', type=Path, metavar='FILE', help='write what was understood as JSON'
    )


def run(arguments: argparse.Namespace) -> int:
    """Check; a ConfigError lists every problem."""
    from omnibind_core.configuration.robot import read_robot

    if arguments.explain:
        print(explanation())
        if arguments.file is None:
            return 0
    if arguments.file is None:
        print('error: name a file, or use --explain', file=sys.stderr)
        return 2
    bundle = None if arguments.bundle is None else str(arguments.bundle)
    robot = read_robot(arguments.file, bundle=bundle, namespace=arguments.namespace)
    if arguments.bundle is not None:
        _check_models(robot, arguments.bundle, str(arguments.file))
    for encoder in robot.encoders:
        parameters = encoder.parameters
        rate = f'{parameters.max_rate:g} Hz at most' if parameters.max_rate else 'every message'
        print(f'  {encoder.name:<16} {parameters.modality:<12} {parameters.topic:<32} {rate}')
    if robot.fusion is None:
        print('  no fusion node: this file starts encoders only')
    count = len(robot.encoders)
    print(f'{arguments.file}: valid, {count} sensor{"" if count == 1 else "s"}')
    if arguments.json is not None:
        from dataclasses import asdict

        arguments.json.write_text(json.dumps(asdict(robot), indent=2) + '\n')
    return 0


def _check_models(robot: Robot, folder: Path, source: str) -> None:
    """Every sensor needs a model of its kind.

    :raises ConfigError: with every sensor that has none.
    :raises BundleError: the bundle cannot be read.
    """
    from omnibind_core.inference.bundle import open_bundle

    there = tuple(open_bundle(folder).manifest.modalities)
    problems = [
        Problem(
            f'{one.name}.modality', repr(one.parameters.modality), f'{", ".join(there)} ({folder})'
        )
        for one in robot.encoders
        if one.parameters.modality not in there
    ]
    if problems:
        raise ConfigError(source, problems)


def explanation() -> str:
    """Every parameter of the nodes and of each modality's sensors."""
    from omnibind_core.configuration.parameters import EncoderParameters
    from omnibind_core.configuration.parameters import FusionParameters
    from omnibind_core.modalities.registry import modality
    from omnibind_core.modalities.registry import SENSOR_NAMES

    lines = ['encoder', *_explain(EncoderParameters)]
    for name in SENSOR_NAMES:
        lines += ['', f'encoder, settings.* of modality {name}', *_explain(modality(name).sensor)]
    lines += ['', 'fusion', *_explain(FusionParameters)]
    return '\n'.join(lines)


def _explain(cls: type) -> list[str]:
    from dataclasses import fields
    from dataclasses import MISSING
    from typing import get_type_hints

    from omnibind_core.configuration.option import option_of
    from omnibind_core.configuration.reader import kind_name

    hints = get_type_hints(cls)
    lines = []
    for item in fields(cls):
        described = option_of(item)
        default = 'required' if item.default is MISSING else f'default {item.default!r}'
        live = ', may be changed while running' if described.live else ''
        lines.append(f'  {item.name}: {described.allowed(kind_name(hints[item.name]))}')
        text = f'{described.text} ({default}{live})'
        lines += textwrap.wrap(text, 92, initial_indent='      ', subsequent_indent='      ')
    return lines
