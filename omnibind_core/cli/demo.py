"""`omnibind demo`: a robot recognises things while its sensors come and go."""

from __future__ import annotations

import argparse
from pathlib import Path

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

EXAMPLE = 'omnibind demo --rate 2 --out runs/demo --json demo.json'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    add = parser.add_argument
    add('--bundle', type=Path, default=Path('bundles/omnihome'), metavar='DIR', help='to load')
    add('--bag', type=Path, default=Path('samples/bag_lite'), metavar='BAG', help='to play')
    add('--robot', type=Path, metavar='FILE', help="its sensors (those of the shipped bag's robot)")
    add(
        '--rate',
        '--speed',
        type=float,
        default=1.0,
        metavar='R',
        help='bag seconds in one second (1)',
    )
    add('--seconds', type=float, default=0.0, metavar='S', help='play the first S seconds (all)')
    add(
        '--out',
        type=Path,
        default=Path('runs/demo'),
        metavar='DIR',
        help="folder of the report (runs/demo); an earlier demo's is replaced",
    )
    add('--no-report', action='store_true', help='do not evaluate the bag offline at the end')
    add('--plain', action='store_true', help='lines instead of the view, also in a terminal')
    add('--json', type=Path, metavar='FILE', help='write the figures as JSON')
    add('--picture', type=Path, metavar='FILE.svg', help='write the view as a picture')
    add(
        '--picture-at',
        type=float,
        default=55.0,
        metavar='S',
        help='second of the bag that it shows (55)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Play, and write the report.

    :returns: 0; 130, 143 or 129 after ctrl-C, SIGTERM or the end of the terminal.
    :raises ConfigError: for wrong arguments.
    :raises UnavailableError: without ROS.
    """
    problems = _problems(arguments)
    if problems:
        raise ConfigError('omnibind demo', problems)

    from importlib import import_module

    from omnibind_core.cli.ros_needed import need_ros
    from omnibind_ros.executables import tune

    tune()
    need_ros('omnibind demo')
    options = import_module('omnibind_ros.demo.options').Options(
        bundle=arguments.bundle.resolve(),
        bag=arguments.bag.resolve(),
        robot=arguments.robot,
        rate=arguments.rate,
        seconds=arguments.seconds,
        out=arguments.out,
        report=not arguments.no_report,
        plain=arguments.plain,
        json=arguments.json,
        picture=arguments.picture,
        picture_at=arguments.picture_at,
    )
    code: int = import_module('omnibind_ros.demo.run').run(options)
    return code


def _problems(arguments: argparse.Namespace) -> list[Problem]:
    problems = []
    if not 0.1 <= arguments.rate <= 10.0:
        problems.append(Problem('--rate', f'{arguments.rate:g}', '0.1 to 10'))
    if not (arguments.seconds == 0.0 or 1.0 <= arguments.seconds <= 1e6):
        problems.append(Problem('--seconds', f'{arguments.seconds:g}', '1 and more; 0: all'))
    if arguments.out.exists() and not arguments.out.is_dir():
        problems.append(Problem('--out', f'{arguments.out}, which is a file', 'a folder'))
    if arguments.json is not None and arguments.json.exists():
        problems.append(Problem('--json', f'{arguments.json}, which exists', 'a new file'))
    if arguments.picture is not None and arguments.picture.suffix != '.svg':
        problems.append(Problem('--picture', str(arguments.picture), 'a name that ends in .svg'))
    for name in ('json', 'picture'):
        path = getattr(arguments, name)
        if path is not None and not path.resolve().parent.is_dir():
            problems.append(Problem(f'--{name}', str(path), 'a file in a folder that exists'))
    if not 0.0 <= arguments.picture_at <= 1e6:
        problems.append(
            Problem('--picture-at', f'{arguments.picture_at:g}', 'a second of the bag, 0 and more')
        )
    return problems
