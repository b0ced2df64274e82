"""`omnibind evaluate agreement`: whether the live nodes say what the evaluation of bags says."""

from __future__ import annotations

import argparse
from pathlib import Path
import sys

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

EXAMPLE = (
    'omnibind evaluate agreement samples/bag_lite --robot config/replay.yaml '
    '--bundle bundles/omnihome --json agreement.json'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    add = parser.add_argument
    add('bag', type=Path, metavar='BAG', help="a bag's folder, or one file of it")
    add('--robot', type=Path, required=True, metavar='FILE', help='parameter file of the nodes')
    add('--bundle', type=Path, metavar='DIR', help="bundle (default: the parameter file's)")
    add(
        '--truth', default='', metavar='TOPIC|FILE.csv', help='truth (default: a topic named truth)'
    )
    add(
        '--encode-delay',
        action='append',
        default=[],
        metavar='[SENSOR=]SECONDS',
        help='of the offline model (default: the median that each live node reports)',
    )
    add('--rate', type=float, default=1.0, metavar='R', help='bag seconds in one second (1)')
    add(
        '--clock-rate',
        type=float,
        default=40.0,
        metavar='HZ',
        help='ticks of the simulated clock a second: the nodes see no time between (40)',
    )
    add('--least', type=float, default=0.95, metavar='SHARE', help='wanted agreement (0.95)')
    add('--json', type=Path, metavar='FILE', help='write all figures')
    add('--overwrite', action='store_true', help='replace a file that exists')


def run(arguments: argparse.Namespace) -> int:
    """Play, evaluate, compare, print.

    :returns: 1 when they agree less than wanted, or the replayed trace is not what was said.
    :raises ConfigError: for wrong arguments.
    :raises UnavailableError: without ROS.
    """
    from omnibind_ros.bag_evaluation.delays import read_delays

    problems: list[Problem] = []
    delay, delays = read_delays(arguments.encode_delay, problems)
    if not 0.01 <= arguments.rate <= 10.0:
        problems.append(Problem('--rate', f'{arguments.rate:g}', '0.01 to 10'))
    if not 1.0 <= arguments.clock_rate <= 1000.0:
        problems.append(Problem('--clock-rate', f'{arguments.clock_rate:g}', '1 to 1000'))
    if not 0.0 <= arguments.least <= 1.0:
        problems.append(Problem('--least', f'{arguments.least:g}', '0 to 1'))
    if arguments.json is not None and arguments.json.exists() and not arguments.overwrite:
        allowed = 'a new file, or say --overwrite'
        problems.append(Problem('--json', f'{arguments.json}, which exists', allowed))
    if arguments.json is not None and not arguments.json.resolve().parent.is_dir():
        problems.append(Problem('--json', str(arguments.json), 'a file in a folder that exists'))
    if problems:
        raise ConfigError('omnibind evaluate agreement', problems)

    from omnibind_core.cli.ros_needed import need_ros

    need_ros('omnibind evaluate agreement')
    from omnibind_core.data.atomic_file import write_atomically
    from omnibind_core.evaluation.bag.document import text_of
    from omnibind_ros.agreement.compare import Choices
    from omnibind_ros.agreement.compare import compare
    from omnibind_ros.agreement.print_agreement import lines

    found = compare(
        Choices(
            bag=arguments.bag,
            robot=arguments.robot,
            bundle=arguments.bundle,
            truth=arguments.truth,
            delay=delay,
            delays=delays,
            rate=arguments.rate,
            clock_rate=arguments.clock_rate,
            least=arguments.least,
        )
    )
    for problem in found['problems']:
        print(f'warning: {problem}', file=sys.stderr)
    print('\n'.join(lines(found)))
    if arguments.json is not None:
        write_atomically(arguments.json, text_of(found))
    return 0 if found['met'] else 1
