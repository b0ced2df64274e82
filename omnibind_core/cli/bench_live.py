"""`omnibind bench live`: the nodes as real processes over DDS, measured from outside."""

from __future__ import annotations

import argparse
from pathlib import Path

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.registry import SENSOR_NAMES

EXAMPLE = (
    'omnibind bench live --bundle bundles/omnihome --bag samples/bag_lite '
    '--only latency,window,lite --minutes 5 --json live.json'
)
#: In the order in which they are played; ``full`` only with a bag for it.
SCENARIOS = ('latency', 'window', 'lite', 'composed', 'full', 'silence', 'plug', 'kill')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    add = parser.add_argument
    add('--bundle', type=Path, default=Path('bundles/omnihome'), metavar='DIR', help='to load')
    add('--bag', type=Path, default=Path('samples/bag_lite'), metavar='DIR', help='the lite bag')
    add('--full-bag', type=Path, metavar='DIR', help='a bag for load, played by `full`')
    add('--only', metavar='LIST', help=f'scenarios with commas between: {",".join(SCENARIOS)}')
    add(
        '--messages', type=int, default=500, metavar='N', help='timed of each modality, and windows'
    )
    add('--minutes', type=float, default=5.0, metavar='M', help='the lite bag is looped for (5)')
    add('--modalities', metavar='LIST', help='whose latency is measured (all)')
    add('--rounds', type=int, default=5, metavar='N', help='a sensor comes and goes (5)')
    add('--json', type=Path, metavar='FILE', help='write the figures as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Measure and print.

    :returns: 1 when a scenario failed or missed what is wanted.
    :raises ConfigError: for wrong arguments, or a file that exists.
    :raises UnavailableError: without ROS.
    """
    scenarios = _list(arguments.only, SCENARIOS)
    if arguments.only is None and arguments.full_bag is None:
        scenarios = tuple(name for name in scenarios if name != 'full')
    modalities = _list(arguments.modalities, SENSOR_NAMES)
    problems = _problems(arguments, scenarios, modalities)
    if problems:
        raise ConfigError('omnibind bench live', problems)

    from importlib import import_module
    import json

    from omnibind_core.cli.ros_needed import need_ros

    need_ros('omnibind bench live')
    measure = import_module('omnibind_ros.live_benchmark.scenarios').measure
    document = measure(
        scenarios,
        bundle=arguments.bundle,
        bag=arguments.bag,
        full_bag=arguments.full_bag,
        messages=arguments.messages,
        minutes=arguments.minutes,
        modalities=modalities,
        rounds=arguments.rounds,
        show=lambda line: print(line, flush=True),
    )
    if arguments.json is not None:
        text = json.dumps(document, indent=2)
        arguments.json.write_text(text + '\n', encoding='utf-8')
    return 0 if all(one['met'] for one in document['scenarios'].values()) else 1


def _list(given: str | None, every: tuple[str, ...]) -> tuple[str, ...]:
    """What was asked for, in our order; what we do not know comes last."""
    if given is None:
        return every
    words = [word.strip() for word in given.split(',')]
    known = [name for name in every if name in words]
    return (*known, *(word for word in words if word not in every))


def _problems(
    arguments: argparse.Namespace, scenarios: tuple[str, ...], modalities: tuple[str, ...]
) -> list[Problem]:
    problems = [
        Problem('--only', repr(name), ', '.join(SCENARIOS))
        for name in scenarios
        if name not in SCENARIOS
    ]
    problems += [
        Problem('--modalities', repr(name), ', '.join(SENSOR_NAMES))
        for name in modalities
        if name not in SENSOR_NAMES
    ]
    if 'full' in scenarios and arguments.full_bag is None:
        make = 'omnibind simulate bag --profile full --config config/bag_full.yaml --out DIR'
        problems.append(Problem('--full-bag', '', f'a bag for `full`: {make}'))
    if not 1 <= arguments.messages <= 100_000:
        problems.append(Problem('--messages', str(arguments.messages), '1 to 100000'))
    if not 0.1 <= arguments.minutes <= 1440.0:
        problems.append(Problem('--minutes', f'{arguments.minutes:g}', '0.1 to 1440'))
    if not 1 <= arguments.rounds <= 1000:
        problems.append(Problem('--rounds', str(arguments.rounds), '1 to 1000'))
    if arguments.json is not None and arguments.json.exists():
        problems.append(Problem('--json', f'{arguments.json}, which exists', 'a new file'))
    return problems
